package dev.quintet.notify;

import java.sql.Connection;
import java.sql.SQLException;

/** Breaks the SQL border on purpose: a class that is no store speaks JDBC. */
public final class PlantedQuery {

    public boolean ask(Connection connection) throws SQLException {
        return connection.isValid(1);
    }
}
