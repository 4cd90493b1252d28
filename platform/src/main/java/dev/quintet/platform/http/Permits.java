package dev.quintet.platform.http;

import dev.quintet.platform.PlatformRefusal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The bounds on concurrent work: one semaphore per lane, and one per lane and system for its share.
 * Safe for any number of threads.
 */
public final class Permits {

    private final HttpConfig.LaneLimits limits;
    private final Map<Lane, Semaphore> lanes = new EnumMap<>(Lane.class);
    private final Map<Share, Semaphore> shares = new ConcurrentHashMap<>();

    public Permits(HttpConfig.LaneLimits limits) {
        this.limits = limits;
        for (Lane lane : Lane.values()) {
            lanes.put(lane, new Semaphore(limits.of(lane), true));
        }
    }

    /** Waits its turn in the lane; refuses with {@code BUSY} when that takes too long. */
    public Permit take(Lane lane, String system) {
        Semaphore share = shares.computeIfAbsent(new Share(lane, system), this::ofShare);
        Semaphore whole = lane(lane);
        long end = System.nanoTime() + limits.patience().toNanos();
        if (!taken(share, end)) {
            throw busy(system);
        }
        if (!taken(whole, end)) {
            share.release();
            throw busy(system);
        }
        return () -> {
            whole.release();
            share.release();
        };
    }

    /** How many are taken now. */
    int busy(Lane lane) {
        return limits.of(lane) - lane(lane).availablePermits();
    }

    private Semaphore lane(Lane lane) {
        return java.util.Objects.requireNonNull(lanes.get(lane));
    }

    private Semaphore ofShare(Share share) {
        return new Semaphore(
                Math.max(1, limits.of(share.lane) * limits.sharePercent() / 100), true);
    }

    private static boolean taken(Semaphore semaphore, long end) {
        try {
            return semaphore.tryAcquire(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("request threads are never interrupted", e);
        }
    }

    private static RuntimeException busy(String system) {
        return PlatformRefusal.BUSY.because(system).retryAfter(Duration.ofSeconds(1));
    }

    private record Share(Lane lane, String system) {}

    /** The right to do one piece of work; closing it lets the next one in. */
    @FunctionalInterface
    public interface Permit extends AutoCloseable {
        @Override
        void close();
    }
}
