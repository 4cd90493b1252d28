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

    // What the session of somebody else says to the driver's own statements.
    private static final String NO_SUCH_STATEMENT = "26000";

    /**
     * Refuses one that does not answer, is too old or not durable, or lies behind a pooler that
     * gives sessions away.
     */
    static void require(DatabaseUrl url) {
        try (var one = url.connect();
                var two = url.connect()) {
            of(one).require();
            if (!keepsSession(one, two)) {
                throw pooler();
            }
        } catch (SQLException failure) {
            throw NO_SUCH_STATEMENT.equals(failure.getSQLState())
                    ? pooler()
                    : new StartRefused(
                            "PostgreSQL at %s does not answer (%s); start it or correct database.url"
                                    .formatted(url, failure.getMessage()),
                            failure);
        }
    }

    private static StartRefused pooler() {
        return new StartRefused(
                "there is a connection pooler such as pgbouncer between this server and PostgreSQL,"
                        + " which gives sessions away between transactions; let it pool by session,"
                        + " or let database.url name PostgreSQL itself: this server has pools of its own");
    }

    /**
     * A pooler by transaction gives the session of {@code one}, idle in between, to {@code two}, or
     * takes its sessions in turn.
     */
    private static boolean keepsSession(Connection one, Connection two) throws SQLException {
        one.setAutoCommit(false);
        two.setAutoCommit(false);
        int session = session(one);
        one.commit();
        boolean kept = session(one) == session;
        one.commit();
        session(two);
        kept &= session(one) == session;
        one.commit();
        two.commit();
        return kept;
    }

    private static int session(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setQueryTimeout(PATIENCE_SECONDS);
            try (var row = statement.executeQuery("select pg_backend_pid()")) {
                row.next();
                return row.getInt(1);
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
