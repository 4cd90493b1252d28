package dev.quintet.analytics.lake;

import dev.quintet.platform.sql.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.apache.iceberg.jdbc.JdbcClientPool;
import org.apache.iceberg.jdbc.UncheckedSQLException;

/** Iceberg keeps its connections, outside of the pools, for its short statements. */
public final class CatalogConnections extends JdbcClientPool {

    private final DatabaseUrl database;

    public CatalogConnections(DatabaseUrl database, int most) {
        super(most, "jdbc:postgresql:", Map.of());
        this.database = database;
    }

    @Override
    protected Connection newClient() {
        try {
            Connection connection = database.connect();
            // Iceberg names its two tables without a schema.
            connection.setSchema("analytics");
            return connection;
        } catch (SQLException failed) {
            throw new UncheckedSQLException(failed, "the lake's catalog has no connection");
        }
    }
}
