package dev.quintet.platform.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for clients, all of one kind together: open requests, bytes of bodies that are not
 * whole, bytes of answers or messages that are not taken. When it is full, the client that has kept
 * the server waiting for longest, all in all, is cut, so that slowness costs the slow. Safe for any
 * number of threads.
 */
final class Backlog {

    /** A connection or request that may keep the server waiting. */
    interface Client {

        /**
         * {@link System#nanoTime} at which the client's turn began, as if it were a single one; 0
         * while it is the server's.
         */
        long waitingSince();

        /** Ends the waiting: the connection is closed, or the request is refused. */
        void cut();
    }

    private final long most;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong cuts = new AtomicLong();
    private final Set<Share> shares = ConcurrentHashMap.newKeySet();

    /**
     * @param most units (requests or bytes) that may wait at once
     */
    Backlog(long most) {
        this.most = most;
    }

    Share share(Client client) {
        return new Share(client);
    }

    long held() {
        return held.get();
    }

    /** How many clients were cut so far. */
    long cuts() {
        return cuts.get();
    }

    /** As {@link Client#waitingSince} tells it, where zero says that nobody waits. */
    static long now() {
        return System.nanoTime() | 1;
    }

    private boolean makeRoom(Duration leastWait) {
        while (held.get() > most) {
            if (!cutSlowest(leastWait)) {
                return false;
            }
        }
        return true;
    }

    private boolean cutSlowest(Duration leastWait) {
        long now = System.nanoTime();
        Share slowest = null;
        long longest = leastWait.toNanos();
        for (Share share : shares) {
            long since = share.client.waitingSince();
            if (since != 0 && now - since >= longest) {
                slowest = share;
                longest = now - since;
            }
        }
        if (slowest == null) {
            return false;
        }
        // Another thread may have found the same one; then there is room by its hand.
        if (slowest.end()) {
            cuts.incrementAndGet();
            slowest.client.cut();
        }
        return true;
    }

    /** One client's part. */
    final class Share {

        private final Client client;
        private final AtomicLong mine = new AtomicLong();

        private Share(Client client) {
            this.client = client;
        }

        /**
         * Adds to the part; false when the whole is full and no client, this one included, has kept
         * the server waiting for as long as {@code leastWait}. The addition stays until it is
         * released all the same.
         */
        boolean hold(long more, Duration leastWait) {
            shares.add(this);
            mine.addAndGet(more);
            held.addAndGet(more);
            return makeRoom(leastWait);
        }

        void release(long less) {
            long before = mine.getAndUpdate(now -> Math.max(0, now - less));
            held.addAndGet(-Math.min(before, less));
        }

        /** Gives all of it back; true for the first of several callers. */
        boolean end() {
            held.addAndGet(-mine.getAndSet(0));
            return shares.remove(this);
        }
    }
}
