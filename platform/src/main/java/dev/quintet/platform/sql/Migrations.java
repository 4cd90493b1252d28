package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.postgresql.ds.PGSimpleDataSource;

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

    /** Migrates the platform's schema, then those of the systems. */
    public void migrate(List<String> systems) {
        migrate(PLATFORM);
        systems.forEach(this::migrate);
    }

    /** A migration that waits for a lock makes everybody behind it wait too. */
    private DataSource impatient() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url.jdbc());
        source.setUser(url.user());
        source.setPassword(url.password());
        source.setOptions("-c lock_timeout=2s");
        return source;
    }

    private void migrate(String system) {
        Flyway flyway =
                Flyway.configure(Migrations.class.getClassLoader())
                        .dataSource(impatient())
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
