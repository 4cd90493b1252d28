package dev.quintet.platform;

import java.time.Duration;

/**
 * The moment by which a request must have its answer, on the monotonic clock. Nobody interrupts:
 * whoever waits asks how much is left (SQL gets it as {@code statement_timeout}).
 */
public record Deadline(long nanos) {

    /** Far enough to be none: about a century. */
    public static final Deadline NONE = in(Duration.ofDays(36_500));

    public static Deadline in(Duration limit) {
        return new Deadline(System.nanoTime() + limit.toNanos());
    }

    public Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    public boolean passed() {
        return nanos - System.nanoTime() <= 0;
    }
}
