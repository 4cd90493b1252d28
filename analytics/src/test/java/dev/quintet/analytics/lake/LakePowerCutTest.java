package dev.quintet.analytics.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskMutants;
import dev.quintet.platform.disk.ForwardingDisk;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.PowerCutDisk;
import dev.quintet.platform.disk.PowerCuts;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power goes right after a commit: what the catalog names by then is whole on the disk. */
final class LakePowerCutTest {

    private static final long SEED = 20261121;

    @TempDir Path folder;

    private final LocalDisk real = new LocalDisk(2);
    private TestDatabase database;

    @BeforeEach
    void makeTables() throws IOException {
        database = TestDatabase.create("analytics");
        Files.createDirectory(live());
        new Lake(real, live().resolve("lake"), InstantSource.system(), database.url()).close();
    }

    @AfterEach
    void close() {
        real.close();
        database.close();
    }

    @Test
    void a_commit_names_only_files_that_survive_a_power_cut() throws IOException {
        int states = cutAfterCommit(disk -> disk);
        System.out.printf("%d states of the disk, seed %d%n", states, SEED);
        assertThat(states).isGreaterThan(20);
    }

    @Test
    void a_commit_before_the_parquet_file_is_forced_is_noticed() {
        assertThatThrownBy(() ->
                        cutAfterCommit(disk ->
                                new ForwardingDisk(disk) {
                                    @Override
                                    public void forceFile(Path file) {
                                        // The planted fault.
                                    }
                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("power cut after step");
    }

    @Test
    void a_commit_before_its_names_are_forced_is_noticed() {
        assertThatThrownBy(() -> cutAfterCommit(DiskMutants::noFolderForce))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("power cut after step");
    }

    /** A file of the lake as it must be found again. */
    private record Promised(String file, String content) {}

    private int cutAfterCommit(UnaryOperator<Disk> fault) throws IOException {
        PowerCutDisk diary = new PowerCutDisk(real, live(), SEED);
        try (Lake lake =
                        new Lake(
                                fault.apply(diary),
                                live().resolve("lake"),
                                InstantSource.system(),
                                database.url());
                LakeWriter writer =
                        new LakeWriter(
                                lake,
                                TestEngine.FILES,
                                live().resolve("scratch"),
                                DataSize.mebibytes(128),
                                new Doubling(Duration.ofMinutes(1), Duration.ofMinutes(1)))) {
            LogRange range = new LogRange(new Position(0, 32), new Position(0, 64));
            writer.commitEvents(
                    writer.publish(writer.stage(range, lines(), Lines.ofRejected())), "{}");
            diary.note(promised(lake));
        }
        Path scratch = Files.createDirectory(folder.resolve("cuts"));
        return new PowerCuts(diary, scratch, SEED).replayEnd(LakePowerCutTest::requireAll);
    }

    private static Lines lines() {
        Lines lines = Lines.ofEvents();
        Instant now = Instant.parse("2026-11-21T12:00:00Z");
        for (int event = 0; event < 20; event++) {
            lines.add(
                    Map.of(
                            "organisation",
                            "00000000-0000-7000-8000-000000000001",
                            "source",
                            "src",
                            "message_id",
                            "m" + event,
                            "type",
                            "track",
                            "timestamp",
                            StoredFile.micros(now),
                            "received_at",
                            StoredFile.micros(now)));
        }
        return lines;
    }

    /** Every file that the catalog's entry leads to. */
    private List<Promised> promised(Lake lake) throws IOException {
        Table table = lake.table(LakeTable.EVENTS);
        List<String> locations = new ArrayList<>();
        locations.add(((BaseTable) table).operations().current().metadataFileLocation());
        for (Snapshot snapshot : table.snapshots()) {
            locations.add(snapshot.manifestListLocation());
            snapshot.allManifests(table.io()).stream()
                    .map(ManifestFile::path)
                    .forEach(locations::add);
        }
        lake.files(LakeTable.EVENTS, Expressions.alwaysTrue())
                .forEach(file -> locations.add(file.location()));
        List<Promised> promised = new ArrayList<>();
        for (String location : locations) {
            Path file = LakeFiles.path(location);
            promised.add(new Promised(live().relativize(file).toString(), content(file)));
        }
        assertThat(promised).hasSizeGreaterThanOrEqualTo(4);
        return promised;
    }

    private static void requireAll(Path root, List<Object> told) throws IOException {
        for (Object note : told) {
            for (Object each : (List<?>) note) {
                Promised promised = (Promised) each;
                Path file = root.resolve(promised.file());
                assertThat(file).exists();
                assertThat(content(file)).isEqualTo(promised.content());
            }
        }
    }

    private static String content(Path file) throws IOException {
        return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private Path live() {
        return folder.resolve("live");
    }
}
