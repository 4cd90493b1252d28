package dev.quintet.analytics.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.LocalDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A question over some days reads the files of these days, and answers as if it had read all. */
final class NeededFilesTest {

    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final int DAYS = 30;
    private static final int ROWS = 24;

    @TempDir static Path folder;

    private static final LocalDisk DISK = new LocalDisk(2);
    private static final List<QueryFile> FILES = new ArrayList<>();
    private static UserQueries queries;

    @BeforeAll
    static void write_a_file_of_each_day() throws SQLException {
        try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("set TimeZone = 'UTC'");
            for (int day = 0; day < DAYS; day++) {
                FILES.add(write(statement, day));
            }
        }
        queries =
                new UserQueries(
                        DISK,
                        TestEngine.FILES,
                        folder.resolve("scratch"),
                        new UserQueries.Bounds(
                                2,
                                DataSize.mebibytes(128),
                                DataSize.mebibytes(1),
                                Duration.ofSeconds(20),
                                DataSize.mebibytes(64)),
                        new Doubling(Duration.ofMinutes(1), Duration.ofMinutes(1)));
    }

    /** An event an hour; it was said to have happened a day before it came. */
    private static QueryFile write(Statement statement, int day) throws SQLException {
        Path file = folder.resolve(day + ".parquet");
        Instant from = FIRST.plus(Duration.ofDays(day));
        List<String> columns = new ArrayList<>();
        for (LakeTable.Column column : LakeTable.EVENTS.columns()) {
            String value =
                    switch (column.name()) {
                        case "received_at" -> time(from) + " + hour * interval 1 hour";
                        case "timestamp" ->
                                time(from.minus(Duration.ofDays(1))) + " + hour * interval 1 hour";
                        case "event" -> "'e' || (hour % 3)";
                        case "message_id" -> "'m' || " + day * ROWS + " + hour";
                        case "source", "type" -> "'x'";
                        default ->
                                column.kind() == LakeTable.Kind.TIME
                                        ? "null::timestamptz"
                                        : "null::varchar";
                    };
            columns.add(value + " as " + column.name());
        }
        statement.execute(
                "copy (select "
                        + String.join(", ", columns)
                        + " from range("
                        + ROWS
                        + ") hours(hour)) to "
                        + Statements.quoted(file.toString())
                        + " (format parquet)");
        Instant last = from.plus(Duration.ofHours(ROWS - 1));
        Duration before = Duration.ofDays(1);
        return new QueryFile(
                file.toString(),
                Map.of(
                        "received_at",
                        new Bound(StoredFile.micros(from), StoredFile.micros(last)),
                        "timestamp",
                        new Bound(
                                StoredFile.micros(from.minus(before)),
                                StoredFile.micros(last.minus(before)))));
    }

    private static String time(Instant time) {
        return "timestamptz '" + time + "'";
    }

    @AfterAll
    static void stop() {
        queries.close();
        DISK.close();
    }

    private static String answer(String sql, List<QueryFile> files) {
        return queries.run(sql, files, 10_000).rows().toString();
    }

    /** All but those of some days are no Parquet at all. */
    private static List<QueryFile> only(int... days) throws Exception {
        List<QueryFile> files = new ArrayList<>();
        Path none = folder.resolve("none.parquet");
        Files.writeString(none, "no Parquet");
        for (int day = 0; day < DAYS; day++) {
            QueryFile file = FILES.get(day);
            boolean whole = false;
            for (int one : days) {
                whole |= one == day;
            }
            files.add(whole ? file : new QueryFile(none.toString(), file.bounds()));
        }
        return files;
    }

    @Test
    void a_question_over_a_day_reads_its_files_and_no_other() throws Exception {
        // The first two stand for all while the question is looked at.
        List<QueryFile> files = only(0, 1, 9);
        for (String where :
                List.of(
                        "received_at >= '2026-01-10' and received_at < '2026-01-10 23:30:00'",
                        "received_at between '2026-01-10 00:00:00.000001' and '2026-01-10 23:00:00'"
                                + " and event = 'e1'",
                        "timestamp >= timestamptz '2026-01-09' and timestamp <= timestamptz '2026-01-10' - interval 1 hour",
                        "received_at = '2026-01-10 05:00:00'")) {
            assertThat(answer("select count(*) > 0 from events where " + where, files))
                    .as(where)
                    .isEqualTo("[[true]]");
        }
        String joined =
                "with day as (select * from events where received_at >= '2026-01-10' and received_at < '2026-01-10 23:30:00')"
                        + " select count(*) from day a join day b on a.message_id = b.message_id";
        assertThat(answer(joined, files)).isEqualTo("[[24]]");
        assertThatThrownBy(() -> answer("select count(distinct message_id) from events", files))
                .isInstanceOf(Refused.class);
    }

    @Test
    void what_a_question_says_beside_its_times_is_never_taken_for_one() {
        for (String sql :
                List.of(
                        "select count(*) from events where event <> '(received_at > ''2027-01-01 00:00:00+00''::TIMESTAMP WITH TIME ZONE)'",
                        "select count(*) from events where received_at > '2026-01-20' or event = 'e1'",
                        "select count(*) from events where not (received_at > '2026-01-20' and event = 'e1')",
                        "select count(*) from events where received_at > '2026-01-20' or received_at < '2026-01-05'",
                        "select count(*) from events where received_at in ('2026-01-20', '2026-01-03')",
                        "select count(*) from events a left join events b on a.message_id = b.message_id and b.received_at > '2026-01-20'",
                        "select message_id from events where received_at < '2026-01-07' order by received_at desc limit 3",
                        "select count(*) from events where received_at::date = date '2026-01-07'",
                        "select count(*) from events where received_at is distinct from '2026-01-07'",
                        "select count(*) from events where received_at > 'infinity'",
                        "select count(*) from events where received_at > '0044-03-15 (BC) 00:00:00'",
                        "select count(*) from events where received_at > '2026-01-20' union all"
                                + " select count(*) from events where received_at < '2026-01-03'")) {
            assertThat(answer(sql, FILES)).as(sql).isEqualTo(answer(sql, unbounded()));
        }
    }

    @Test
    void any_range_answers_as_if_all_files_were_read() {
        long seed = new SecureRandom().nextInt(1_000_000);
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            String sql =
                    "select count(*), min(message_id), max(message_id) from events where "
                            + condition(random)
                            + (random.nextBoolean() ? " and " + condition(random) : "")
                            + (random.nextInt(4) == 0 ? " or event = 'e2'" : "");
            assertThat(answer(sql, FILES))
                    .as("seed %d: %s", seed, sql)
                    .isEqualTo(answer(sql, unbounded()));
        }
    }

    private static String condition(Random random) {
        String column = random.nextBoolean() ? "received_at" : "timestamp";
        String operator = List.of(">", ">=", "<", "<=", "=", "<>").get(random.nextInt(6));
        Instant time = FIRST.plus(Duration.ofMinutes(30L * random.nextInt(DAYS * 48)));
        return column + " " + operator + " " + time(time);
    }

    private static List<QueryFile> unbounded() {
        return FILES.stream().map(file -> new QueryFile(file.path(), Map.of())).toList();
    }
}
