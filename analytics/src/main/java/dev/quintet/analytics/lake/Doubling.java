package dev.quintet.analytics.lake;

import java.time.Duration;

/**
 * A time that doubles with each failure, up to a bound, and begins anew with a success. Safe for
 * any number of threads.
 */
public final class Doubling {

    private final Duration first;
    private final Duration longest;

    // Guarded by this.
    private Duration now;

    public Doubling(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.now = first;
    }

    public synchronized Duration now() {
        return now;
    }

    /**
     * What follows.
     *
     * @param used what was not enough: two that fail side by side double it once
     */
    public synchronized Duration failed(Duration used) {
        Duration twice = used.multipliedBy(2);
        Duration next = twice.compareTo(longest) < 0 ? twice : longest;
        if (next.compareTo(now) > 0) {
            now = next;
        }
        return now;
    }

    public synchronized void succeeded() {
        now = first;
    }

    /** A time for people, e.g. {@code 60 s}. */
    public static String shown(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
