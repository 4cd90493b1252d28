package dev.quintet.analytics.lake;

import java.util.Map;

/**
 * A Parquet file that a query may read.
 *
 * @param bounds what is known of its times, by column
 */
public record QueryFile(String path, Map<String, Bound> bounds) {

    public QueryFile {
        bounds = Map.copyOf(bounds);
    }
}
