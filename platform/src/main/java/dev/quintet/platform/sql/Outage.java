package dev.quintet.platform.sql;

import java.time.Duration;
import java.time.Instant;

/**
 * The time before this node joined in which no node served this database, by the database's clock.
 * A window in which a client may repeat something stands still meanwhile. When the last node was
 * killed it begins at its last heartbeat, so up to one heartbeat early.
 */
public record Outage(Instant from, Instant until) {

    /** No time at all. */
    public static final Outage NONE = new Outage(Instant.EPOCH, Instant.EPOCH);

    /** How much of it lies after that moment. */
    public Duration after(Instant moment) {
        Instant begin = moment.isAfter(from) ? moment : from;
        return begin.isBefore(until) ? Duration.between(begin, until) : Duration.ZERO;
    }
}
