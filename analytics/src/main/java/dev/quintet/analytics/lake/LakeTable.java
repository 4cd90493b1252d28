package dev.quintet.analytics.lake;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The lake's tables and their columns, once for all: the loader's lines, the field ids inside
 * Parquet and Iceberg, and the table that queries see. Their ids are those of a new table; one that
 * was made with other columns never reuses an id, and has others. The child knows it too, so it
 * names no class of Iceberg.
 */
enum LakeTable {
    EVENTS,
    REJECTED;

    /** Its day is the second partition, behind the organisation: a file holds one of both. */
    static final String RECEIVED = "received_at";

    /** The first column of each table. */
    static final Column ORGANISATION = column(1, "organisation", Kind.TEXT).always();

    /** How one value is written in a line and in Parquet. */
    enum Kind {
        TEXT("varchar", "varchar", "%s"),
        NUMBER("bigint", "bigint", "%s"),
        /** Microseconds since 1970 on the way in. */
        TIME("bigint", "timestamptz", "make_timestamptz(%s)");

        private final String line;
        private final String stored;
        private final String conversion;

        Kind(String line, String stored, String conversion) {
            this.line = line;
            this.stored = stored;
            this.conversion = conversion;
        }
    }

    record Column(int id, String name, Kind kind, boolean required) {

        Column always() {
            return new Column(id, name, kind, true);
        }
    }

    private static Column column(int id, String name, Kind kind) {
        return new Column(id, name, kind, false);
    }

    static LakeTable of(String table) {
        return valueOf(table.toUpperCase(Locale.ROOT));
    }

    /** DuckDB's names of what the columns hold. */
    List<String> types() {
        return columns().stream()
                .map(column ->
                        switch (column.kind()) {
                            case TEXT -> "VARCHAR";
                            case NUMBER -> "BIGINT";
                            case TIME -> "TIMESTAMP WITH TIME ZONE";
                        })
                .toList();
    }

    /** Whether a row lacks what each has. */
    String incomplete() {
        return columns().stream()
                .filter(Column::required)
                .map(column -> column.name() + " is null")
                .collect(Collectors.joining(" or "));
    }

    String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The times whose bounds are told of each file: any other column may name a person. */
    List<String> bounded() {
        return switch (this) {
            case EVENTS -> List.of(RECEIVED, "timestamp");
            case REJECTED -> List.of(RECEIVED);
        };
    }

    /** What a query sees: the organisation is the asker's own. */
    List<Column> columns() {
        return switch (this) {
            case EVENTS -> Columns.EVENTS;
            case REJECTED -> Columns.REJECTED;
        };
    }

    private static final class Columns {
        private static final List<Column> EVENTS =
                List.of(
                        column(2, "source", Kind.TEXT).always(),
                        column(3, "message_id", Kind.TEXT).always(),
                        column(4, "type", Kind.TEXT).always(),
                        column(5, "event", Kind.TEXT),
                        column(6, "user_id", Kind.TEXT),
                        column(7, "anonymous_id", Kind.TEXT),
                        column(8, "group_id", Kind.TEXT),
                        column(9, "previous_id", Kind.TEXT),
                        column(10, "name", Kind.TEXT),
                        column(11, "timestamp", Kind.TIME).always(),
                        column(12, "original_timestamp", Kind.TIME),
                        column(13, "sent_at", Kind.TIME),
                        column(14, "received_at", Kind.TIME).always(),
                        column(15, "properties", Kind.TEXT),
                        column(16, "traits", Kind.TEXT),
                        column(17, "context", Kind.TEXT));

        private static final List<Column> REJECTED =
                List.of(
                        column(2, "log_offset", Kind.NUMBER).always(),
                        column(3, "item", Kind.NUMBER).always(),
                        column(4, "source", Kind.TEXT).always(),
                        column(5, "message_id", Kind.TEXT),
                        column(6, "reason", Kind.TEXT).always(),
                        column(7, "path", Kind.TEXT).always(),
                        column(8, "received_at", Kind.TIME).always(),
                        column(9, "body", Kind.TEXT).always(),
                        column(10, "log_partition", Kind.NUMBER).always());
    }

    /** {@code {organisation: 'varchar', ...}}: what {@code read_json} expects of a line. */
    String lineTypes() {
        return whole().map(column -> column.name() + ": '" + column.kind().line + "'")
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /**
     * {@code {organisation: 1, ...}}: what {@code copy} writes into Parquet.
     *
     * @param ids of the columns in the table as it is
     */
    String fieldIds(ToIntFunction<String> ids) {
        return whole().map(column -> column.name() + ": " + ids.applyAsInt(column.name()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** All that lies in the Parquet files. */
    Stream<Column> whole() {
        return Stream.concat(Stream.of(ORGANISATION), columns().stream());
    }

    /** A line's values as they are stored. */
    String fromLine() {
        return whole().map(column ->
                        column.kind().conversion.formatted(column.name()) + " as " + column.name())
                .collect(Collectors.joining(", "));
    }

    String names() {
        return each(Column::name);
    }

    /** The rows of these files; of none, an empty table with the same columns. */
    String rows(List<String> files) {
        return files.isEmpty()
                ? "select "
                        + each(column ->
                                "cast(null as " + column.kind().stored + ") as " + column.name())
                        + " where false"
                : "select " + names() + " from " + source(files);
    }

    /**
     * All columns of the rows of these files, which hold one organisation: older ones do not name
     * it.
     *
     * @param value what becomes of a column
     */
    String rowsOf(String organisation, List<String> files, Function<Column, String> value) {
        return "select "
                + Statements.quoted(organisation)
                + " as organisation, "
                + each(value)
                + " from "
                + source(files);
    }

    /** Files of any age with the columns of today. */
    private String source(List<String> files) {
        return switch (this) {
            case EVENTS -> parquet(files);
            case REJECTED -> withPositions(files);
        };
    }

    /**
     * Before a position had a partition, the place in the log was two columns: the segment, and the
     * byte in it. The migration of the ledger's tables tells how the two became an offset.
     */
    private static String withPositions(List<String> files) {
        return "(select * exclude (segment, position) replace ("
                + "coalesce(log_partition, 0) as log_partition, coalesce(log_offset,"
                + " ((segment & 2147483647) << 32) | (position & 4294967295)) as log_offset)"
                + " from (select null::bigint as log_partition, null::bigint as log_offset,"
                + " null::bigint as segment, null::bigint as position where false"
                + " union all by name select * from read_parquet("
                + Statements.list(files)
                + ", hive_partitioning = false, union_by_name = true)))";
    }

    static String parquet(List<String> files) {
        return "read_parquet(" + Statements.list(files) + ", hive_partitioning = false)";
    }

    private String each(Function<Column, String> part) {
        return columns().stream().map(part).collect(Collectors.joining(", "));
    }
}
