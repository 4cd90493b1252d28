package dev.quintet.platform.http;

import java.time.Duration;

/**
 * What one socket has sent and nobody has handled: the beginning of a message that is not whole,
 * and whole messages whose turn has not come. Safe for any number of threads.
 */
final class Unhandled implements Backlog.Client {

    private final Backlog.Share share;
    private final Runnable cut;

    // Since when nothing of it was handled; 0 while there is nothing.
    private volatile long since;
    private volatile boolean over;

    // Guarded by this.
    private long bytes;

    // Loop.
    private int beginning;

    /**
     * @param cut ends the socket when all of them have sent too much and this one is the slowest
     */
    Unhandled(Backlog backlog, Runnable cut) {
        this.share = backlog.share(this);
        this.cut = cut;
    }

    /** On the loop: how much is kept now of a message that is not whole. */
    void keeps(int now) {
        int more = now - beginning;
        beginning = now;
        if (more > 0) {
            add(more);
        } else if (more < 0) {
            remove(-more, false);
        }
    }

    /** Not under a lock of the socket: it may cut another one, which takes that one's. */
    void add(long more) {
        if (over) {
            return;
        }
        synchronized (this) {
            if (bytes == 0) {
                since = Backlog.now();
            }
            bytes += more;
        }
        // There is always one to cut: this one waits too.
        var _ = share.hold(more, Duration.ZERO);
    }

    void handled(long less) {
        remove(less, true);
    }

    private void remove(long less, boolean progress) {
        synchronized (this) {
            bytes = Math.max(0, bytes - less);
            if (bytes == 0) {
                since = 0;
            } else if (progress) {
                since = Backlog.now();
            }
        }
        share.release(less);
    }

    void end() {
        over = true;
        share.end();
    }

    @Override
    public long waitingSince() {
        return since;
    }

    @Override
    public void cut() {
        over = true;
        cut.run();
    }
}
