package dev.quintet.platform.sql;

import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import dev.quintet.platform.keys.Place;
import java.time.LocalDate;

/**
 * Makes a repeated request have one effect and one answer, for at least 24 hours: the key's row and
 * the effect commit in one transaction. Slow work (a password hash) is done before.
 */
public final class Once {

    private final Database db;
    private final AnswerStore store = new AnswerStore();
    private final Keys keys;
    private final Pepper pepper;

    public Once(Database db, Keys keys) {
        this.db = db;
        this.keys = keys;
        this.pepper = keys.pepper("idempotent request bodies");
        keepDays();
    }

    /** Likewise in a system's share of the database. */
    public Once within(Database share) {
        return new Once(share, keys, pepper);
    }

    private Once(Database db, Keys keys, Pepper pepper) {
        this.db = db;
        this.keys = keys;
        this.pepper = pepper;
    }

    /**
     * Runs {@code work} unless this caller's {@code key} has been answered, and then gives that
     * answer. Equal requests at the same time wait for the first one.
     *
     * @param bodyHash SHA-256 of the request; the same key with another one is refused
     */
    public byte[] run(Caller caller, String key, byte[] bodyHash, Work<byte[]> work) {
        return db.tx(tx -> {
            // A unique index cannot span days: the lock is what makes a key single.
            store.lock(tx, caller, key);
            LocalDate today = store.today(tx);
            var earlier = store.find(tx, today, caller, key);
            if (earlier.isPresent()) {
                if (!pepper.matches(bodyHash, earlier.get().bodyHash)) {
                    throw IDEMPOTENCY_KEY_REUSED.because(key);
                }
                return keys.open(earlier.get().answer, place(caller, key));
            }
            byte[] answer = work.run(tx);
            byte[] sealed = keys.seal(answer, place(caller, key));
            store.insert(tx, today, caller, key, pepper.hash(bodyHash), sealed);
            return answer;
        });
    }

    /** Makes the days ahead and drops those that nobody may ask for; run a few times a day. */
    public void keepDays() {
        db.run(store::makeDays);
        for (String day : db.read(store::oldDays)) {
            try {
                db.run(tx -> store.drop(tx, day));
            } catch (RuntimeException failure) {
                // Busy means later.
                if (Database.state(failure).filter("55P03"::equals).isEmpty()) {
                    throw failure;
                }
            }
        }
    }

    private static Place place(Caller caller, String key) {
        return new Place(
                "platform.answers",
                "answer",
                caller.organisation() + " " + caller.credential() + " " + key);
    }
}
