package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What any PostgreSQL must be before we acknowledge anything with it: recent and durable.
 *
 * @param version as {@code server_version_num}, e.g. 180006
 */
record ServerCheck(int version, String fsync, String fullPageWrites, String synchronousCommit) {

    private static final int OLDEST = 17;
    private static final String SETTINGS =
            """
            select current_setting('server_version_num')::int,
                   current_setting('fsync'),
                   current_setting('full_page_writes'),
                   current_setting('synchronous_commit')
            """;

    static ServerCheck of(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(SETTINGS)) {
            row.next();
            return new ServerCheck(
                    row.getInt(1), row.getString(2), row.getString(3), row.getString(4));
        }
    }

    void require() {
        if (version / 10_000 < OLDEST) {
            throw new StartRefused(
                    "this PostgreSQL has version %d; Quintet needs %d or newer"
                            .formatted(version / 10_000, OLDEST));
        }
        requireOn("fsync", fsync);
        requireOn("full_page_writes", fullPageWrites);
        requireOn("synchronous_commit", synchronousCommit);
    }

    private static void requireOn(String setting, String value) {
        if (value.equals("off")) {
            throw new StartRefused(
                    "PostgreSQL runs with %s = off, so what it acknowledges can be lost; set it to on and restart"
                            .formatted(setting));
        }
    }
}
