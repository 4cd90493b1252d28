package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.ManualTime;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files become few, and nobody who reads or erases notices. */
final class CompactionTest {

    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration IDLE = Duration.ofMinutes(1);

    @TempDir private Path folder;
    // Snapshots carry the real time.
    private final ManualTime time = new ManualTime(Instant.now());
    private TestDatabase database;
    private Rig rig;
    private String ours = "";
    private String theirs = "";

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, time);
        ours = rig.source("ours");
        theirs = rig.source(Rig.THEM, "theirs");
    }

    @AfterEach
    void close() {
        rig.close();
        database.close();
    }

    /** A range of its own: an event of the one person, one of another, and one that is none. */
    private void load(Loader loader, String key, int range) {
        rig.take(
                key,
                """
                {"batch":[{"type":"track","event":"E","userId":"zoe-7041","messageId":"a%1$d"},
                          {"type":"track","event":"E","userId":"bob","messageId":"b%1$d"},
                          {"type":"track","userId":"zoe-7041"}]}\
                """
                        .formatted(range));
        assertThat(loader.load(Duration.ZERO)).isTrue();
    }

    private void tidy(Loader loader) {
        loader.tidy(time.instant(), KEPT, IDLE);
        while (loader.hasToCompact()) {
            loader.compact();
        }
    }

    private Set<String> files(String table) throws IOException {
        try (var all =
                Files.list(folder.resolve("lake/analytics").resolve(table).resolve("data"))) {
            return all.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void ten_ranges_are_one_file_of_each_organisation_and_hold_the_same() throws Exception {
        try (Loader loader = rig.loader()) {
            for (int range = 0; range < 10; range++) {
                load(loader, ours, range);
                load(loader, theirs, range);
            }
            Set<String> small = files("events");
            assertThat(small).hasSize(20);
            tidy(loader);
            assertThat(files("events")).as("readers may still hold them").containsAll(small);
            time.advance(Duration.ofHours(1));
            load(loader, ours, 10);
            tidy(loader);
            assertThat(files("events")).hasSize(3).doesNotContainAnyElementsOf(small);
            assertThat(files("rejected")).hasSize(3);
        }
        assertThat(rig.ledger()).isEqualTo(new Balance(33, 22, 0, 11, 0, List.of()));
        assertThat(rig.number("select count(distinct message_id) from events")).isEqualTo(22);
        assertThat(SecondReader.rows(rig.url, "events")).hasSize(42);
        assertThat(SecondReader.rows(rig.url, "events"))
                .extracting(row -> row.get("organisation"))
                .containsOnly(Rig.US.organisation().toString(), Rig.OTHER.toString());
        // What was sent again is known by its merged rows.
        try (Loader next = rig.loader()) {
            load(next, ours, 3);
        }
        assertThat(rig.ledger()).isEqualTo(new Balance(36, 22, 2, 12, 0, List.of()));
    }

    @Test
    void a_person_is_erased_from_merged_files() throws Exception {
        try (Loader loader = rig.loader()) {
            for (int range = 0; range < 10; range++) {
                load(loader, ours, range);
            }
            tidy(loader);
            Rig.erase(loader, Rig.US.organisation(), "zoe-7041");
            time.advance(Duration.ofHours(1));
            tidy(loader);
        }
        assertThat(rig.number("select count(*) from events where user_id = 'zoe-7041'")).isZero();
        assertThat(rig.number("select count(*) from events where user_id = 'bob'")).isEqualTo(10);
        assertThat(RawSearch.where(folder.resolve("lake"), "zoe-7041")).isEmpty();
    }

    @Test
    void what_was_planned_before_an_erasure_brings_nobody_back() throws Exception {
        try (Loader loader = rig.loader()) {
            for (int range = 0; range < 10; range++) {
                load(loader, ours, range);
            }
            loader.tidy(time.instant(), KEPT, IDLE);
            Rig.erase(loader, Rig.US.organisation(), "zoe-7041");
            while (loader.hasToCompact()) {
                loader.compact();
            }
            time.advance(Duration.ofHours(1));
            tidy(loader);
        }
        assertThat(RawSearch.where(folder.resolve("lake"), "zoe-7041")).isEmpty();
    }

    @Test
    void files_that_cannot_be_merged_stay_and_loading_goes_on() throws Exception {
        try (Loader loader = rig.loader()) {
            for (int range = 0; range < 10; range++) {
                load(loader, ours, range);
            }
            loader.tidy(time.instant(), KEPT, IDLE);
            Path one =
                    folder.resolve("lake/analytics/events/data")
                            .resolve(files("events").iterator().next());
            byte[] whole = Files.readAllBytes(one);
            Files.write(one, new byte[whole.length]);
            while (loader.hasToCompact()) {
                loader.compact();
            }
            load(loader, ours, 10);
            Files.write(one, whole);
        }
        assertThat(rig.number("select count(*) from events")).isEqualTo(22);
        assertThat(files("events")).hasSize(11);
        assertThat(files("rejected")).as("others are merged").hasSize(12);
    }
}
