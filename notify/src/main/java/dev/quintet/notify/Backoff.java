package dev.quintet.notify;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When the next attempt may start: the steps in their order, then the last one again and again,
 * until so long after the first attempt. Up to a fifth comes on top by chance, so that receivers
 * that come back are not met by all senders at once. A receiver's own wish can only make it later.
 *
 * @param end how long after its first attempt a delivery has failed
 */
public record Backoff(List<Duration> steps, Duration end) {

    private static final Duration LONGEST_WISH = Duration.ofDays(1);

    // Standard Webhooks proposes days; RFC 5321 section 4.5.4.1 four to five of them for mail.
    private static final List<Duration> STEPS =
            List.of(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofHours(3),
                    Duration.ofHours(6),
                    Duration.ofHours(12));

    public static Backoff usual(ChannelKind channel) {
        return new Backoff(
                STEPS,
                switch (channel) {
                    case EMAIL -> Duration.ofDays(4);
                    case INAPP, WEBHOOK -> Duration.ofDays(3);
                });
    }

    public Backoff {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.stream().anyMatch(step -> !step.isPositive())) {
            throw new IllegalArgumentException("a backoff waits at each step: " + steps);
        }
    }

    /** Whether what has no end by time, since nobody waits for it, was tried often enough. */
    boolean exhausted(int attempt) {
        return attempt > steps.size();
    }

    /**
     * The wait before the next attempt.
     *
     * @param attempt the one that failed, from 1
     */
    Duration after(int attempt, Optional<Duration> wish, RandomGenerator random) {
        Duration own = steps.get(Math.min(attempt, steps.size()) - 1);
        Duration asked = shorter(wish.orElse(Duration.ZERO), LONGEST_WISH);
        Duration least = own.compareTo(asked) > 0 ? own : asked;
        return least.plusMillis(random.nextLong(least.toMillis() / 5 + 1));
    }

    /**
     * Whether a delivery has failed for good.
     *
     * @param age since its first attempt
     * @param pause the wait that would be next
     */
    boolean isOver(Duration age, Duration pause) {
        return age.plus(pause).compareTo(end) > 0;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
