package dev.quintet.notify;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When the next attempt may start: exponential with full jitter, so that receivers that come back
 * are not met by all senders at once. A receiver's own wish counts up to {@code cap}.
 *
 * @param attempts the attempt after which a delivery has failed
 */
public record Backoff(Duration first, Duration cap, int attempts) {

    public static Backoff usual() {
        return new Backoff(Duration.ofSeconds(2), Duration.ofHours(1), 12);
    }

    public Backoff {
        if (first.isNegative() || first.isZero() || cap.compareTo(first) < 0 || attempts < 1) {
            throw new IllegalArgumentException(
                    "a backoff grows: " + first + " to " + cap + ", " + attempts + " attempts");
        }
    }

    boolean exhausted(int attempt) {
        return attempt >= attempts;
    }

    Duration after(int attempt, Optional<Duration> wish, RandomGenerator random) {
        if (wish.isPresent()) {
            return wish.get().compareTo(cap) < 0 ? wish.get() : cap;
        }
        long ceiling = Math.min(cap.toMillis(), first.toMillis() << Math.min(attempt - 1, 30));
        return Duration.ofMillis(first.toMillis() / 2 + random.nextLong(ceiling));
    }
}
