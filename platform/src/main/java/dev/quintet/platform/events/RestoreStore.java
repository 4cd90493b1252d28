package dev.quintet.platform.events;

import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;

/**
 * After a restore into another cluster, whose transaction ids start anew: announces what was not
 * delivered again, by the positions that were restored with it, and sets the positions to here.
 */
final class RestoreStore {

    private static final String MOVED =
            """
            select state.system_identifier <> control.system_identifier
            from platform.outbox_state state
            cross join pg_control_system() control
            """;
    private static final String HERE = "select pg_current_snapshot()::text";
    private static final String LOCK =
            """
            lock table platform.outbox_0, platform.outbox_1, platform.outbox_2, platform.outbox_state
            in access exclusive mode
            """;
    private static final String KEEP_UNDELIVERED =
            """
            create temporary table undelivered on commit drop as
            select row_number() over (order by id) as place,
                   event_id, organisation, name, version, key, body, announced_at
            from platform.outbox announced
            where exists (
                select
                from platform.subscribers
                where event = announced.name
                  and not pg_visible_in_snapshot(announced.xid, from_snapshot)
                  and not (pg_visible_in_snapshot(announced.xid, to_snapshot)
                           and announced.id <= last_id))
            """;
    private static final String EMPTY =
            "truncate platform.outbox_0, platform.outbox_1, platform.outbox_2, platform.ticks";
    private static final String ANNOUNCE =
            """
            insert into platform.outbox_0
                (event_id, organisation, name, version, key, body, announced_at)
            select event_id, organisation, name, version, key, body, announced_at
            from undelivered
            order by place
            """;
    private static final String REPOSITION =
            """
            update platform.subscribers
            set from_snapshot = cast(:here as pg_snapshot),
                to_snapshot = cast(:here as pg_snapshot),
                tick = 0,
                last_id = 0
            """;
    private static final String RESTART_TICKS =
            "alter sequence platform.ticks_id_seq restart with 1";
    private static final String SETTLE =
            """
            update platform.outbox_state
            set current = 0,
                settled = false,
                system_identifier = (select system_identifier from pg_control_system())
            """;

    private final Database db;

    RestoreStore(Database db) {
        this.db = db;
    }

    void announceAgain() {
        if (moved()) {
            db.run(this::announceAgain);
        }
    }

    private boolean moved() {
        return db.read(tx -> tx.handle().createQuery(MOVED).mapTo(Boolean.class).one());
    }

    private void announceAgain(Tx tx) {
        // Before this transaction has an id of its own: what it writes lies beyond this snapshot.
        String here = tx.handle().createQuery(HERE).mapTo(String.class).one();
        tx.handle().execute(LOCK);
        if (!tx.handle().createQuery(MOVED).mapTo(Boolean.class).one()) {
            return;
        }
        tx.handle().execute(KEEP_UNDELIVERED);
        tx.handle().execute(EMPTY);
        tx.handle().execute(ANNOUNCE);
        tx.handle().createUpdate(REPOSITION).bind("here", here).execute();
        tx.handle().execute(RESTART_TICKS);
        tx.handle().execute(SETTLE);
    }
}
