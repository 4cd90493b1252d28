package dev.quintet.platform.events;

import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;

/**
 * Empties the outbox: three tables take turns, and one that every subscriber has read is truncated,
 * which costs nothing per row. Never waits for a lock: busy means later.
 */
final class Rotation {

    private final Database db;
    private final RotationStore store;
    private final Duration every;

    Rotation(Database db, RotationStore store, Duration every) {
        this.db = db;
        this.store = store;
        this.every = every;
    }

    /** One turn, under the lease of whoever does it. */
    void turn() {
        int current = db.read(store::current);
        for (int table = 0; table < OutboxStore.TABLES; table++) {
            if (table != current) {
                empty(table);
            }
        }
        int next = (current + 1) % OutboxStore.TABLES;
        db.run(tx -> {
            if (store.isEmpty(tx, next)) {
                store.turnTo(tx, next, every);
            }
        });
        db.run(store::dropOldTicks);
    }

    private void empty(int table) {
        if (db.read(tx -> store.isEmpty(tx, table))) {
            return;
        }
        try {
            db.run(tx -> emptyLocked(tx, table));
        } catch (RuntimeException failure) {
            if (Database.state(failure).filter("55P03"::equals).isEmpty()) {
                throw failure;
            }
        }
    }

    // The check is a statement of its own after the lock: whoever wrote here has ended by then, and
    // the check's snapshot sees it.
    private void emptyLocked(Tx tx, int table) {
        store.lock(tx, table);
        if (store.isRead(tx, table)) {
            store.truncate(tx, table);
        }
    }
}
