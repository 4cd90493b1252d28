package dev.quintet.notify;

import java.time.Duration;
import java.util.Locale;

/** How urgent a notification is. Each priority is a lane of its own: own partition, own workers, own connections. */
public enum Priority {
    CRITICAL(32, 16, Duration.ofMillis(2)),
    HIGH(32, 32, Duration.ofMillis(5)),
    NORMAL(64, 128, Duration.ofMillis(20)),
    BULK(64, 256, Duration.ofMillis(100));

    private final int workers;
    private final int batch;
    private final Duration linger;

    Priority(int workers, int batch, Duration linger) {
        this.workers = workers;
        this.batch = batch;
        this.linger = linger;
    }

    /** At most so many attempts of this lane are under way on one node; a hanging receiver holds no other lane's. */
    int workers() {
        return workers;
    }

    /** At most so many deliveries are claimed, and outcomes stored, in one transaction. */
    int batch() {
        return batch;
    }

    /** How long outcomes wait for company before they are stored together. */
    Duration linger() {
        return linger;
    }

    /** The lane's number in the database; it is the order here, so constants are never reordered. */
    short lane() {
        return (short) ordinal();
    }

    static Priority ofLane(int lane) {
        return values()[lane];
    }

    /** The word on the wire, e.g. {@code critical}. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
