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
    private final Kind kind;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean ended;
    private volatile long durable = UNKNOWN;

    private enum Kind {
        BRIEF,
        APPEND,
        WHOLE
    }

    private Turn(Closeable source, Kind kind) {
        this.source = source;
        this.kind = kind;
    }

    /** A turn that only looks at files: worth waiting for. */
    static Turn brief() {
        return new Turn(() -> {}, Kind.BRIEF);
    }

    /** A turn that lasts as long as its sender; closing its source makes a read that waits fail. */
    static Turn append(Closeable source) {
        return new Turn(source, Kind.APPEND);
    }

    /** A turn that lasts as long as its sender, whom nobody may end: it could not resume. */
    static Turn whole() {
        return new Turn(() -> {}, Kind.WHOLE);
    }

    boolean isBrief() {
        return kind == Kind.BRIEF;
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
        if (kind != Kind.WHOLE) {
            ended = true;
            closeSource();
        }
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
