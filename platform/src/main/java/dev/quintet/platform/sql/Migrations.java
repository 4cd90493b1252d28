package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings each system's schema up to this release, from {@code
 * dev/quintet/<system>/schema/001-*.sql}, with a history of its own. Two nodes may do it at once.
 */
public final class Migrations {

    private static final String PLATFORM = "platform";
    private static final int ATTEMPTS = 10;
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final DatabaseUrl url;

    public Migrations(DatabaseUrl url) {
        this.url = url;
    }

    /**
     * Migrates the platform's schema, then those of the systems; looks at none that this release
     * has already brought up, because seven looks take a third of a start.
     */
    public void migrate(List<String> systems) {
        ServerCheck.require(url);
        Map<String, String> brought = brought();
        for (String system : Stream.concat(Stream.of(PLATFORM), systems.stream()).toList()) {
            String files = MigrationFiles.fingerprint(system);
            if (!files.equals(brought.get(system))) {
                migrate(system);
                remember(system, files);
            }
        }
    }

    private Map<String, String> brought() {
        Map<String, String> brought = new HashMap<>();
        try (var connection = url.connect();
                var statement = connection.createStatement()) {
            try (var table =
                    statement.executeQuery("select to_regclass('platform.schema_files')")) {
                table.next();
                if (table.getString(1) == null) {
                    return brought;
                }
            }
            try (var rows =
                    statement.executeQuery("select system, files from platform.schema_files")) {
                while (rows.next()) {
                    brought.put(rows.getString("system"), rows.getString("files"));
                }
            }
            return brought;
        } catch (SQLException failure) {
            throw unreachable(failure);
        }
    }

    private void remember(String system, String files) {
        String sql =
                """
                insert into platform.schema_files (system, files)
                values (?, ?)
                on conflict (system) do update set files = excluded.files
                """;
        try (var connection = url.connect();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, system);
            statement.setString(2, files);
            statement.executeUpdate();
        } catch (SQLException failure) {
            throw unreachable(failure);
        }
    }

    private StartRefused unreachable(SQLException failure) {
        return new StartRefused(
                "PostgreSQL at %s does not answer (%s); start it or correct database.url"
                        .formatted(url, failure.getMessage()),
                failure);
    }

    private void migrate(String system) {
        Flyway flyway =
                Flyway.configure(Migrations.class.getClassLoader())
                        .dataSource(url.jdbc(), url.user(), url.password())
                        // A migration that waits for a lock makes everybody behind it wait too.
                        .initSql("set lock_timeout = '2s'")
                        .locations("classpath:dev/quintet/" + system + "/schema")
                        .failOnMissingLocations(true)
                        .defaultSchema(system)
                        .createSchemas(true)
                        .table("schema_history")
                        .sqlMigrationPrefix("")
                        .sqlMigrationSeparator("-")
                        .validateMigrationNaming(true)
                        .cleanDisabled(true)
                        .load();
        for (int attempt = 1; ; attempt++) {
            try {
                flyway.migrate();
                return;
            } catch (FlywayException failure) {
                boolean locked = Database.state(failure).filter("55P03"::equals).isPresent();
                if (!locked || attempt == ATTEMPTS) {
                    throw new StartRefused(
                            "the schema '%s' could not be brought up to date: %s"
                                    .formatted(system, failure.getMessage()),
                            failure);
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}
