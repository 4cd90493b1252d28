package dev.quintet.platform.sql;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.StartRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded PostgreSQL: one cluster in one folder, started, adopted when it outlived us, and
 * stopped last. It listens on a free port of 127.0.0.1 alone and has no Unix socket, whose path
 * would be limited to 107 bytes.
 */
public final class PostgresProcess implements AutoCloseable {

    static final String USER = "quintet";
    private static final String DATABASE = "quintet";
    private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
    private static final Duration DYING = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    /**
     * @param home holds the cluster and its log; its owner is who PostgreSQL runs as when we are
     *     root
     * @param library where the programs are unpacked once
     * @param password of the only role; never written to a file that stays
     */
    public record Settings(
            Path home, Path library, String password, DataSize sharedBuffers, int maxConnections) {

        public Settings {
            home = home.toAbsolutePath().normalize();
            if (maxConnections < 10) {
                throw new IllegalArgumentException("too few connections: " + maxConnections);
            }
        }

        @Override
        public String toString() {
            return "Settings[" + home + "]";
        }
    }

    private final Settings settings;
    private final PostgresFolder folder;
    private final PostgresBinaries programs;
    private final Unprivileged runner;
    private final int port;
    private final DatabaseUrl url;
    private volatile boolean closing;

    private PostgresProcess(
            Settings settings,
            PostgresFolder folder,
            PostgresBinaries programs,
            Unprivileged runner,
            int port) {
        this.settings = settings;
        this.folder = folder;
        this.programs = programs;
        this.runner = runner;
        this.port = port;
        this.url = DatabaseUrl.local(port, DATABASE, USER, settings.password());
    }

    /** Starts PostgreSQL in its folder, or adopts the one that still runs there. */
    public static PostgresProcess start(Settings settings) {
        PostgresFolder folder = PostgresFolder.in(settings.home());
        PostgresBinaries programs = PostgresBinaries.in(settings.library());
        Unprivileged runner = Unprivileged.over(settings.home());
        if (!folder.holdsCluster()) {
            folder.initialise(programs, runner, settings.password());
        }
        Optional<Integer> adopted = adopt(settings, folder);
        int port =
                adopted.orElseGet(() ->
                        launch(settings, folder, programs, runner, PostgresProcess::freePort));
        PostgresProcess process = new PostgresProcess(settings, folder, programs, runner, port);
        try {
            process.prepare();
        } catch (RuntimeException refused) {
            process.close();
            throw refused;
        }
        return process;
    }

    public DatabaseUrl url() {
        return url;
    }

    /** The postmaster, while it runs. */
    public Optional<Long> pid() {
        return folder.postmaster().map(PostgresFolder.Postmaster::pid);
    }

    /**
     * From now on a PostgreSQL that dies under us (killed, out of memory) is started again at the
     * same address; it recovers what was committed, and the pools connect again.
     */
    public PostgresProcess keepAlive() {
        Thread.ofVirtual().name("postgres-guard").start(this::guard);
        return this;
    }

    private void guard() {
        while (!closing) {
            folder.postmaster()
                    .flatMap(running -> ProcessHandle.of(running.pid()))
                    .ifPresent(running -> running.onExit().join());
            startAgain();
        }
    }

    /** Never beside {@link #close}, which would not know of what is just starting. */
    private synchronized void startAgain() {
        if (closing || folder.postmaster().isPresent()) {
            return;
        }
        LOG.error("PostgreSQL ended by itself; starting it again");
        try {
            folder.disarmStalePidFile();
            launch(settings, folder, programs, runner, () -> port);
            LOG.info("PostgreSQL serves again");
        } catch (RuntimeException failure) {
            LOG.error("PostgreSQL could not be started again; trying on", failure);
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /** Ends every session and stops PostgreSQL after its last checkpoint. */
    @Override
    public synchronized void close() {
        closing = true;
        if (folder.postmaster().isEmpty()) {
            return;
        }
        Unprivileged.Outcome stopped =
                runner.run(
                        settings.home(),
                        programs.program("pg_ctl"),
                        "stop",
                        "--pgdata=" + folder.data(),
                        "--mode=fast",
                        "--timeout=60",
                        "--silent");
        if (stopped.status() != 0 && folder.postmaster().isPresent()) {
            LOG.error("PostgreSQL in {} did not stop: {}", folder.data(), stopped.output());
        }
    }

    /** The port of a PostgreSQL that outlived its server; waits for one that is just dying. */
    private static Optional<Integer> adopt(Settings settings, PostgresFolder folder) {
        long giveUp = System.nanoTime() + DYING.toNanos();
        String seen = "";
        while (System.nanoTime() < giveUp) {
            Optional<PostgresFolder.Postmaster> postmaster = folder.postmaster();
            if (postmaster.isEmpty()) {
                folder.disarmStalePidFile();
                return Optional.empty();
            }
            int port = postmaster.get().port();
            try (Connection connection = connect(settings, port, "postgres")) {
                Adoption.of(connection, folder).endOtherSessions();
                LOG.info("adopted the PostgreSQL that still ran, pid {}", postmaster.get().pid());
                return Optional.of(port);
            } catch (SQLException notYet) {
                refuseWrongPassword(notYet, folder);
                seen = notYet.getMessage();
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        throw new StartRefused(
                "a PostgreSQL runs in "
                        + folder.data()
                        + " and neither serves nor ends ("
                        + seen
                        + "); end it by hand: kill -INT $(head -1 "
                        + folder.data().resolve("postmaster.pid")
                        + ")");
    }

    private static void refuseWrongPassword(SQLException failure, PostgresFolder folder) {
        if (String.valueOf(failure.getSQLState()).startsWith("28")) {
            throw new StartRefused(
                    "the PostgreSQL in "
                            + folder.data()
                            + " was made with another master key; give this node the master key"
                            + " of its data directory",
                    failure);
        }
    }

    private static int launch(
            Settings settings,
            PostgresFolder folder,
            PostgresBinaries programs,
            Unprivileged runner,
            IntSupplier ports) {
        long giveUp = System.nanoTime() + DYING.toNanos();
        while (true) {
            int port = ports.getAsInt();
            folder.truncateLog();
            // pg_ctl puts the postmaster into a session of its own, out of reach of our Ctrl-C.
            Unprivileged.Outcome started =
                    runner.run(
                            settings.home(),
                            programs.program("pg_ctl"),
                            "start",
                            "--pgdata=" + folder.data(),
                            "--log=" + folder.log(),
                            "--wait",
                            "--timeout=600",
                            "--silent",
                            "--options=" + options(settings, port));
            if (started.status() == 0) {
                return port;
            }
            String log = folder.logTail();
            // Children of a killed postmaster take a moment to notice; a free port can be lost.
            boolean passing =
                    log.contains("is still in use") || log.contains("Address already in use");
            if (!passing || System.nanoTime() > giveUp) {
                throw new StartRefused(
                        "PostgreSQL did not start in "
                                + folder.data()
                                + "; its log says: "
                                + (log.isBlank() ? started.output() : log));
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    // Terse and without statements: a log line must not carry a value out of a row.
    private static String options(Settings settings, int port) {
        return String.join(
                " ",
                "-p " + port,
                "-h 127.0.0.1",
                "-c unix_socket_directories=''",
                "-c max_connections=" + settings.maxConnections(),
                "-c shared_buffers=" + settings.sharedBuffers().bytes() / 1024 + "kB",
                "-c client_connection_check_interval=1s",
                "-c log_min_messages=warning",
                "-c log_min_error_statement=panic",
                "-c log_error_verbosity=terse",
                "-c max_wal_size=1GB",
                "-c recovery_init_sync_method=" + (syncsWhole() ? "syncfs" : "fsync"),
                "-c jit=off",
                "-c timezone=UTC");
    }

    // After a crash one sync instead of a thousand; from Linux 5.8 on it tells what it could not
    // write.
    private static boolean syncsWhole() {
        String[] version = System.getProperty("os.version").split("[^0-9]+", 3);
        return System.getProperty("os.name").equals("Linux")
                && version.length > 1
                && Integer.parseInt(version[0]) * 1000 + Integer.parseInt(version[1]) >= 5008;
    }

    private void prepare() {
        try (Connection connection = connect(settings, port, "postgres")) {
            ServerCheck.of(connection).require();
            try (var statement = connection.createStatement();
                    var found =
                            statement.executeQuery(
                                    "select from pg_database where datname = '" + DATABASE + "'")) {
                if (!found.next()) {
                    statement.execute("create database " + DATABASE);
                }
            }
        } catch (SQLException failure) {
            refuseWrongPassword(failure, folder);
            throw new IllegalStateException("PostgreSQL started but does not serve", failure);
        }
    }

    private static Connection connect(Settings settings, int port, String database)
            throws SQLException {
        return DatabaseUrl.local(port, database, USER, settings.password()).connect();
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException("no free port on 127.0.0.1", failure);
        }
    }

    @Override
    public String toString() {
        return "PostgresProcess[" + folder.data() + "]";
    }
}
