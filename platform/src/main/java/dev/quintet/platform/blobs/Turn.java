package dev.quintet.platform.blobs;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One request's turn on a blob in receipt. Another request may ask it to end. */
final class Turn {

    private static final long UNKNOWN = -1;

    private final Closeable source;
    private final boolean isBrief;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean ended;
    private volatile long durable = UNKNOWN;

    private Turn(Closeable source, boolean isBrief) {
        this.source = source;
        this.isBrief = isBrief;
    }

    /** A turn that only looks at files: worth waiting for. */
    static Turn brief() {
        return new Turn(() -> {}, true);
    }

    /** A turn that lasts as long as its sender; closing its source makes a read that waits fail. */
    static Turn append(Closeable source) {
        return new Turn(source, false);
    }

    boolean isBrief() {
        return isBrief;
    }

    boolean isEnded() {
        return ended;
    }

    /** How far the append under way is durable, once it knows. */
    OptionalLong durable() {
        long now = durable;
        return now == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(now);
    }

    void durable(long offset) {
        durable = offset;
    }

    void over() {
        over.countDown();
    }

    /** Asks the turn to end and waits for that; false when it took longer. */
    boolean end(Duration wait) {
        ended = true;
        closeSource();
        return awaitOver(wait);
    }

    boolean awaitOver(Duration wait) {
        try {
            return over.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void closeSource() {
        try {
            source.close();
        } catch (IOException broken) {
            // Broken is what it was to become: its reader meets the same.
            ended = true;
        }
    }
}
