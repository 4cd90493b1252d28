package dev.quintet.platform.sql;

import dev.quintet.platform.events.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A fresh database for a test class, copied from a migrated template on the {@linkplain
 * TestPostgres one PostgreSQL} of the test run. It is real: durable, with the same roles and
 * settings as in production.
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

    /** What this JVM made on the run's PostgreSQL. */
    private static final class Server {

        private final DatabaseUrl server = TestPostgres.join();
        private final Map<List<String>, String> templates = new HashMap<>();
        private final Set<String> made = new LinkedHashSet<>();
        private int count;

        Server() {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> List.copyOf(made).forEach(this::drop)));
        }

        DatabaseUrl url(String database) {
            return server.database(database);
        }

        synchronized String copyOfTemplate(List<String> systems) {
            String template =
                    templates.computeIfAbsent(
                            systems,
                            missing -> {
                                String fresh = fresh("template0");
                                new Migrations(url(fresh)).migrate(missing);
                                return fresh;
                            });
            return fresh(template);
        }

        synchronized String fresh(String template) {
            String name = "test_" + ProcessHandle.current().pid() + "_" + ++count;
            execute("create database " + name + " template " + template);
            made.add(name);
            return name;
        }

        synchronized void drop(String name) {
            execute("drop database " + name + " with (force)");
            made.remove(name);
        }

        private void execute(String sql) {
            try (Connection connection = url("postgres").connect();
                    var statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException failure) {
                throw new IllegalStateException(sql, failure);
            }
        }
    }
}
