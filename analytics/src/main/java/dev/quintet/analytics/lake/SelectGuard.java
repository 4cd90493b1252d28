package dev.quintet.analytics.lake;

import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Decides from DuckDB's own parse tree ({@code json_serialize_sql}) whether a user's statement may
 * run: exactly one SELECT over {@code events} and its own CTEs. DuckDB's fences stand behind it;
 * this check stands in front because a fence on paths alone lets an allowed file be named directly.
 */
final class SelectGuard {

    private static final Set<String> TABLE_FUNCTIONS = Set.of("range", "generate_series", "unnest");

    private static final Set<String> NODES =
            Set.of("SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE");
    private static final Set<String> TABLES =
            Set.of(
                    "BASE_TABLE",
                    "SUBQUERY",
                    "JOIN",
                    "TABLE_FUNCTION",
                    "EXPRESSION_LIST",
                    "EMPTY",
                    "PIVOT");
    private static final Set<String> MODIFIERS =
            Set.of(
                    "ORDER_MODIFIER",
                    "LIMIT_MODIFIER",
                    "LIMIT_PERCENT_MODIFIER",
                    "DISTINCT_MODIFIER",
                    "ORDER_DEFAULT",
                    "ASCENDING",
                    "DESCENDING");

    /** Read settings, session state or other catalogs, write logs, or only wait (DuckDB 2.0). */
    private static final Set<String> FUNCTIONS_REFUSED =
            Set.of(
                    "current_setting",
                    "getvariable",
                    "getenv",
                    "nextval",
                    "currval",
                    "setval",
                    "write_log",
                    "sleep_ms",
                    "current_query",
                    "current_query_id",
                    "current_connection_id",
                    "current_catalog",
                    "current_database",
                    "current_schema",
                    "current_schemas",
                    "current_user",
                    "current_role",
                    "session_user",
                    "user",
                    "in_search_path",
                    "txid_current",
                    "current_transaction_id",
                    "version",
                    "parse_duckdb_log_message",
                    "json_execute_serialized_sql",
                    "json_deserialize_sql",
                    "json_serialize_plan",
                    "glob",
                    "query",
                    "query_table",
                    "col_description",
                    "obj_description",
                    "shobj_description",
                    "get_block_size",
                    "sniff_csv",
                    "stats",
                    "vector_type");

    private static final Set<String> PREFIXES_REFUSED =
            Set.of("read_", "pg_", "duckdb_", "pragma_", "has_", "inet_", "parquet_", "__internal");

    private SelectGuard() {}

    /** The reason to refuse, or empty when the statement may run. */
    static Optional<String> objection(JsonNode serialized) {
        JsonNode statements = serialized.path("statements");
        if (statements.size() != 1) {
            return Optional.of(
                    "exactly one SELECT is taken, this text holds "
                            + statements.size()
                            + " statements");
        }
        try {
            check(statements.get(0).path("node"), Set.of("events"));
            return Optional.empty();
        } catch (Objection objection) {
            return Optional.of(String.valueOf(objection.getMessage()));
        }
    }

    private static void check(JsonNode node, Set<String> tables) {
        if (node.isObject()) {
            checkKind(node, tables);
            checkFunction(node);
            checkChildren(node, tables);
        } else if (node.isArray()) {
            node.forEach(element -> check(element, tables));
        }
    }

    private static void checkKind(JsonNode node, Set<String> tables) {
        String type = node.path("type").asString("");
        if (type.isEmpty() || node.has("class") || type.endsWith("_TYPE_INFO")) {
            return;
        }
        if (!NODES.contains(type) && !TABLES.contains(type) && !MODIFIERS.contains(type)) {
            throw new Objection(
                    type.toLowerCase(Locale.ROOT) + " is no part of a SELECT over events");
        }
        if (type.equals("BASE_TABLE")) {
            String name = node.path("table_name").asString("");
            boolean plain =
                    node.path("qualified_name").path("path").size() == 1
                            && node.path("schema_name").asString("").isEmpty()
                            && node.path("catalog_name").asString("").isEmpty()
                            && (node.path("at_clause").isMissingNode()
                                    || node.path("at_clause").isNull());
            if (!plain || !tables.contains(folded(name))) {
                throw new Objection(
                        "'"
                                + name
                                + "' is no table here: there is events, and the CTEs of your own WITH");
            }
        }
        if (type.equals("TABLE_FUNCTION")
                && !TABLE_FUNCTIONS.contains(
                        folded(node.path("function").path("function_name").asString("")))) {
            throw new Objection(
                    "the table functions here are range, generate_series and unnest, not '"
                            + node.path("function").path("function_name").asString("")
                            + "'");
        }
    }

    private static void checkFunction(JsonNode node) {
        String name = folded(node.path("function_name").asString(""));
        if (name.isEmpty()) {
            return;
        }
        boolean qualified = node.path("qualified_name").path("path").size() > 1;
        if (qualified || isRefused(name)) {
            throw new Objection("the function '" + name + "' is not available to queries");
        }
    }

    static boolean isRefused(String function) {
        return FUNCTIONS_REFUSED.contains(function)
                || PREFIXES_REFUSED.stream().anyMatch(function::startsWith);
    }

    /**
     * Names come into scope one after the other, as DuckDB binds them: a CTE sees those before it.
     */
    private static void checkChildren(JsonNode node, Set<String> outer) {
        Set<String> tables = new HashSet<>(outer);
        for (JsonNode entry : node.path("cte_map").path("map")) {
            check(entry.path("value"), Set.copyOf(tables));
            tables.add(folded(entry.path("key").asString("")));
        }
        boolean recursive = node.path("type").asString("").equals("RECURSIVE_CTE_NODE");
        for (var field : node.properties()) {
            if (field.getKey().equals("cte_map")) {
                continue;
            }
            Set<String> visible = tables;
            if (recursive && field.getKey().equals("right")) {
                visible = new HashSet<>(tables);
                visible.add(folded(node.path("cte_name").asString("")));
            }
            check(field.getValue(), visible);
        }
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static final class Objection extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Objection(String message) {
            super(message, null, false, false);
        }
    }
}
