package dev.quintet.platform.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a door has begun and not ended: requests, and what lasts until somebody ends it. Safe for
 * any number of threads.
 */
final class OpenWork {

    /** A socket or an event stream, which ends soon after it is told to. */
    @FunctionalInterface
    interface Lasting {
        void leave();
    }

    private final Set<Stragglers.Client> requests = ConcurrentHashMap.newKeySet();
    private final Set<Lasting> lasting = ConcurrentHashMap.newKeySet();
    private final CountDownLatch quiet = new CountDownLatch(1);
    private volatile boolean leaving;
    private volatile boolean goodbye;

    /**
     * Counts a request; ask {@link #isLeaving} after that, or one could slip in behind the last.
     */
    void begin(Stragglers.Client request) {
        requests.add(request);
    }

    void end(Stragglers.Client request) {
        requests.remove(request);
        tellIfQuiet();
    }

    /** The open requests, as they are right now. */
    Set<Stragglers.Client> requests() {
        return requests;
    }

    void begin(Lasting each) {
        lasting.add(each);
        if (leaving) {
            each.leave();
        }
    }

    void end(Lasting each) {
        lasting.remove(each);
        tellIfQuiet();
    }

    boolean isLeaving() {
        return leaving;
    }

    /** Whether answers are the last of their connections. */
    boolean isGoodbye() {
        return goodbye || leaving;
    }

    void sayGoodbye() {
        goodbye = true;
    }

    /** Nothing new is begun from here on, and what lasts is told to end. */
    void leave() {
        leaving = true;
        lasting.forEach(Lasting::leave);
        tellIfQuiet();
    }

    /** Returns once nothing is open any more, at the latest after this long: whether it is so. */
    boolean awaitQuiet(Duration limit) {
        try {
            return quiet.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("whoever drains is never interrupted", e);
        }
    }

    private void tellIfQuiet() {
        if (leaving && requests.isEmpty() && lasting.isEmpty()) {
            quiet.countDown();
        }
    }
}
