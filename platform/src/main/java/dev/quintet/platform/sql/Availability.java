package dev.quintet.platform.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the database answers. One thread asks on a connection of its own, once a second, and at
 * once when somebody lost a connection; everybody else reads what it found, so that no request and
 * no probe waits for a database that is away.
 */
final class Availability implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Availability.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LOOK_WHILE_AWAY = Duration.ofMillis(250);

    // Longer than a busy server takes to answer an empty query, shorter than a balancer waits.
    private static final Duration ANSWER = Duration.ofSeconds(3);

    // A full server answers: it has no connection for one more.
    private static final String TOO_MANY_CONNECTIONS = "53300";

    private final DatabaseUrl url;
    private final Semaphore looks = new Semaphore(0);
    private volatile @Nullable String problem;
    private volatile boolean closed;

    // Owned by the thread.
    private @Nullable Connection connection;
    private long awaySince;

    Availability(DatabaseUrl url) {
        this.url = url;
        Thread.ofVirtual().name("database-watch").start(this::watch);
    }

    /** What is wrong, without addresses and secrets; empty while the database answers. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** A connection was lost or not to be had: looks now. */
    void suspect() {
        looks.release();
    }

    @Override
    public void close() {
        closed = true;
        looks.release();
    }

    private void watch() {
        while (!closed) {
            look();
            await(problem == null ? LOOK : LOOK_WHILE_AWAY);
        }
        disconnect();
    }

    private void look() {
        try {
            Connection open = connection;
            if (open == null) {
                open = url.connect(ANSWER);
                connection = open;
            }
            if (open.isValid(Math.toIntExact(ANSWER.toSeconds()))) {
                answers();
                return;
            }
            away("does not answer within " + ANSWER.toSeconds() + " s");
        } catch (SQLException failure) {
            if (TOO_MANY_CONNECTIONS.equals(failure.getSQLState())) {
                answers();
            } else {
                away("cannot be reached (SQLSTATE " + failure.getSQLState() + ")");
            }
        }
        disconnect();
    }

    private void answers() {
        if (problem != null) {
            problem = null;
            LOG.info(
                    "the database is back after {} s",
                    Duration.ofNanos(System.nanoTime() - awaySince).toSeconds());
        }
    }

    private void away(String why) {
        if (problem == null && !closed) {
            awaySince = System.nanoTime();
            LOG.warn("the database {}; requests that need it are refused until it does", why);
        }
        problem = why;
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException gone) {
                LOG.debug("the watch's connection was gone already", gone);
            }
        }
    }

    private void await(Duration pause) {
        try {
            if (looks.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                looks.drainPermits();
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted between two looks", nobodyInterrupts);
        }
    }
}
