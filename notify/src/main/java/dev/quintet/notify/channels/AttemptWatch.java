package dev.quintet.notify.channels;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of one attempt's time: cuts the connection that the attempt is at, from a thread of its
 * own.
 */
final class AttemptWatch implements AutoCloseable {

    private final CountDownLatch done = new CountDownLatch(1);

    // Guarded by this.
    private @Nullable SmtpConnection current;
    private boolean late;

    AttemptWatch(Duration limit) {
        Thread.ofVirtual().name("smtp-watch").start(() -> cutAfter(limit));
    }

    /** The attempt goes on over this connection. */
    synchronized void on(SmtpConnection connection) {
        current = connection;
        if (late) {
            connection.cut();
        }
    }

    synchronized boolean late() {
        return late;
    }

    private void cutAfter(Duration limit) {
        try {
            if (!done.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                expire();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the watch", e);
        }
    }

    private synchronized void expire() {
        // The attempt may have ended in between, and its connection be another's by now.
        if (done.getCount() == 0) {
            return;
        }
        late = true;
        if (current != null) {
            current.cut();
        }
    }

    @Override
    public synchronized void close() {
        done.countDown();
    }
}
