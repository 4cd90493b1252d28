package dev.quintet.platform.bus;

import dev.quintet.platform.sql.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bus over PostgreSQL: hints reach this process at once and the other nodes in batches, by one
 * connection that notifies at most twenty times a second, because notifying takes a lock over the
 * whole cluster. A second connection listens. Two virtual threads own one connection each.
 */
public final class PostgresBus implements Bus {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresBus.class);
    private static final int WAITING = 4_096;
    private static final Duration APART = Duration.ofMillis(50);
    private static final Duration RECONNECT = Duration.ofSeconds(1);
    private static final int LISTEN_MILLIS = 250;

    // A network that forgets a connection says nothing: whoever only listens must ask.
    private static final Duration QUIET = Duration.ofSeconds(10);
    private static final String LISTEN = "listen quintet_bus";
    private static final String NOTIFY = "select pg_notify('quintet_bus', ?)";

    private final LocalBus local = new LocalBus();
    private final DatabaseUrl url;
    private final UUID node;
    private final Duration quiet;
    private final BlockingQueue<Hint> waiting = new ArrayBlockingQueue<>(WAITING);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    public PostgresBus(DatabaseUrl url, UUID node) {
        this(url, node, QUIET);
    }

    /**
     * @param quiet how long nothing may come of a connection before it is asked whether it lives,
     *     and how long that answer may take
     */
    PostgresBus(DatabaseUrl url, UUID node, Duration quiet) {
        this.url = url;
        this.node = node;
        this.quiet = quiet;
        threads.add(Thread.ofVirtual().name("bus/notify").start(() -> keep(this::notifyOthers)));
        threads.add(Thread.ofVirtual().name("bus/listen").start(() -> keep(this::listen)));
    }

    @Override
    public void publish(String topic, byte[] payload) {
        local.publish(topic, payload);
        // An equal hint that still waits says the same.
        Hint hint = new Hint(topic, payload);
        if (!waiting.offer(hint)) {
            waiting.poll();
            waiting.offer(hint);
        }
    }

    @Override
    public Subscription subscribe(String topic, Consumer<byte[]> listener) {
        return local.subscribe(topic, listener);
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while closing", nobodyInterrupts);
        }
        local.close();
    }

    /** What one thread does with its connection until it fails. */
    private interface Use {

        void run(Connection connection) throws SQLException, InterruptedException;
    }

    private void keep(Use use) {
        while (closing.getCount() > 0) {
            try (Connection connection = url.connect()) {
                connection.setNetworkTimeout(Runnable::run, Math.toIntExact(quiet.toMillis()));
                use.run(connection);
            } catch (SQLException | RuntimeException failure) {
                LOG.warn("the bus is cut off, hints are late: {}", failure.getMessage());
                pause(RECONNECT);
            } catch (InterruptedException nobodyInterrupts) {
                throw new IllegalStateException("interrupted on the bus", nobodyInterrupts);
            }
        }
    }

    private void notifyOthers(Connection connection) throws SQLException, InterruptedException {
        try (PreparedStatement notify = connection.prepareStatement(NOTIFY)) {
            while (closing.getCount() > 0) {
                Hint first = waiting.poll(LISTEN_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    notify.setString(1, Batch.of(node, first, waiting));
                    notify.execute();
                    pause(APART);
                }
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(LISTEN);
            PGConnection notices = connection.unwrap(PGConnection.class);
            long lastSign = System.nanoTime();
            while (closing.getCount() > 0) {
                PGNotification[] heard = notices.getNotifications(LISTEN_MILLIS);
                if (heard != null && heard.length > 0) {
                    List.of(heard).forEach(this::hear);
                    lastSign = System.nanoTime();
                } else if (System.nanoTime() - lastSign > quiet.toNanos()) {
                    statement.execute("select 1");
                    lastSign = System.nanoTime();
                }
            }
        }
    }

    /** Whatever it says: any role of the database may notify, and a newer node say it otherwise. */
    private void hear(PGNotification notice) {
        try {
            Batch.readOthers(node, notice.getParameter())
                    .forEach(hint -> local.publish(hint.topic(), hint.payload()));
        } catch (RuntimeException unreadable) {
            LOG.warn("a notification on the bus is none of ours", unreadable);
        }
    }

    private void pause(Duration time) {
        try {
            closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted on the bus", nobodyInterrupts);
        }
    }
}
