package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** Proof that a running PostgreSQL is the cluster of our folder, before its sessions are ended. */
final class Adoption {

    private static final String IDENTITY =
            """
            select system_identifier, current_setting('data_directory')
            from pg_catalog.pg_control_system()
            """;
    private static final String END_OTHERS =
            """
            select pg_catalog.pg_terminate_backend(pid, 5000)
            from pg_catalog.pg_stat_activity
            where pid <> pg_catalog.pg_backend_pid()
              and backend_type = 'client backend'
            """;

    private final Connection connection;

    private Adoption(Connection connection) {
        this.connection = connection;
    }

    static Adoption of(Connection connection, PostgresFolder folder) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(IDENTITY)) {
            row.next();
            long identifier = row.getLong(1);
            Path directory = Path.of(row.getString(2));
            if (identifier != folder.systemIdentifier() || !directory.equals(folder.data())) {
                throw new StartRefused(
                        "the PostgreSQL that %s names is cluster %d in %s, not cluster %d in %s; stop it, or give this server another data directory"
                                .formatted(
                                        folder.data().resolve("postmaster.pid"),
                                        identifier,
                                        directory,
                                        folder.systemIdentifier(),
                                        folder.data()));
            }
        }
        return new Adoption(connection);
    }

    /** What a dead server left open would hold locks and connections. */
    void endOtherSessions() throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(END_OTHERS);
        }
    }
}
