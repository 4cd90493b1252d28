package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.LoaderFenced;
import dev.quintet.analytics.lake.PoisonedEngine;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one write key can send to hurt everybody's loading. */
final class UnstoppableLoaderTest {

    private static final String POISON = "a word that the engine dies of";

    @TempDir private Path folder;
    private final ManualTime time = new ManualTime();
    private TestDatabase database;
    private Rig rig;
    private String key = "";

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, time);
        key = rig.source("test");
    }

    @AfterEach
    void close() {
        rig.close();
        database.close();
    }

    private void take(String batch) {
        rig.take(key, batch);
    }

    private static String batch(List<String> items) {
        return items.stream().collect(Collectors.joining(",", "{\"batch\":[", "]}"));
    }

    private static String track(String id, String name) {
        return "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"u\",\"messageId\":\"%s\"}"
                .formatted(name, id);
    }

    private long count(String where) {
        return rig.number("select count(*) from events where " + where);
    }

    @Test
    void bare_items_that_unfold_to_fifteen_times_their_size_are_loaded_in_bounded_pieces() {
        int requests = 24;
        String bare = batch(Collections.nCopies(2_500, "{\"type\":\"page\",\"userId\":\"u\"}"));
        for (int request = 0; request < requests; request++) {
            take(bare);
        }
        try (Loader loader = rig.loader()) {
            Cut cut = loader.cut(Duration.ZERO).orElseThrow();
            assertThat(cut.events.count()).isLessThanOrEqualTo(52_500);
            assertThat(cut.events.bytes()).isLessThan(DataSize.mebibytes(34).bytes());
            assertThat(loader.load(Duration.ZERO)).isTrue();
            assertThat(loader.isBehind()).as("goes on without a pause").isTrue();
            assertThat(loader.load(Duration.ZERO)).isTrue();
            assertThat(loader.isBehind()).isFalse();
            assertThat(loader.load(Duration.ZERO)).isFalse();
        }
        assertThat(rig.ledger())
                .isEqualTo(new Balance(requests * 2_500L, requests * 2_500L, 0, 0, 0, List.of()));
    }

    @Test
    void a_request_of_thousands_of_days_is_one_file() throws Exception {
        int days = 2_500;
        take(
                batch(
                        IntStream.range(0, days)
                                .mapToObj(day ->
                                        "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"timestamp\":\"%s\"}"
                                                .formatted(
                                                        time.instant().minus(Duration.ofDays(day))))
                                .toList()));
        loadAll(rig.loader());
        assertThat(rig.number("select count(distinct timestamp::date) from events"))
                .isEqualTo(days);
        try (var files = Files.walk(folder.resolve("lake/analytics/events/data"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet"))).hasSize(1);
        }
    }

    @Test
    void a_strangers_reader_finds_the_organisation_in_the_files() throws Exception {
        take(batch(List.of(track("m", "A"))));
        loadAll(rig.loader());
        assertThat(SecondReader.rows(rig.url, "events"))
                .extracting(row -> row.get("organisation"))
                .containsExactly(Rig.US.organisation().toString());
    }

    @Test
    void an_event_that_the_engine_dies_of_is_rejected_and_its_neighbours_are_stored() {
        for (int request = 0; request < 5; request++) {
            int number = request;
            take(
                    batch(
                            IntStream.range(0, 9)
                                    .mapToObj(item ->
                                            track(
                                                    number + "-" + item,
                                                    number == 2 && item == 6 ? POISON : "good"))
                                    .toList()));
        }
        loadAll(poisoned("\"event\":\"" + POISON));
        assertThat(rig.ledger()).isEqualTo(new Balance(45, 44, 0, 1, 0, List.of()));
        assertThat(count("event = 'good'")).isEqualTo(44);
        assertThat(rejected())
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.get("reason")).asString().startsWith("LOADER_FAILED");
                    assertThat(item.get("message_id")).isEqualTo("2-6");
                    assertThat(item.get("body")).asString().contains(POISON);
                });
    }

    @Test
    void an_item_that_no_engine_reads_leaves_its_neighbours_alone() {
        String event = "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"properties\":%s}";
        take(
                batch(
                        List.of(
                                event.formatted("{\"half\":\"\\ud800\",\"\\udc00\":1.50}"),
                                event.formatted(
                                        "{\"a\":" + "[".repeat(600) + "]".repeat(600) + "}"),
                                event.formatted("{\"n\":" + "9".repeat(1_001) + "}"),
                                event.formatted("{\"n\":" + "9".repeat(1_000) + "}"))));
        loadAll(rig.loader());
        assertThat(rig.ledger()).isEqualTo(new Balance(4, 2, 0, 2, 0, List.of()));
        assertThat(count("properties like '%1.50%' or properties like '%999%'")).isEqualTo(2);
        assertThat(count("json_valid(properties)")).isEqualTo(2);
        assertThat(rejected())
                .extracting(item -> item.get("reason"))
                .containsExactlyInAnyOrder(
                        "properties is nested in more than 500 levels",
                        "a number has at most 1000 digits, not 1001");
        assertThat(rejected())
                .allSatisfy(item -> assertThat(item.get("path")).isEqualTo("/properties"));
    }

    @Test
    void what_no_column_holds_of_a_request_or_a_reason_stops_nothing() {
        String half = "x".repeat(59) + "\uD83D\uDE00".repeat(30);
        take(
                "{\"sentAt\":1e99999999999,\"batch\":["
                        + track("a", "A")
                        + ",{\"type\":\"page\",\"userId\":\"u\",\"timestamp\":\""
                        + half
                        + "\"},{\"type\":\"page\",\"userId\":\"u\",\"properties\":"
                        + "{\"e\":\"\\ud83d\\ude00\",\"n\":1e99999999999}}]}");
        // Escapes count as what they stand for.
        String long_ = "\\u4e2d".repeat(6_000);
        take(
                batch(
                        List.of(
                                track("b", "A")
                                        .replace(
                                                "\"u\"",
                                                "\"u\",\"traits\":{\"a\":\"" + long_ + "\"}"))));
        loadAll(rig.loader());
        assertThat(rig.ledger()).isEqualTo(new Balance(4, 2, 0, 2, 0, List.of()));
        assertThat(rejected())
                .extracting(item -> item.get("path"))
                .containsExactlyInAnyOrder("/timestamp", "/properties");
        assertThat(rejected())
                .extracting(item -> item.get("reason"))
                .allSatisfy(
                        reason -> assertThat(reason).asString().doesNotContain("LOADER_FAILED"));
    }

    @Test
    void a_text_that_cannot_even_be_kept_as_rejected_goes_without_it() {
        take(batch(List.of(track("a", "good"), track("b", POISON), track("c", "good"))));
        loadAll(poisoned(POISON));
        assertThat(rig.ledger()).isEqualTo(new Balance(3, 2, 0, 1, 0, List.of()));
        assertThat(rejected())
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.get("message_id")).isEqualTo("b");
                    assertThat(item.get("body")).isEqualTo("");
                });
    }

    @Test
    void a_range_in_which_the_process_ended_is_begun_with_half_of_it() {
        for (int request = 0; request < 8; request++) {
            take(batch(List.of(track("m" + request, "A"))));
        }
        try (Loader dies = rig.loader()) {
            dies.stage(dies.cut(Duration.ZERO).orElseThrow());
        }
        try (Loader loader = rig.loader()) {
            assertThat(loader.cut(Duration.ZERO).orElseThrow().requests).hasSize(4);
            assertThat(loader.load(Duration.ZERO)).isTrue();
            assertThat(loader.isBehind()).isTrue();
            assertThat(loader.load(Duration.ZERO)).isTrue();
        }
        assertThat(rig.ledger()).isEqualTo(new Balance(8, 8, 0, 0, 0, List.of()));
    }

    @Test
    void a_request_that_ends_the_process_again_and_again_is_rejected_unread() {
        take(batch(List.of(track("a", "A"), track("b", "B"))));
        take(batch(List.of(track("c", "C"))));
        // Both, then three times the first alone.
        for (int process = 0; process < 4; process++) {
            try (Loader dies = rig.loader()) {
                assertThat(dies.cut(Duration.ZERO).orElseThrow().requests)
                        .hasSize(process == 0 ? 2 : 1);
            }
        }
        loadAll(rig.loader());
        assertThat(rig.ledger()).isEqualTo(new Balance(3, 1, 0, 2, 0, List.of()));
        assertThat(count("event = 'C'")).isEqualTo(1);
        assertThat(rejected())
                .extracting(item -> item.get("body"))
                .as("its text goes with the first item")
                .containsExactlyInAnyOrder("", batch(List.of(track("a", "A"), track("b", "B"))));
    }

    @Test
    void a_request_is_not_blamed_for_failures_that_the_process_outlives() {
        take(batch(List.of(track("a", "A"))));
        for (int attempt = 0; attempt < 3; attempt++) {
            try (Loader fenced = rig.loader();
                    Loader _ = rig.loader()) {
                assertThatThrownBy(() -> fenced.load(Duration.ZERO))
                        .isInstanceOf(LoaderFenced.class);
            }
        }
        loadAll(rig.loader());
        assertThat(rig.ledger()).isEqualTo(new Balance(1, 1, 0, 0, 0, List.of()));
    }

    @Test
    void a_context_that_each_event_would_carry_counts_for_each() {
        String context = "\"context\":{\"a\":\"" + "x".repeat(10_000) + "\"}";
        String items =
                String.join(
                        ",", Collections.nCopies(1_000, "{\"type\":\"page\",\"userId\":\"u\"}"));
        assertThatThrownBy(() -> take("{" + context + ",\"batch\":[" + items + "]}"))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isEqualTo(AnalyticsRefusal.EVENTS_TOO_LARGE));
        assertThat(rig.ledger().received()).isZero();
    }

    private Loader poisoned(String poison) {
        Lake lake = rig.lake();
        LakeWriter writer =
                PoisonedEngine.writer(
                        lake, folder.resolve("poisoned"), DataSize.mebibytes(128), poison);
        return new Loader(
                rig.log,
                lake,
                writer,
                new AnalyticsStore(rig.database),
                new SeenIds(1_000),
                time.instant());
    }

    private static void loadAll(Loader loader) {
        try (loader) {
            while (loader.load(Duration.ZERO)) {
                assertThat(loader.position()).isNotNull();
            }
        }
    }

    private List<Map<String, Object>> rejected() {
        try {
            return SecondReader.rows(rig.url, "rejected");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
