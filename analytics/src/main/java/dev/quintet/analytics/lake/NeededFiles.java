package dev.quintet.analytics.lake;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which files a statement needs: DuckDB's own plan tells which times it asks its scans for, and of
 * a file whose times lie elsewhere not even the end is read. What the plan does not tell in words
 * that are known here leaves all files in.
 */
final class NeededFiles {

    private static final Pattern COMPARISON =
            Pattern.compile(
                    "\\(*(received_at|timestamp) (>=|>|<=|<|=) '([0-9:. -]+)\\+00'::TIMESTAMP WITH TIME ZONE\\)*");

    // Pushed down filters are told by column, so one that begins so is of that column alone.
    private static final Pattern OF_TIME = Pattern.compile("\\(+(received_at|timestamp) .*");

    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
                    .toFormatter(Locale.ROOT);

    private static final Bound ALL = new Bound(Long.MIN_VALUE, Long.MAX_VALUE);

    private NeededFiles() {}

    /**
     * @param sql a statement over a view {@code events} of some of the files
     */
    static List<QueryFile> of(Connection duckdb, String sql, List<QueryFile> files) {
        List<Map<String, Bound>> scans = new ArrayList<>();
        try (Statement statement = duckdb.createStatement();
                ResultSet plan = statement.executeQuery("explain (format json) " + sql)) {
            plan.next();
            scans(JsonMapper.shared().readTree(plan.getString(2)), scans);
        } catch (SQLException | JacksonException | DateTimeException unknown) {
            // A statement that is wrong says so when it runs.
            return files;
        }
        return scans.isEmpty()
                ? files
                : files.stream()
                        .filter(file -> scans.stream().anyMatch(scan -> mayMeet(file, scan)))
                        .toList();
    }

    private static void scans(JsonNode node, List<Map<String, Bound>> scans) {
        if (node.isArray()) {
            node.forEach(child -> scans(child, scans));
            return;
        }
        if (node.path("name").asString("").strip().equals("READ_PARQUET")) {
            scans.add(asked(node.path("extra_info").path("Filters")));
        }
        node.path("children").forEach(child -> scans(child, scans));
    }

    private static Map<String, Bound> asked(JsonNode filters) {
        Map<String, Bound> asked = new HashMap<>();
        List<JsonNode> all = new ArrayList<>();
        if (filters.isArray()) {
            filters.forEach(all::add);
        } else {
            all.add(filters);
        }
        all.stream()
                .map(filter -> filter.asString(""))
                .filter(filter -> OF_TIME.matcher(filter).matches() && !filter.contains(" OR "))
                .forEach(filter -> {
                    for (String part : filter.split(" AND ", -1)) {
                        Matcher comparison = COMPARISON.matcher(part);
                        if (comparison.matches()) {
                            asked.merge(
                                    comparison.group(1),
                                    bound(comparison.group(2), micros(comparison.group(3))),
                                    NeededFiles::both);
                        }
                    }
                });
        return asked;
    }

    private static long micros(String time) {
        return ChronoUnit.MICROS.between(
                Instant.EPOCH, LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC));
    }

    /** A moment too many at an open end costs a file, not a row. */
    private static Bound bound(String comparison, long micros) {
        return switch (comparison) {
            case ">", ">=" -> new Bound(micros, Long.MAX_VALUE);
            case "<", "<=" -> new Bound(Long.MIN_VALUE, micros);
            default -> new Bound(micros, micros);
        };
    }

    private static Bound both(Bound one, Bound other) {
        return new Bound(Math.max(one.least(), other.least()), Math.min(one.most(), other.most()));
    }

    private static boolean mayMeet(QueryFile file, Map<String, Bound> scan) {
        return scan.entrySet().stream()
                .allMatch(asked -> {
                    Bound has = file.bounds().getOrDefault(asked.getKey(), ALL);
                    return has.most() >= asked.getValue().least()
                            && has.least() <= asked.getValue().most();
                });
    }
}
