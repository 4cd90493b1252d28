package dev.quintet.platform.http;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The bounds on concurrent work: one semaphore per lane, one per lane and system for its share, and
 * for streams, which last as long as their clients please, one per caller and per organisation.
 * Safe for any number of threads.
 */
public final class Permits {

    // Of the streams; a browser or a sync tool has a handful open.
    private static final int PART_OF_ONE = 8;
    private static final int LEAST_OF_ONE = 16;
    private static final int PART_OF_ORGANISATION = 2;

    private final HttpConfig.LaneLimits limits;
    private final Map<Lane, Semaphore> lanes = new EnumMap<>(Lane.class);
    private final Map<Share, Semaphore> shares = new ConcurrentHashMap<>();
    private final Map<String, Part> parts = new ConcurrentHashMap<>();

    public Permits(HttpConfig.LaneLimits limits) {
        this.limits = limits;
        for (Lane lane : Lane.values()) {
            lanes.put(lane, new Semaphore(limits.of(lane), true));
        }
    }

    /** Waits its turn in the lane; refuses with {@code BUSY} when that takes too long. */
    Permit take(Lane lane, String system, Holder holder) {
        long end = System.nanoTime() + limits.patience().toNanos();
        Taken taken = new Taken(end);
        try {
            // Its own part first: whoever waits for that keeps nobody else waiting.
            if (lane == Lane.STREAMS) {
                taken.part(holder.name, ofOne(), "this caller's part of the streams");
                holder.organisation.ifPresent(organisation ->
                        taken.part(
                                organisation.toString(),
                                ofOrganisation(),
                                "this organisation's part of the streams"));
            }
            taken.one(shares.computeIfAbsent(new Share(lane, system), this::ofShare), system);
            taken.one(lane(lane), system);
            return taken;
        } catch (Refused full) {
            taken.close();
            throw full;
        }
    }

    /** How many are taken now. */
    int busy(Lane lane) {
        return limits.of(lane) - lane(lane).availablePermits();
    }

    private Semaphore lane(Lane lane) {
        return java.util.Objects.requireNonNull(lanes.get(lane));
    }

    private int ofOne() {
        return Math.max(LEAST_OF_ONE, limits.of(Lane.STREAMS) / PART_OF_ONE);
    }

    private int ofOrganisation() {
        return Math.max(LEAST_OF_ONE, limits.of(Lane.STREAMS) / PART_OF_ORGANISATION);
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

    private record Share(Lane lane, String system) {}

    /** What one holder may have; forgotten when nobody has or wants any of it. */
    private record Part(Semaphore free, int users) {

        Part users(int more) {
            return new Part(free, users + more);
        }
    }

    /** Who holds a permit: a credential of an organisation, or a client's address. */
    record Holder(String name, Optional<UUID> organisation) {

        static Holder of(UUID organisation, String credential) {
            return new Holder(organisation + " " + credential, Optional.of(organisation));
        }

        static Holder of(Optional<Caller> caller, String address) {
            return caller.map(known -> of(known.organisation(), known.credential()))
                    .orElseGet(() -> new Holder(address, Optional.empty()));
        }
    }

    /** What one request has taken so far, given back in reverse. */
    private final class Taken implements Permit {

        private final long end;
        private final Deque<Runnable> back = new ArrayDeque<>(4);

        Taken(long end) {
            this.end = end;
        }

        void part(String name, int most, String what) {
            Part part =
                    parts.merge(
                            name,
                            new Part(new Semaphore(most, true), 1),
                            (known, _) -> known.users(1));
            back.push(() ->
                    parts.computeIfPresent(
                            name, (_, known) -> known.users == 1 ? null : known.users(-1)));
            one(part.free, what);
        }

        void one(Semaphore semaphore, String what) {
            if (!taken(semaphore, end)) {
                throw PlatformRefusal.BUSY.because(what).retryAfter(Duration.ofSeconds(1));
            }
            back.push(semaphore::release);
        }

        @Override
        public void close() {
            while (!back.isEmpty()) {
                back.pop().run();
            }
        }
    }

    /** The right to do one piece of work; closing it lets the next one in. */
    @FunctionalInterface
    public interface Permit extends AutoCloseable {
        @Override
        void close();
    }
}
