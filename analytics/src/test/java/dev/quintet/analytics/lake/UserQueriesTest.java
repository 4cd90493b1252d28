package dev.quintet.analytics.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.analytics.QueryAnswer;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.LocalDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user's SQL may do, on two organisations' files that lie side by side. */
final class UserQueriesTest {

    @TempDir static Path folder;

    private static LocalDisk disk;
    private static UserQueries queries;
    private static String ours;
    private static String theirs;

    @BeforeAll
    static void write_two_organisations() throws SQLException {
        disk = new LocalDisk(2);
        ours = folder.resolve("ours.parquet").toString();
        theirs = folder.resolve("theirs.parquet").toString();
        writeEvents(ours, "ours", 3);
        writeEvents(theirs, "theirs", 5);
        queries =
                new UserQueries(
                        disk,
                        TestEngine.FILES,
                        folder.resolve("scratch"),
                        new UserQueries.Bounds(
                                2,
                                DataSize.mebibytes(64),
                                DataSize.mebibytes(1),
                                Duration.ofSeconds(4),
                                DataSize.mebibytes(64)),
                        new Doubling(Duration.ofMinutes(1), Duration.ofMinutes(1)));
    }

    @AfterAll
    static void stop() {
        queries.close();
        disk.close();
    }

    @Test
    void columns_have_types_and_values_are_json() {
        QueryAnswer answer =
                run(
                        "select count(*) as n, max(timestamp) as last, 1.5::double as x, null as nothing,"
                                + " properties->>'$.plan' as plan from events group by plan",
                        List.of(ours),
                        10);
        assertThat(answer.columns())
                .extracting(column -> column.name() + " " + column.type())
                .containsExactly(
                        "n BIGINT",
                        "last TIMESTAMP WITH TIME ZONE",
                        "x DOUBLE",
                        "nothing NULL",
                        "plan VARCHAR");
        assertThat(answer.rows().getFirst().toString())
                .isEqualTo("[3, \"2026-11-21T10:00:03Z\", 1.5, null, \"ours\"]");
        assertThat(answer.truncated()).isFalse();
    }

    @Test
    void times_are_rfc_3339_in_utc_wherever_the_server_stands() {
        assertThat(
                        run(
                                        "select timestamptz '2026-11-29 23:30:00+05:45',"
                                                + " date_trunc('day', timestamptz '2026-11-29 23:30:00+05:45'),"
                                                // In New York no clock showed it.
                                                + " timestamp '2026-03-08 02:30:00',"
                                                + " timestamptz '2026-11-29 20:00:00.5Z'",
                                        List.of(ours),
                                        10)
                                .rows()
                                .toString())
                .isEqualTo(
                        "[[\"2026-11-29T17:45:00Z\", \"2026-11-29T00:00:00Z\","
                                + " \"2026-03-08T02:30:00\", \"2026-11-29T20:00:00.500Z\"]]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select count(*) from events",
                "with e as (select * from events), f as (select * from e) select count(*) from f",
                "with events as (select * from events where type = 'track') select count(*) from events",
                "with recursive t(n) as (select 3 union all select n from t where false) select * from t",
                "select n from (select count(*) as n from events) where n in (select unnest([3]))",
                "select count(*) from events e join range(1) r on true",
                "select 3 union all select 3 where false",
                "select count(*) filter (type = 'track') from Events order by all limit 5"
            })
    void an_honest_select_runs(String sql) {
        assertThat(run(sql, List.of(ours), 10).rows().toString()).isEqualTo("[[3]]");
    }

    @Test
    void no_file_at_all_is_an_empty_table_with_the_same_columns() {
        assertThat(run("select count(*) from events", List.of(), 10).rows().toString())
                .isEqualTo("[[0]]");
        assertThat(run("select * from events", List.of(), 10).columns())
                .isEqualTo(run("select * from events", List.of(ours), 10).columns());
    }

    @Test
    void planted_attacks_are_refused_and_change_nothing() throws Exception {
        String before = digest(ours) + digest(theirs);
        Path outside = Files.writeString(folder.resolve("secret.txt"), "secret");
        List<String> attacks =
                List.of(
                        "copy events to '" + ours + "'",
                        "copy (select 1) to '" + folder.resolve("new.csv") + "'",
                        "select * from '" + ours + "'",
                        "select * from '" + theirs + "'",
                        "from '" + outside + "'",
                        "select * from read_parquet('" + theirs + "')",
                        "select * from read_parquet('" + ours + "')",
                        "select * from parquet_scan('" + theirs + "')",
                        "select * from parquet_metadata('" + theirs + "')",
                        "select * from read_text('" + outside + "')",
                        "select read_text('" + outside + "')",
                        "select * from glob('" + folder + "/*')",
                        "select * from query('select 1')",
                        "select * from query_table('events')",
                        "select * from json_execute_serialized_sql('{}')",
                        "select * from duckdb_settings()",
                        "select * from duckdb_settings",
                        "select * from duckdb_views",
                        "select * from information_schema.tables",
                        "select * from pg_catalog.pg_class",
                        "select * from main.events",
                        "select * from memory.main.events",
                        "with x as (select * from duckdb_views), duckdb_views as (select 1) select * from x",
                        "select * from duckdb_views, (with duckdb_views as (select 1) select * from duckdb_views)",
                        "with recursive duckdb_views as (select * from duckdb_views union all select * from"
                                + " duckdb_views) select * from duckdb_views",
                        "select current_setting('allowed_paths')",
                        "select main.current_setting('allowed_paths')",
                        "select getenv('HOME')",
                        "select getvariable('x')",
                        "select (select max(current_setting('allowed_paths')) from events)",
                        "select pg_sleep(1)",
                        "select sleep_ms(1)",
                        "select write_log('x')",
                        "create macro events() as table select 1",
                        "create or replace view events as select 1",
                        "pragma database_list",
                        "set threads = 8",
                        "reset allowed_paths",
                        "attach '" + folder.resolve("x.db") + "'",
                        "install httpfs",
                        "load httpfs",
                        "export database '" + folder + "'",
                        "describe events",
                        "summarize events",
                        "show tables",
                        "explain select 1",
                        "call duckdb_settings()",
                        "prepare x as select 1",
                        "begin",
                        "select 1; select 2",
                        "select 1; copy events to '" + ours + "'",
                        "insert into events select * from events",
                        "delete from events",
                        "");
        for (String attack : attacks) {
            assertThatThrownBy(() -> run(attack, List.of(ours), 10))
                    .as(attack)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused ->
                                    assertThat(refused.refusal())
                                            .isIn(
                                                    AnalyticsRefusal.QUERY_NOT_ALLOWED,
                                                    AnalyticsRefusal.QUERY_INVALID));
        }
        assertThat(digest(ours) + digest(theirs)).isEqualTo(before);
        assertThat(folder.resolve("new.csv")).doesNotExist();
        assertThat(run("select count(*) from events", List.of(ours), 1).rows().toString())
                .isEqualTo("[[3]]");
    }

    @Test
    void a_time_that_the_driver_cannot_give_is_named_and_harms_nobody() {
        assertRefused(
                "select time '24:00:00'", AnalyticsRefusal.QUERY_INVALID, "cast it to varchar");
        assertThat(run("select time '24:00:00'::varchar", List.of(ours), 1).rows())
                .hasToString("[[\"24:00:00\"]]");
    }

    @Test
    void a_syntax_error_is_answered_with_duckdbs_sentence_and_the_place() {
        assertRefused(
                "select * form events",
                AnalyticsRefusal.QUERY_INVALID,
                "\"events\" (line 1, column 15)");
        assertRefused("select\n 1 +", AnalyticsRefusal.QUERY_INVALID, "(line 2, column 4)");
    }

    @Test
    void what_is_wrong_with_a_query_is_said_without_the_engines_own_words() {
        said(
                "select\n  usr_id from events",
                "Referenced column \"usr_id\" not found in FROM clause; Candidate bindings:"
                        + " \"user_id\", \"group_id\", \"message_id\", \"received_at\", \"source\""
                        + " (line 2, column 3)");
        said(
                "select user_id::int from events",
                "Could not convert string 'u' to INTEGER when casting from source column user_id"
                        + " (line 1, column 15)");
        said(
                "select sum(user_id) from events",
                "No function matches the given name and argument types 'sum(VARCHAR)'. You might"
                        + " need to add explicit type casts (line 1, column 8)");
        said(
                "select (select user_id from events, range(3))",
                "More than one row returned by a subquery used as an expression - scalar subqueries"
                        + " can only return a single row");
        for (String wrong :
                List.of(
                        "select filename from events",
                        "select read_parque('x') from events",
                        "select file_row_number from events",
                        "select " + "a".repeat(300) + " from events",
                        "select properties->'$[' from events",
                        "select timestamp + 'x' from events")) {
            assertThat(refusal(wrong).detail())
                    .as(wrong)
                    .doesNotContain("LINE ", "\n", "Error:", "read_parquet", folder.toString());
        }
    }

    private static void said(String sql, String sentence) {
        assertThat(refusal(sql).detail()).isEqualTo(sentence);
    }

    private static Refused refusal(String sql) {
        return assertThrows(Refused.class, () -> run(sql, List.of(ours), 10));
    }

    @Test
    void a_child_is_given_what_the_budget_counts_and_no_more() throws Exception {
        run("select 1", List.of(ours), 1);
        ChildMemory memory = new ChildMemory(DataSize.mebibytes(64), DataSize.mebibytes(1));
        assertThat(memory.whole()).isEqualTo(DataSize.mebibytes(64 + 128));
        String[] child =
                ProcessHandle.of(queries.waiting().getFirst())
                        .flatMap(process -> process.info().arguments())
                        .orElseThrow();
        assertThat(child[child.length - 1]).isEqualTo(Long.toString(memory.whole().bytes()));
        assertThat(child).contains("-Xmx" + DataSize.mebibytes(80).bytes());
    }

    @Test
    void a_value_that_no_answer_can_hold_is_refused_as_too_large() {
        try (UserQueries roomy =
                new UserQueries(
                        disk,
                        TestEngine.FILES,
                        folder.resolve("roomy"),
                        new UserQueries.Bounds(
                                1,
                                DataSize.mebibytes(512),
                                DataSize.mebibytes(1),
                                Duration.ofSeconds(20),
                                DataSize.mebibytes(64)),
                        new Doubling(Duration.ofMinutes(1), Duration.ofMinutes(1)))) {
            assertThat(
                            assertThrows(
                                            Refused.class,
                                            () ->
                                                    roomy.run(
                                                            "select repeat('x', 60000000)",
                                                            List.of(new QueryFile(ours, Map.of())),
                                                            1))
                                    .refusal())
                    .isEqualTo(AnalyticsRefusal.QUERY_RESULT_TOO_LARGE);
        }
    }

    @Test
    void a_hungry_query_is_refused_and_harms_no_other() throws Exception {
        for (String bomb :
                List.of(
                        "select list(range) from range(100000000)",
                        "select count(distinct range::varchar || repeat('a', 60)) from range(30000000)",
                        "select repeat('x', 1000000000)")) {
            try (var other = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<QueryAnswer> meanwhile =
                        other.submit(() -> run("select count(*) from events", List.of(ours), 1));
                assertThatThrownBy(() -> run(bomb, List.of(ours), 1))
                        .as(bomb)
                        .isInstanceOfSatisfying(
                                Refused.class,
                                refused ->
                                        assertThat(refused.refusal())
                                                .isIn(
                                                        AnalyticsRefusal.QUERY_TOO_HEAVY,
                                                        AnalyticsRefusal.QUERY_RESULT_TOO_LARGE));
                assertThat(meanwhile.get().rows().toString()).isEqualTo("[[3]]");
            }
        }
    }

    @Test
    void a_query_that_needs_more_than_its_memory_writes_to_disk_and_leaves_nothing_there()
            throws Exception {
        // 4 million texts of 40 characters: some 200 MB where 64 MiB are given.
        String sorted =
                "select count(*), max(x) from (select x from (select md5(r::varchar) || r as x from"
                        + " range(%d) t(r)) order by x limit 1000000000 offset 10)";
        assertThat(
                        run(sorted.formatted(1_000_000), List.of(ours), 1)
                                .rows()
                                .getFirst()
                                .getFirst()
                                .longValue())
                .isEqualTo(999_990);
        try (var left = Files.walk(folder.resolve("scratch"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
        assertRefused(sorted.formatted(20_000_000), AnalyticsRefusal.QUERY_TOO_HEAVY, "");
        try (var left = Files.walk(folder.resolve("scratch"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void an_endless_query_is_stopped_and_harms_no_other() throws Exception {
        try (var other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> endless =
                    other.submit(() ->
                            assertRefused(
                                    "select count(*) from range(3000000) a, range(3000000) b"
                                            + " where a.range * b.range = 7",
                                    AnalyticsRefusal.QUERY_TOO_HEAVY,
                                    "time"));
            assertThat(run("select count(*) from events", List.of(ours), 1).rows().toString())
                    .isEqualTo("[[3]]");
            endless.get();
        }
    }

    @Test
    void a_long_answer_is_cut_at_the_limit_and_says_so() {
        QueryAnswer answer = run("select * from range(100)", List.of(ours), 10);
        assertThat(answer.rows()).hasSize(10);
        assertThat(answer.truncated()).isTrue();
        assertThatThrownBy(() ->
                        run(
                                "select repeat('x', 1000) from range(10000); -- all of it",
                                List.of(ours),
                                10_000))
                .hasMessageContaining("1 MiB");
    }

    @Test
    void a_crash_of_the_engine_costs_one_query_at_most() {
        run("select 1", List.of(ours), 1);
        List<Long> waiting = queries.waiting();
        assertThat(waiting).isNotEmpty();
        for (long pid : waiting) {
            ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
            child.destroyForcibly();
        }
        for (int crash = 0; crash < waiting.size(); crash++) {
            try {
                run("select 1", List.of(ours), 1);
            } catch (Refused refused) {
                assertThat(refused.refusal()).isEqualTo(AnalyticsRefusal.QUERY_ENGINE_FAILED);
            }
        }
        assertThat(run("select 3", List.of(ours), 1).rows().toString()).isEqualTo("[[3]]");
    }

    private static void assertRefused(String sql, AnalyticsRefusal refusal, String word) {
        assertThatThrownBy(() -> run(sql, List.of(ours), 10))
                .hasMessageContaining(word)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.refusal()).isEqualTo(refusal));
    }

    private static String digest(String file) throws Exception {
        return HexFormat.of()
                .formatHex(
                        MessageDigest.getInstance("SHA-256")
                                .digest(Files.readAllBytes(Path.of(file))));
    }

    private static QueryAnswer run(String sql, List<String> files, int limit) {
        return queries.run(
                sql, files.stream().map(file -> new QueryFile(file, Map.of())).toList(), limit);
    }

    private static void writeEvents(String file, String plan, int count) throws SQLException {
        try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("set TimeZone = 'UTC'");
            statement.execute(
                    "copy (select 'org' as organisation, date '2026-11-21' as day, 'src' as source,"
                            + " 'm' || range as message_id, 'track' as type, 'Bought' as event,"
                            + " 'u' as user_id, 'a' as anonymous_id, null::varchar as group_id,"
                            + " null::varchar as previous_id, null::varchar as name,"
                            + " timestamptz '2026-11-21 10:00:00' + to_seconds(range) as timestamp,"
                            + " null::timestamptz as original_timestamp, null::timestamptz as sent_at,"
                            + " timestamptz '2026-11-21 10:00:00' as received_at,"
                            + " '{\"plan\":\""
                            + plan
                            + "\"}' as properties, null::varchar as traits, null::varchar as context"
                            + " from range(1, "
                            + (count + 1)
                            + ")) to '"
                            + file
                            + "' (format parquet)");
        }
    }
}
