package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.NumberedLog;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over a log whose positions are no places in files, everything is loaded and counted the same. */
final class NumberedLogTest {

    // Some requests that are together more than a piece that the ledger counts as one.
    private static final int LARGE = 8;
    private static final int SMALL = 20;
    private static final String FILLER = "x".repeat(30_000);

    @TempDir private Path folder;
    private final NumberedLog.Topic topic = new NumberedLog.Topic();

    private Rig rig(TestDatabase database) {
        EventLog log = new NumberedLog(topic, DataSize.mebibytes(1));
        return new Rig(folder, database, InstantSource.system(), log);
    }

    private static void take(Rig rig, String key, String request, int items) {
        rig.take(
                key,
                IntStream.range(0, items)
                        .mapToObj(item ->
                                """
                                {"type":"track","event":"E","userId":"u","messageId":"%s-%d","properties":{"p":"%s"}}
                                """
                                        .formatted(request, item, FILLER))
                        .collect(Collectors.joining(",", "{\"batch\":[", "]}")));
    }

    @Test
    void what_waits_is_counted_at_every_place_and_loaded_once_over_a_restart() {
        try (TestDatabase database = TestDatabase.create("analytics")) {
            String key;
            long all = 0;
            try (Rig rig = rig(database)) {
                key = rig.source("shop");
                for (int request = 0; request < LARGE + SMALL; request++) {
                    int items = request % 3 == 0 && request / 3 < LARGE ? 10 : 1;
                    take(rig, key, "first" + request, items);
                    all += items;
                    assertThat(rig.ledger()).isEqualTo(balance(all, 0));
                }
                try (Loader loader = rig.loader()) {
                    Cut cut = loader.cut(Duration.ZERO).orElseThrow();
                    assertThat(cut.requests).hasSize(LARGE + SMALL);
                }
            }
            try (Rig rig = rig(database)) {
                assertThat(rig.ledger()).as("what the log held before").isEqualTo(balance(all, 0));
                take(rig, key, "second", 10);
                all += 10;
                loadInSteps(rig, all);
                assertThat(rig.log.start())
                        .as("what is loaded is forgotten")
                        .isEqualTo(rig.log.end());
                Erasure erasure = rig.analytics.erase(Rig.US.organisation(), new UUID(7, 7));
                rig.analytics.start();
                take(rig, key, "third", 1);
                Await.until("it is loaded", () -> rig.ledger().pending() == 0);
                Await.until(
                        "who is to be erased is",
                        () ->
                                rig.analytics
                                        .erasures()
                                        .read(Rig.US.organisation(), erasure.id())
                                        .doneAt()
                                        .isPresent());
            }
            try (Rig rig = rig(database)) {
                assertThat(rig.ledger()).isEqualTo(balance(all + 1, all + 1));
                assertThat(rig.number("select count(distinct message_id) from events"))
                        .isEqualTo(all + 1);
            }
        }
    }

    /** With a ledger that balances before and after each of them. */
    private static void loadInSteps(Rig rig, long all) {
        // Half of what an earlier process had begun, then more.
        try (Loader loader = rig.loader()) {
            Position before = loader.position();
            for (boolean loaded = true; loaded; ) {
                loaded = loader.load(Duration.ZERO);
                Balance now = rig.ledger();
                assertThat(now).isEqualTo(balance(all, now.stored()));
            }
            assertThat(loader.isBehind()).isFalse();
            assertThat(loader.position()).isGreaterThan(before).isEqualTo(rig.log.end());
        }
    }

    private static Balance balance(long received, long stored) {
        return new Balance(received, stored, 0, 0, received - stored, List.of());
    }
}
