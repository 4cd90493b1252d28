package dev.quintet.platform.sql;

import java.time.Duration;
import java.time.Instant;

/**
 * The last time in which no node served this database, by the database's clock. When the last node
 * was killed it begins at its last heartbeat, so up to one heartbeat early; it ends when the first
 * node is ready again.
 *
 * @param until {@link Instant#MAX} while it lasts
 */
public record Outage(Instant from, Instant until) {

    /** No time at all. */
    public static final Outage NONE = new Outage(Instant.EPOCH, Instant.EPOCH);

    /**
     * When a window closes in which a client may repeat what got no answer. One that was still open
     * when the outage began is open for its whole length once more after it: clients come back when
     * their own patience says so, not when the server does.
     */
    public Instant closes(Instant opened, Duration window) {
        Instant usual = opened.plus(window);
        if (usual.isBefore(from) || until.isBefore(opened)) {
            return usual;
        }
        return until.equals(Instant.MAX) ? until : until.plus(window);
    }
}
