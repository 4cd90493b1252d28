package dev.quintet.platform.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.quintet.platform.StartRefused;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;

/** A bounded set of connections to one database. */
final class Pool implements AutoCloseable {

    private final HikariDataSource connections;
    private final Jdbi jdbi;
    private final Duration statementLimit;

    /** Connects, or says in a sentence why the pool cannot. */
    static Pool open(String name, DatabaseUrl url, int size, Database.Limits limits) {
        try {
            return new Pool(name, url, size, limits);
        } catch (HikariPool.PoolInitializationException failure) {
            throw new StartRefused(
                    "no connection to PostgreSQL at %s (%s)".formatted(url, failure.getMessage()),
                    failure);
        }
    }

    private Pool(String name, DatabaseUrl url, int size, Database.Limits limits) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(url.jdbc());
        config.setUsername(url.user());
        config.setPassword(url.password());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(Math.min(2, size));
        config.setConnectionTimeout(limits.patience().toMillis());
        config.addDataSourceProperty("ApplicationName", "quintet " + name);
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        config.addDataSourceProperty(DatabaseUrl.DETAIL_IN_ERRORS, "false");
        // No start-up option: a pooler by session would not carry it.
        config.setConnectionInitSql("set statement_timeout = " + limits.statement().toMillis());
        // A dead network: what statement_timeout would have ended is given up on here.
        config.addDataSourceProperty(
                "socketTimeout", Long.toString(limits.statement().toSeconds() + 30));
        connections = new HikariDataSource(config);
        jdbi = Jdbi.create(connections);
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(MessageRendering.NONE);
        statementLimit = limits.statement();
    }

    /** A handle on a connection of this pool; closing it gives the connection back. */
    Handle open() {
        return jdbi.open();
    }

    Duration statementLimit() {
        return statementLimit;
    }

    int busy() {
        return connections.getHikariPoolMXBean().getActiveConnections();
    }

    @Override
    public void close() {
        connections.close();
    }
}
