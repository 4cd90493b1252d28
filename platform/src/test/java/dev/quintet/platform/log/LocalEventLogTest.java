package dev.quintet.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.ForwardingDisk;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.OpenFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over files, and what is true of files alone. */
final class LocalEventLogTest extends EventLogContract {

    // About twenty of the contract's records a segment.
    private static final LocalEventLog.Bounds CONTRACT =
            new LocalEventLog.Bounds(
                    DataSize.kibibytes(1), DataSize.kibibytes(64), new DataSize(512));
    private static final LocalEventLog.Bounds SMALL =
            new LocalEventLog.Bounds(
                    DataSize.kibibytes(4), DataSize.kibibytes(64), DataSize.kibibytes(2));
    private static final DataSize MUCH = DataSize.mebibytes(1);

    @TempDir private Path folder;
    @TempDir private Path copies;
    private final LocalDisk disk = new LocalDisk(2);

    @AfterEach
    void close() {
        disk.close();
    }

    @Override
    protected EventLog open() {
        return open(CONTRACT);
    }

    @Override
    protected EventLog afterKill() {
        for (Path file : disk.list(folder)) {
            disk.replace(copies.resolve(file.getFileName()), disk.read(file));
        }
        return new LocalEventLog(disk, copies, CONTRACT, new DiskGuard(disk, copies, 1, 1));
    }

    @Override
    protected int largestBody() {
        return (int) CONTRACT.record().bytes() - RecordFormat.HEAD;
    }

    private static long segment(Position position) {
        return Place.of(position).segment();
    }

    private static long offset(Position position) {
        return Place.of(position).offset();
    }

    @Test
    void a_position_from_before_it_had_a_partition_is_the_same_place() {
        List<Position> positions = new ArrayList<>();
        try (EventLog log = open()) {
            for (int i = 0; i < 40; i++) {
                positions.add(log.append(record("x".repeat(200))));
            }
            positions.add(log.end());
            assertThat(segment(log.end())).isGreaterThan(2);
        }
        for (Position position : positions) {
            assertThat(LocalEventLog.olderPosition(segment(position) + ":" + offset(position)))
                    .isEqualTo(position);
        }
        assertThat(LocalEventLog.olderPosition("2147483647:1073741824"))
                .as("the last place that there can be")
                .isEqualTo(new Position(0, Integer.MAX_VALUE * 4294967296L + 1073741824));
        assertThat(LocalEventLog.olderPosition("3:4096"))
                .as("as the migration writes it")
                .isEqualTo(new Position(0, 3 * 4294967296L + 4096));
        assertThatThrownBy(() -> LocalEventLog.olderPosition("0/32"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void released_segments_are_deleted_and_a_reader_at_their_end_goes_on() {
        try (EventLog log = open(SMALL)) {
            fill(log, 40);
            Position before = log.end();
            fill(log, 40);
            log.release(log.end());
            assertThat(segment(log.start())).isEqualTo(segment(log.end()));
            assertThatThrownBy(() -> log.read(before, MUCH, Duration.ZERO))
                    .isInstanceOf(NotInLog.class);
        }
        try (EventLog log = open(SMALL)) {
            assertThat(Segment.numbers(disk, folder)).containsExactly(segment(log.end()));
            assertThat(bodies(log, log.start())).isNotEmpty();
        }
    }

    @Test
    void the_end_of_a_released_segment_is_the_beginning_of_the_next() {
        LocalEventLog.Bounds one =
                new LocalEventLog.Bounds(new DataSize(132), new DataSize(100), new DataSize(100));
        Position end;
        try (EventLog log = open(one)) {
            log.append(record("a".repeat(40)));
            end = log.end();
            log.append(record("b".repeat(40)));
            log.release(log.end());
        }
        try (EventLog log = open(one)) {
            assertThat(segment(log.start())).isEqualTo(2);
            assertThat(bodies(log, end)).containsExactly("b".repeat(40));
        }
    }

    @Test
    void after_a_rotation_all_that_was_read_can_be_released() throws Exception {
        Position end;
        try (EventLog log = open(SMALL)) {
            log.append(record("to be forgotten"));
            end = log.end();
            log.rotate();
            log.rotate();
            log.release(log.read(end, MUCH, Duration.ZERO).next());
            assertThat(Segment.numbers(disk, folder)).containsExactly(2L);
            assertThat(Files.readString(Segment.path(folder, 2), StandardCharsets.ISO_8859_1))
                    .doesNotContain("forgotten");
        }
        try (EventLog log = open(SMALL)) {
            log.append(record("next"));
            assertThat(bodies(log, end)).containsExactly("next");
        }
    }

    @Test
    void a_torn_tail_is_cut_but_a_broken_record_before_later_ones_is_an_alarm() throws Exception {
        Position second;
        try (EventLog log = open(SMALL)) {
            log.append(record("first"));
            second = log.append(record("second"));
            log.append(record("third"));
        }
        Path file = Segment.path(folder, 1);
        byte[] whole = Files.readAllBytes(file);
        for (int cut = (int) offset(second); cut < whole.length; cut++) {
            Files.write(file, java.util.Arrays.copyOf(whole, cut));
            try (EventLog log = open(SMALL)) {
                assertThat(bodies(log, log.start())).hasSizeBetween(1, 2).startsWith("first");
            }
        }
        Files.write(file, whole);
        flip(file, offset(second) + RecordFormat.HEAD + 1);
        try (EventLog log = open(SMALL)) {
            log.append(record("fourth"));
            LogSlice before = log.read(log.start(), MUCH, Duration.ZERO);
            assertThat(before.entries()).hasSize(1);
            assertThat(before.next()).isEqualTo(second);
            assertThatThrownBy(() -> log.read(second, MUCH, Duration.ZERO))
                    .isInstanceOfSatisfying(
                            LogDamaged.class,
                            damaged -> assertThat(damaged.at()).isEqualTo(second));
        }
    }

    @Test
    void what_is_cut_off_is_kept_beside_the_log_and_at_most_ten_times() throws Exception {
        Path file = Segment.path(folder, 1);
        for (int n = 0; n < 12; n++) {
            Position last;
            try (EventLog log = open(SMALL)) {
                log.append(record("first " + n));
                last = log.append(record("last " + n));
            }
            flip(file, offset(last) + RecordFormat.HEAD + 1);
            byte[] damaged = Files.readAllBytes(file);
            try (EventLog log = open(SMALL)) {
                assertThat(bodies(log, log.start()))
                        .contains("first " + n)
                        .doesNotContain("last " + n);
            }
            Path kept = folder.resolve("%016d-%010d.cut".formatted(1, offset(last)));
            assertThat(Files.readAllBytes(kept))
                    .isEqualTo(
                            java.util.Arrays.copyOfRange(
                                    damaged, (int) offset(last), damaged.length));
        }
        try (var files = Files.list(folder)) {
            assertThat(files.filter(path -> path.toString().endsWith(".cut"))).hasSize(10);
        }
    }

    @Test
    void a_torn_tail_that_no_disk_has_room_for_stops_no_start() throws Exception {
        try (EventLog log = open(SMALL)) {
            log.append(record("whole"));
            log.append(record("torn"));
        }
        Path file = Segment.path(folder, 1);
        byte[] all = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(all, all.length - 1));
        Disk noRoom =
                new ForwardingDisk(disk) {
                    @Override
                    public OpenFile create(Path path) {
                        if (path.toString().endsWith(".cut")) {
                            throw new DiskFailed(
                                    "create", path, new IOException("No space left on device"));
                        }
                        return super.create(path);
                    }
                };
        try (EventLog log =
                new LocalEventLog(noRoom, folder, SMALL, new DiskGuard(disk, folder, 1, 1))) {
            log.append(record("next"));
            assertThat(bodies(log, log.start())).containsExactly("whole", "next");
        }
    }

    @Test
    void a_second_cut_at_the_same_place_keeps_both() throws Exception {
        Position last;
        try (EventLog log = open(SMALL)) {
            log.append(record("first"));
            last = log.append(record("last"));
        }
        Path file = Segment.path(folder, 1);
        flip(file, offset(last) + RecordFormat.HEAD + 1);
        long whole = Files.size(file);
        open(SMALL).close();
        try (RandomAccessFile torn = new RandomAccessFile(file.toFile(), "rw")) {
            torn.seek(torn.length());
            torn.write(new byte[10]);
        }
        try (LocalEventLog log = open(SMALL)) {
            assertThat(log.cutBytes()).isEqualTo(whole - offset(last) + 10);
        }
        try (var files = Files.list(folder)) {
            assertThat(files.filter(path -> path.toString().endsWith(".cut"))).hasSize(2);
        }
    }

    @Test
    void damage_in_an_older_segment_is_an_alarm_and_never_skipped() throws Exception {
        try (EventLog log = open(SMALL)) {
            fill(log, 80);
        }
        flip(Segment.path(folder, 1), 100);
        try (EventLog log = open(SMALL)) {
            assertThatThrownBy(() -> bodies(log, log.start())).isInstanceOf(LogDamaged.class);
        }
    }

    private static void fill(EventLog log, int records) {
        for (int i = 0; i < records; i++) {
            log.append(record("x".repeat(200)));
        }
    }

    private static void flip(Path file, long at) throws Exception {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(at);
            int old = open.read();
            open.seek(at);
            open.write(old ^ 1);
        }
    }

    private LocalEventLog open(LocalEventLog.Bounds bounds) {
        return new LocalEventLog(disk, folder, bounds, new DiskGuard(disk, folder, 1, 1));
    }
}
