package dev.quintet.analytics;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A table that answers a query.
 *
 * @param rows one list of values per row, in the order of the columns
 * @param truncated more rows were there than the limit let through
 */
public record QueryAnswer(List<Column> columns, List<List<JsonNode>> rows, boolean truncated) {

    /**
     * @param type DuckDB's name of it, e.g. {@code BIGINT}
     */
    public record Column(String name, String type) {}
}
