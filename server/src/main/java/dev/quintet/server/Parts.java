package dev.quintet.server;

import dev.quintet.platform.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is open, closed in reverse; one that fails to close keeps no other from it. */
final class Parts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

    // For each part, however late it is.
    private static final Duration LEAST = Duration.ofSeconds(1);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T open(T part) {
        open.push(part);
        return part;
    }

    @Override
    public void close() {
        close(Deadline.NONE);
    }

    /**
     * All but the first share the time, and one that outlasts it is left behind, as if killed. The
     * first, on which they all stand, is closed to its end.
     */
    void close(Deadline end) {
        while (open.size() > 1) {
            AutoCloseable part = open.pop();
            Thread closing =
                    Thread.ofPlatform().daemon().name("close").start(() -> closeQuietly(part));
            if (!ends(closing, end.left())) {
                LOG.warn("{} did not close in time and is left behind", name(part));
            }
        }
        if (!open.isEmpty()) {
            closeQuietly(open.pop());
        }
    }

    private static boolean ends(Thread closing, Duration left) {
        try {
            return closing.join(left.compareTo(LEAST) > 0 ? left : LEAST);
        } catch (InterruptedException e) {
            throw new IllegalStateException("whoever closes is never interrupted", e);
        }
    }

    private static void closeQuietly(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception failed) {
            LOG.warn("{} did not close cleanly", name(part), failed);
        }
    }

    private static String name(AutoCloseable part) {
        return part.getClass().getSimpleName();
    }
}
