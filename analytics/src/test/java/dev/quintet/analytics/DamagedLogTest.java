package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.log.Gap;
import dev.quintet.platform.log.LogRefusal;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.TestDatabase;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Acknowledged events that the disk has changed stop what comes behind them, and say so. */
final class DamagedLogTest {

    @TempDir private Path folder;
    private TestDatabase database;
    private Rig rig;
    private String key = "";

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
        return new Rig(folder, database, InstantSource.system());
    }

    /** Answers where its record ends. */
    private Position take(String messageId) {
        String body =
                """
                {"batch":[{"type":"track","event":"E","userId":"u","messageId":"%s"}]}
                """
                        .formatted(messageId);
        rig.take(key, body);
        return rig.log.end();
    }

    private static void assertRefused(Refusal refusal, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.refusal()).isEqualTo(refusal));
    }

    @Test
    void loading_stops_before_the_damage_taking_goes_on_and_the_gap_stays_in_the_ledger()
            throws Exception {
        Position first = take("first");
        Path segment = folder.resolve("log").resolve("%016d.log".formatted(1));
        long damaged = Files.size(segment);
        take("damaged");
        take("third");
        rig.close();
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(damaged + 60);
            int old = file.read();
            file.seek(damaged + 60);
            file.write(old ^ 1);
        }

        rig = rig();
        rig.analytics.start();
        take("fourth");
        Await.until("the loader has stopped", () -> rig.analytics.problem().isPresent());
        assertThat(rig.analytics.problem())
                .hasValueSatisfying(why -> assertThat(why).contains("damaged at " + first));
        assertRefused(LogRefusal.EVENT_LOG_DAMAGED, () -> rig.ledger());
        UUID person = new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0007L);
        Erasure erasure = rig.analytics.erase(Rig.OTHER, person);
        assertThat(rig.number("select count(*) from events where message_id = 'first'")).isOne();
        rig.close();

        List<Gap> gaps = setAside();
        assertThat(gaps)
                .singleElement()
                .satisfies(gap -> {
                    assertThat(gap.from()).isEqualTo(first);
                    assertThat(gap.bytes()).isPositive();
                });
        rig = rig();
        List<Balance.SetAside> shown = gaps.stream().map(Balance.SetAside::of).toList();
        assertThat(rig.ledger()).isEqualTo(new Balance(3, 1, 0, 0, 2, shown));
        rig.analytics.start();
        Await.until("all is loaded", () -> rig.ledger().pending() == 0);
        Await.until(
                "who was to be erased meanwhile is",
                () -> rig.analytics.erasures().read(Rig.OTHER, erasure.id()).doneAt().isPresent());
        assertThat(rig.ledger()).isEqualTo(new Balance(3, 3, 0, 0, 0, shown));
        rig.log.rotate();
        rig.log.release(rig.log.end());
        rig.close();

        assertThat(setAside()).isEmpty();
        rig = rig();
        assertThat(rig.ledger()).isEqualTo(new Balance(3, 3, 0, 0, 0, shown));
    }

    private List<Gap> setAside() {
        try (LocalDisk disk = new LocalDisk(1)) {
            return Analytics.setDamageAside(
                    disk,
                    folder.resolve("log"),
                    folder.resolve("lake"),
                    InstantSource.system(),
                    database.url());
        }
    }
}
