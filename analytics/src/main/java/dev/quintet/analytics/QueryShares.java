package dev.quintet.analytics;

import dev.quintet.platform.PlatformRefusal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Leaves at least one query's place to the other organisations: whoever asks for long answers waits
 * for itself.
 */
final class QueryShares {

    private final int each;
    private final Duration patience;

    // Guarded by this; holds those organisations alone that ask or wait.
    private final Map<UUID, Share> shares = new HashMap<>();

    private static final class Share {
        private final Semaphore free;
        private int users;

        Share(int places) {
            this.free = new Semaphore(places, true);
        }
    }

    /**
     * @param places how many queries run at once in all
     * @param patience how long one waits for those of its own organisation
     */
    QueryShares(int places, Duration patience) {
        this.each = Math.max(1, places - 1);
        this.patience = patience;
    }

    <T> T in(UUID organisation, Supplier<T> query) {
        Share share = enter(organisation);
        try {
            if (!share.free.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw PlatformRefusal.BUSY
                        .because("this organisation's share of the queries")
                        .retryAfter(Duration.ofSeconds(1));
            }
            try {
                return query.get();
            } finally {
                share.free.release();
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted before a query", nobodyInterrupts);
        } finally {
            leave(organisation, share);
        }
    }

    private synchronized Share enter(UUID organisation) {
        Share share = shares.computeIfAbsent(organisation, any -> new Share(each));
        share.users++;
        return share;
    }

    private synchronized void leave(UUID organisation, Share share) {
        share.users--;
        if (share.users == 0) {
            shares.remove(organisation);
        }
    }
}
