package dev.quintet.notify;

import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How urgent a notification is. Each priority is a lane of its own: own partition, own workers, own
 * connections.
 */
public enum Priority {
    CRITICAL(0, 32, 16, Duration.ofMillis(2)),
    HIGH(1, 32, 32, Duration.ofMillis(5)),
    NORMAL(2, 64, 128, Duration.ofMillis(20)),
    BULK(3, 64, 256, Duration.ofMillis(100));

    private final short lane;
    private final int workers;
    private final int batch;
    private final Duration linger;

    Priority(int lane, int workers, int batch, Duration linger) {
        this.lane = (short) lane;
        this.workers = workers;
        this.batch = batch;
        this.linger = linger;
    }

    static Priority ofLane(int lane) {
        return Stream.of(values())
                .filter(priority -> priority.lane == lane)
                .findFirst()
                .orElseThrow();
    }

    /** The lane's number in the database. */
    short lane() {
        return lane;
    }

    /**
     * At most so many attempts of this lane are under way on one node; a hanging receiver holds no
     * other lane's.
     */
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

    /** The word on the wire, e.g. {@code critical}. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
