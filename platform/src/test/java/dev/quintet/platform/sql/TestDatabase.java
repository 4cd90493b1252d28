package dev.quintet.platform.sql;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.events.Event;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fresh database for a test class, copied from a migrated template on the one PostgreSQL of this
 * JVM. It is real: durable, with the same roles and settings as in production.
 */
public final class TestDatabase implements AutoCloseable {

    private static final Server SERVER = new Server();

    private final String name;
    private final DatabaseUrl url;
    private final Database database;

    private TestDatabase(String name, DatabaseUrl url, Announcer announcer) {
        this.name = name;
        this.url = url;
        this.database = Database.open(url, Database.Limits.DEFAULT, announcer);
    }

    /** A database with the platform's schema and those of {@code systems}. */
    public static TestDatabase create(String... systems) {
        return create(TestDatabase::nobodyListens, systems);
    }

    /** Likewise, with the outbox that the test looks at. */
    public static TestDatabase create(Announcer announcer, String... systems) {
        String name = SERVER.copyOfTemplate(List.of(systems));
        return new TestDatabase(name, SERVER.url(name), announcer);
    }

    /** An empty database without any schema. */
    public static DatabaseUrl empty() {
        return SERVER.url(SERVER.fresh("template0"));
    }

    public Database database() {
        return database;
    }

    public DatabaseUrl url() {
        return url;
    }

    @Override
    public void close() {
        database.close();
        SERVER.drop(name);
    }

    private static void nobodyListens(Tx tx, List<? extends Event> events) {
        throw new IllegalStateException("this test has no outbox: " + events);
    }

    /** The PostgreSQL of this JVM and its templates. */
    private static final class Server {

        private final PostgresProcess process;
        private final Map<List<String>, String> templates = new HashMap<>();
        private final AtomicInteger count = new AtomicInteger();

        Server() {
            Path target = Path.of("target").toAbsolutePath();
            Path library =
                    Path.of(
                            System.getProperty("java.io.tmpdir"),
                            "quintet-test-" + System.getProperty("user.name"));
            process =
                    PostgresProcess.start(
                            new PostgresProcess.Settings(
                                    target.resolve("postgres-" + ProcessHandle.current().pid()),
                                    library,
                                    "for tests only",
                                    DataSize.mebibytes(128),
                                    200));
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
        }

        DatabaseUrl url(String database) {
            return process.url().database(database);
        }

        synchronized String copyOfTemplate(List<String> systems) {
            String template =
                    templates.computeIfAbsent(
                            systems,
                            missing -> {
                                String made = fresh("template0");
                                new Migrations(url(made)).migrate(missing);
                                return made;
                            });
            return fresh(template);
        }

        synchronized String fresh(String template) {
            String name = "test_" + count.incrementAndGet();
            execute("create database " + name + " template " + template);
            return name;
        }

        void drop(String name) {
            execute("drop database " + name + " with (force)");
        }

        private void execute(String sql) {
            try (Connection connection = url("postgres").connect();
                    var statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException failure) {
                throw new IllegalStateException(sql, failure);
            }
        }

        private void stop() {
            process.close();
            try {
                PostgresBinaries.delete(
                        Path.of("target")
                                .toAbsolutePath()
                                .resolve("postgres-" + ProcessHandle.current().pid()));
            } catch (java.io.IOException left) {
                System.err.println("left behind: " + left.getMessage());
            }
        }
    }
}
