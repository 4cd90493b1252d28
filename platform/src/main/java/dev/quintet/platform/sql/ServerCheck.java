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

    private static final int PATIENCE_SECONDS = 10;

    /**
     * Refuses one that does not answer, is too old or not durable, or lies behind a pooler that
     * gives sessions away.
     */
    static void require(DatabaseUrl url) {
        try (var one = url.connect();
                var two = url.connect()) {
            of(one).require();
            if (!keepsSession(one, two)) {
                throw new StartRefused(
                        "there is a connection pooler such as pgbouncer between this server and PostgreSQL,"
                                + " and what one connection sets, another one has; let it pool by session,"
                                + " or let database.url name PostgreSQL itself: this server has pools of its own");
            }
        } catch (SQLException failure) {
            throw new StartRefused(
                    "PostgreSQL at %s does not answer (%s); start it or correct database.url"
                            .formatted(url, failure.getMessage()),
                    failure);
        }
    }

    /** A pooler by transaction gives the session of {@code one}, idle now, to {@code two}. */
    private static boolean keepsSession(Connection one, Connection two) throws SQLException {
        try (var mine = one.createStatement();
                var other = two.createStatement()) {
            mine.setQueryTimeout(PATIENCE_SECONDS);
            other.setQueryTimeout(PATIENCE_SECONDS);
            mine.execute("set quintet.session = 'mine'");
            two.setAutoCommit(false);
            try (var row = other.executeQuery("select current_setting('quintet.session', true)")) {
                row.next();
                return !"mine".equals(row.getString(1));
            }
        }
    }

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
