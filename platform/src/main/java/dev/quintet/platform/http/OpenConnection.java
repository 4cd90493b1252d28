package dev.quintet.platform.http;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: it has a place among all, and its client owes the next head. Owned by the
 * connection's event loop, but for {@link #answered} and what {@link Backlog} asks.
 */
final class OpenConnection implements Backlog.Client {

    // A client is not slow before that; a burst of new connections must not cut each other.
    private static final Duration SLOW = Duration.ofSeconds(1);

    private final Channel channel;
    private final Duration headTimeout;
    private final long largestHead;
    private final Backlog.Share place;
    private final Backlog.Share memory;

    // Since when the head, or its next byte after none, is waited for; 0 while it is not.
    private volatile long since;

    // Guarded by this.
    private int requests;
    private boolean handedOver;

    private boolean begun;
    private @Nullable Future<?> deadline;

    OpenConnection(Channel channel, HttpConfig config, Around.Backlogs backlogs) {
        this.channel = channel;
        this.headTimeout = config.headTimeout();
        this.largestHead = config.maxHeaders().bytes() + config.maxRequestLine().bytes();
        this.place = backlogs.connections().share(this);
        this.memory = backlogs.heads().share(this);
    }

    /** Takes a place, or closes the connection when all are taken by others that are not slow. */
    void enter() {
        boolean room = place.hold(1, SLOW);
        channel.closeFuture()
                .addListener(closed -> {
                    place.end();
                    memory.end();
                });
        if (!room) {
            cut();
        }
    }

    /** The first head is due from now on. */
    void expectHead() {
        since = Backlog.now();
        limit();
    }

    /** A part of a head has come, and not its end. */
    void headBegins() {
        if (begun) {
            return;
        }
        begun = true;
        synchronized (this) {
            if (requests == 0) {
                since = Backlog.now();
            }
        }
        if (deadline == null) {
            limit();
        }
        if (!memory.hold(largestHead, Duration.ZERO)) {
            cut();
        }
    }

    void headIsWhole() {
        synchronized (this) {
            requests++;
            since = 0;
        }
        noLimit();
        if (begun) {
            begun = false;
            memory.release(largestHead);
        }
    }

    /** On any thread. */
    synchronized void answered() {
        requests--;
        if (requests == 0 && !handedOver) {
            since = Backlog.now();
        }
    }

    /** It is no HTTP any more, and waited for by nobody here. */
    void handOver() {
        synchronized (this) {
            handedOver = true;
            since = 0;
        }
        noLimit();
        memory.end();
        // Else sockets, which last, would leave no place for anybody who asks for a page.
        place.end();
    }

    private void limit() {
        deadline =
                channel.eventLoop()
                        .schedule(this::late, headTimeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void noLimit() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void late() {
        if (channel.config().isAutoRead()) {
            cut();
        } else {
            // What is not read cannot be late.
            limit();
        }
    }

    @Override
    public long waitingSince() {
        return since;
    }

    @Override
    public void cut() {
        var _ = channel.close();
    }
}
