package dev.quintet.platform.caller;

import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counters that every node polls, so that what one node revokes is forgotten by all within a
 * second. A node that cannot ask trusts nothing it has cached.
 */
public final class Versions implements AutoCloseable {

    /** How often nodes ask; revocation promises one second. */
    public static final Duration OFTEN_ENOUGH = Duration.ofMillis(300);

    private static final Logger log = LoggerFactory.getLogger(Versions.class);

    /**
     * What a cached value must have been read under to count.
     *
     * @param failures polls that failed since the start
     */
    public record Stamp(long failures, long version) {}

    private record Seen(long failures, Map<String, Long> versions) {}

    private final VersionStore store = new VersionStore();
    private final Database db;
    private final Duration every;
    private final Thread poller;
    private volatile Seen seen = new Seen(0, Map.of());
    private volatile boolean closed;

    public Versions(Database db, Duration every) {
        this.db = db;
        this.every = every;
        poll();
        this.poller = Thread.ofVirtual().name("versions").start(this::run);
    }

    /** Read before loading what is to be cached. */
    public Stamp current(String name) {
        Seen now = seen;
        return new Stamp(now.failures(), now.versions().getOrDefault(name, 0L));
    }

    /** With this transaction's commit, everything cached under the name is old, on every node. */
    public void raise(Tx tx, String name) {
        store.raise(tx, name);
        tx.afterCommit(this::poll);
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(every.toNanos());
            if (!closed) {
                poll();
            }
        }
    }

    private synchronized void see(Seen next) {
        // A slow poll must not put back what a later one has seen.
        boolean older =
                next.versions().entrySet().stream()
                        .anyMatch(each ->
                                each.getValue() < seen.versions().getOrDefault(each.getKey(), 0L));
        if (!older) {
            seen = next;
        }
    }

    private void poll() {
        long failures = seen.failures();
        try {
            see(new Seen(failures, db.read(store::all)));
        } catch (RuntimeException failure) {
            if (!closed) {
                log.warn(
                        "revocations cannot be polled, nothing cached is trusted: {}",
                        failure.toString());
            }
            see(new Seen(failures + 1, seen.versions()));
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(poller);
    }
}
