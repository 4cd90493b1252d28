package dev.quintet.analytics.lake;

import static java.time.format.DateTimeFormatter.ISO_LOCAL_DATE_TIME;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Column;
import dev.quintet.analytics.lake.ChildTalk.Problem;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Runs statements inside the child: the loader's own in one lasting instance, a user's each in a
 * fresh one that is fenced before the text is looked at. Used by one thread.
 */
final class Statements implements AutoCloseable {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** With no more files nothing is gained by looking which are needed. */
    private static final int TOGETHER = 8;

    private @Nullable Connection own;

    /** Loads DuckDB, which unpacks its library and takes the longest of all. */
    static Reply loadLibrary() {
        try {
            open().close();
            return new Reply(List.of(), List.of(), false, List.of());
        } catch (SQLException wrong) {
            return LakeChild.failed(Problem.FAILED, String.valueOf(wrong.getMessage()));
        }
    }

    /** A statement of the loader's own. */
    Reply run(Ask ask) {
        try {
            if (own == null) {
                own = open();
                configure(own, ask);
            }
            return answer(own, ask, ask.sql());
        } catch (SQLException wrong) {
            return LakeChild.failed(Problem.FAILED, String.valueOf(wrong.getMessage()));
        }
    }

    /** A user's statement: fence first, then check, then run. */
    static Reply runGuarded(Ask ask) {
        try (Connection duckdb = open()) {
            fence(duckdb, ask);
            JsonNode parsed = parse(duckdb, ask.sql());
            if (parsed.path("error").asBoolean(false)) {
                return LakeChild.failed(Problem.INVALID, syntaxError(parsed, ask.sql()));
            }
            Optional<String> objection = SelectGuard.objection(parsed);
            if (objection.isPresent()) {
                return LakeChild.failed(Problem.NOT_ALLOWED, objection.get());
            }
            String sql = bounded(duckdb, ask, parsed);
            if (ask.files().size() > TOGETHER) {
                show(duckdb, ask, NeededFiles.of(duckdb, sql, ask.files()));
            }
            return answer(duckdb, ask, sql);
        } catch (SQLException wrong) {
            return failure(String.valueOf(wrong.getMessage()), ask);
        }
    }

    private static Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:");
    }

    private static void configure(Connection duckdb, Ask ask) throws SQLException {
        execute(duckdb, "set memory_limit = " + quoted(ask.memory()));
        execute(duckdb, "set threads = " + ask.threads());
        if (ask.spill() > 0) {
            // The child's own folder, which goes with it.
            execute(duckdb, "set temp_directory = " + quoted(System.getProperty("java.io.tmpdir")));
            execute(duckdb, "set max_temp_directory_size = '" + ask.spill() + "B'");
        } else {
            execute(duckdb, "set temp_directory = ''");
        }
        execute(duckdb, "set autoload_known_extensions = false");
        execute(duckdb, "set autoinstall_known_extensions = false");
        execute(duckdb, "set allow_community_extensions = false");
        execute(duckdb, "set TimeZone = 'UTC'");
    }

    /**
     * The order is not free: paths cannot be allowed once access is off, nothing once it is locked.
     */
    private static void fence(Connection duckdb, Ask ask) throws SQLException {
        configure(duckdb, ask);
        execute(duckdb, "set allowed_paths = " + list(paths(ask.files())));
        // Two stand for all until it is known which are needed; of one DuckDB would read too much.
        boolean few = ask.files().size() <= TOGETHER;
        show(duckdb, ask, few ? ask.files() : ask.files().subList(0, 2));
        execute(duckdb, "set enable_external_access = false");
        execute(duckdb, "set lock_configuration = true");
    }

    private static void show(Connection duckdb, Ask ask, List<QueryFile> files)
            throws SQLException {
        execute(duckdb, "create or replace view events as " + ask.table().rows(paths(files)));
    }

    private static List<String> paths(List<QueryFile> files) {
        return files.stream().map(QueryFile::path).toList();
    }

    private static JsonNode parse(Connection duckdb, String sql) throws SQLException {
        try (var serialize = duckdb.prepareStatement("select json_serialize_sql(?)")) {
            serialize.setString(1, sql);
            try (ResultSet result = serialize.executeQuery()) {
                result.next();
                return JsonMapper.shared().readTree(result.getString(1));
            }
        }
    }

    /**
     * The statement with the answer's limit where it has none of its own, so that DuckDB stops
     * there. (Its streamed results would stop by themselves, but hide what went wrong: checked on
     * 2.0.)
     */
    private static String bounded(Connection duckdb, Ask ask, JsonNode parsed) throws SQLException {
        for (JsonNode modifier : parsed.path("statements").path(0).path("node").path("modifiers")) {
            if (modifier.path("type").asString("").startsWith("LIMIT")) {
                return ask.sql();
            }
        }
        String text = ask.sql().strip();
        while (text.endsWith(";")) {
            text = text.substring(0, text.length() - 1).strip();
        }
        String limited = text + "\nlimit " + (ask.maxRows() + 1L);
        JsonNode again = parse(duckdb, limited);
        boolean same =
                !again.path("error").asBoolean(false) && SelectGuard.objection(again).isEmpty();
        return same ? limited : ask.sql();
    }

    private static String syntaxError(JsonNode parsed, String sql) {
        String position = parsed.path("position").asString("");
        return parsed.path("error_message").asString("the statement could not be read")
                + (position.isEmpty() ? "" : QueryFault.at(Integer.parseInt(position), sql));
    }

    /** One statement object for one statement: an error closes it. */
    private static Reply answer(Connection duckdb, Ask ask, String sql) throws SQLException {
        try (Statement statement = duckdb.createStatement()) {
            if (!statement.execute(sql)) {
                return new Reply(List.of(), List.of(), false, List.of());
            }
            try (ResultSet result = statement.getResultSet()) {
                return rows(result, ask);
            }
        }
    }

    private static Reply rows(ResultSet result, Ask ask) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<Column> columns = new ArrayList<>();
        for (int at = 1; at <= meta.getColumnCount(); at++) {
            columns.add(
                    new Column(
                            meta.getColumnName(at), meta.getColumnTypeName(at).replace("\"", "")));
        }
        List<List<JsonNode>> rows = new ArrayList<>();
        long bytes = 0;
        while (result.next()) {
            if (rows.size() == ask.maxRows()) {
                return new Reply(columns, rows, true, List.of());
            }
            List<JsonNode> row = new ArrayList<>(columns.size());
            for (int at = 1; at <= columns.size(); at++) {
                JsonNode value = value(result, at);
                bytes += value.isString() ? value.stringValue().length() + 3L : 12;
                row.add(value);
            }
            if (bytes > ask.maxBytes()) {
                return LakeChild.failed(
                        Problem.TOO_LARGE,
                        "the answer is larger than "
                                + ask.maxBytes()
                                + " bytes after "
                                + rows.size()
                                + " rows");
            }
            rows.add(row);
        }
        return new Reply(columns, rows, false, List.of());
    }

    /**
     * Numbers and truth values as JSON's own, moments as RFC 3339 in UTC, everything else as DuckDB
     * writes it.
     */
    private static JsonNode value(ResultSet result, int at) throws SQLException {
        Object value;
        try {
            value = result.getObject(at);
        } catch (DateTimeException noJavaTime) {
            // DuckDB has 24:00:00; its driver can give it in no form.
            throw new SQLException(
                    "column " + at + " holds a time behind 23:59:59.999999; cast it to varchar",
                    noJavaTime);
        }
        return switch (value) {
            case null -> JSON.nullNode();
            case Boolean truth -> JSON.booleanNode(truth);
            case Byte number -> JSON.numberNode(number.longValue());
            case Short number -> JSON.numberNode(number.longValue());
            case Integer number -> JSON.numberNode(number.longValue());
            case Long number -> JSON.numberNode(number);
            case BigInteger number -> JSON.numberNode(number);
            case BigDecimal number -> JSON.numberNode(number);
            case Float number when Float.isFinite(number) -> JSON.numberNode(number);
            case Double number when Double.isFinite(number) -> JSON.numberNode(number);
            case OffsetDateTime moment -> JSON.stringNode(moment.toInstant().toString());
            case Timestamp local ->
                    JSON.stringNode(ISO_LOCAL_DATE_TIME.format(local.toLocalDateTime()));
            case Object other -> JSON.stringNode(String.valueOf(result.getString(at)));
        };
    }

    private static Reply failure(String message, Ask ask) {
        if (message.startsWith("Out of Memory")) {
            return LakeChild.failed(Problem.MEMORY, message.lines().findFirst().orElse(message));
        }
        // The driver tells it so when one value does not fit into the child's heap.
        if (message.contains("Java heap space")) {
            return LakeChild.failed(
                    Problem.TOO_LARGE, "one value of the answer is larger than the answer may be");
        }
        if (message.startsWith("Permission Error")) {
            return LakeChild.failed(
                    Problem.NOT_ALLOWED, "files and extensions are not open to queries");
        }
        // These may name our paths, and the statement is not to blame.
        if (message.startsWith("IO Error")
                || message.startsWith("INTERNAL")
                || message.startsWith("FATAL")) {
            return LakeChild.failed(Problem.FAILED, "the query engine failed");
        }
        return LakeChild.failed(Problem.INVALID, QueryFault.told(message, ask));
    }

    private static void execute(Connection duckdb, String sql) throws SQLException {
        try (Statement statement = duckdb.createStatement()) {
            statement.execute(sql);
        }
    }

    static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    static String list(List<String> texts) {
        return texts.stream().map(Statements::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public void close() {
        try {
            if (own != null) {
                own.close();
            }
        } catch (SQLException ended) {
            System.err.println("DuckDB did not close: " + ended.getMessage());
        }
    }
}
