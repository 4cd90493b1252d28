package dev.quintet.platform.planted;

import org.duckdb.DuckDBConnection;

/** Breaks the lake's border on purpose: DuckDB outside analytics. */
public final class PlantedDuck {

    public Class<?> duck() {
        return DuckDBConnection.class;
    }
}
