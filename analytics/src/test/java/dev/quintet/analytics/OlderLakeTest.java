package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.analytics.lake.RejectedItems;
import dev.quintet.platform.Await;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log, a lake and a ledger from before positions had a partition are gone on with: nothing is
 * lost and nothing is there twice, wherever the older release stood when it ended.
 */
final class OlderLakeTest {

    @TempDir private Path folder;
    private final ManualTime time = new ManualTime();
    private TestDatabase database;
    private Rig rig;
    private String key = "";
    private int taken;

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = rig();
        key = rig.source("shop");
    }

    @AfterEach
    void close() {
        rig.close();
        database.close();
    }

    private Rig rig() {
        return new Rig(folder, database, time);
    }

    /** Requests of an event and an item that is none, in a segment of their own. */
    private void take(int requests) {
        rig.log.rotate();
        for (int end = taken + requests; taken < end; taken++) {
            rig.take(
                    key,
                    """
                    {"batch":[{"type":"track","event":"E","userId":"u","messageId":"m%1$d"},{"type":"track","n":%1$d}]}
                    """
                            .formatted(taken));
        }
    }

    private void reopenAsOlder() throws IOException {
        rig.close();
        OlderLake.make(database, folder.resolve("lake"));
        rig = rig();
    }

    private void assertAllExactlyOnce() {
        assertThat(rig.ledger()).isEqualTo(new Balance(2L * taken, taken, 0, taken, 0, List.of()));
        assertThat(rig.number("select count(distinct message_id) from events")).isEqualTo(taken);
        List<String> bodies = new ArrayList<>();
        Optional<String> after = Optional.empty();
        do {
            RejectedItems.Page page = rig.analytics.rejected(Rig.US, after, 7);
            page.items().forEach(item -> bodies.add(item.body()));
            after = page.next();
        } while (after.isPresent());
        List<String> all = new ArrayList<>();
        for (int n = 0; n < taken; n++) {
            all.add("{\"type\":\"track\",\"n\":" + n + "}");
        }
        assertThat(bodies).as("in the order in which they came").isEqualTo(all);
    }

    private static void loadAll(Loader loader) {
        for (boolean loaded = true; loaded; ) {
            loaded = loader.load(Duration.ZERO);
        }
    }

    @Test
    void one_that_ended_between_its_two_commits_is_gone_on_with_and_its_files_are_merged()
            throws Exception {
        Erasure erasure;
        try (Loader old = rig.loader()) {
            take(10);
            loadAll(old);
            take(5);
            Cut cut = old.cut(Duration.ZERO).orElseThrow();
            RangeFiles published = old.publish(old.stage(cut));
            old.commitRejected(published);
            take(5);
            erasure = rig.analytics.erase(Rig.US.organisation(), new UUID(7, 7));
        }
        reopenAsOlder();
        assertThat(rig.ledger()).isEqualTo(new Balance(40, 10, 0, 10, 20, List.of()));
        assertThat(rig.analytics.rejected(Rig.US, Optional.empty(), 50).items())
                .as("those of the range that is not loaded are there already")
                .hasSize(15);
        try (Loader loader = rig.loader()) {
            assertThat(left("000000000001-000000000032-1-64")).as("swept").isEmpty();
            for (int range = 0; range < 10; range++) {
                loadAll(loader);
                take(1);
            }
            loadAll(loader);
            assertAllExactlyOnce();
            loader.tidy(time.instant(), Duration.ofMinutes(10), Duration.ofHours(1));
            while (loader.hasToCompact()) {
                loader.compact();
            }
            assertThat(SecondReader.files(database.url(), "rejected"))
                    .as("of the older release and of this one, in one")
                    .hasSize(1);
        }
        assertAllExactlyOnce();
        rig.analytics.start();
        Await.until(
                "who was to be erased is",
                () ->
                        rig.analytics
                                .erasures()
                                .read(Rig.US.organisation(), erasure.id())
                                .doneAt()
                                .isPresent());
        rig.close();
        rig = rig();
        assertAllExactlyOnce();
    }

    @Test
    void one_that_ended_before_it_counted_what_it_committed_is_counted_once() throws Exception {
        try (Loader old = rig.loader()) {
            take(10);
            loadAll(old);
            take(5);
            Cut cut = old.cut(Duration.ZERO).orElseThrow();
            RangeFiles published = old.publish(old.stage(cut));
            old.commitRejected(published);
            old.commitEvents(cut, published);
            take(5);
        }
        reopenAsOlder();
        try (Loader loader = rig.loader()) {
            assertThat(rig.ledger()).isEqualTo(new Balance(40, 15, 0, 15, 10, List.of()));
            loadAll(loader);
        }
        assertAllExactlyOnce();
        try (Loader again = rig.loader()) {
            loadAll(again);
        }
        assertAllExactlyOnce();
    }

    @Test
    void a_gap_that_the_ledger_showed_is_shown_and_a_page_that_was_asked_for_is_refused()
            throws Exception {
        rig.database.run(tx ->
                tx.handle()
                        .execute(
                                "insert into analytics.gaps (log_partition, from_offset, to_offset, bytes, at)"
                                        + " values (0, 4294967389, 8589934624, 17, now())"));
        List<Balance.SetAside> before = rig.ledger().setAside();
        assertThat(before)
                .containsExactly(new Balance.SetAside("0:4294967389", "0:8589934624", 17));
        reopenAsOlder();
        assertThat(rig.ledger().setAside()).isEqualTo(before);
        assertThatThrownBy(() -> rig.analytics.rejected(Rig.US, Optional.of("1-93-0"), 7))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isEqualTo(AnalyticsRefusal.PAGE_UNKNOWN));
    }

    private List<Path> left(String name) throws IOException {
        try (var files = Files.list(folder.resolve("lake/analytics/events/data"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(name)).toList();
        }
    }
}
