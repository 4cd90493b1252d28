package dev.quintet.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.ForwardingDisk;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.OpenFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalEventLogTest {

    private static final LocalEventLog.Bounds SMALL =
            new LocalEventLog.Bounds(
                    DataSize.kibibytes(4), DataSize.kibibytes(64), DataSize.kibibytes(2));
    private static final DataSize MUCH = DataSize.mebibytes(1);

    @TempDir private Path folder;
    private final LocalDisk disk = new LocalDisk(2);

    @AfterEach
    void close() {
        disk.close();
    }

    @Test
    void a_record_is_read_as_it_was_appended() {
        UUID source = UUID.randomUUID();
        Instant at = Instant.parse("2026-11-21T12:00:00.123456Z");
        try (EventLog log = open(SMALL)) {
            Position position =
                    log.append(new LogRecord(at, source, 7, bytes("meta"), bytes("body")));
            LogSlice slice = log.read(log.start(), MUCH, Duration.ZERO);
            assertThat(slice.entries()).hasSize(1);
            assertThat(slice.entries().getFirst().position()).isEqualTo(position);
            LogRecord read = slice.entries().getFirst().record();
            assertThat(read).isEqualTo(new LogRecord(at, source, 7, bytes("meta"), bytes("body")));
            assertThat(slice.next()).isEqualTo(log.end());
            assertThat(Position.parse(slice.next().toString())).isEqualTo(slice.next());
        }
    }

    @Test
    void many_writers_and_many_segments_keep_every_record_once_over_a_restart() {
        List<Position> positions;
        try (EventLog log = open(SMALL);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            positions =
                    IntStream.range(0, 300)
                            .mapToObj(i ->
                                    CompletableFuture.supplyAsync(
                                            () -> log.append(record("event " + i)), threads))
                            .toList()
                            .stream()
                            .map(CompletableFuture::join)
                            .toList();
        }
        try (EventLog log = open(SMALL)) {
            assertThat(log.end().segment()).isGreaterThan(3);
            assertThat(bodies(log, log.start()))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 300).mapToObj(i -> "event " + i).toList());
            for (int i = 0; i < positions.size(); i += 37) {
                LogSlice slice = log.read(positions.get(i), new DataSize(1), Duration.ZERO);
                assertThat(text(slice.entries().getFirst())).isEqualTo("event " + i);
            }
        }
    }

    @Test
    void a_reader_that_waits_gets_the_next_record_and_one_without_news_gets_none() {
        try (EventLog log = open(SMALL);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            LogSlice nothing = log.read(log.end(), MUCH, Duration.ofMillis(5));
            assertThat(nothing.entries()).isEmpty();
            assertThat(nothing.next()).isEqualTo(log.end());
            CompletableFuture<LogSlice> waiting =
                    CompletableFuture.supplyAsync(
                            () -> log.read(nothing.next(), MUCH, Duration.ofSeconds(20)), threads);
            log.append(record("news"));
            assertThat(text(waiting.join().entries().getFirst())).isEqualTo("news");
        }
    }

    @Test
    void released_segments_are_deleted_and_a_reader_at_their_end_goes_on() {
        try (EventLog log = open(SMALL)) {
            fill(log, 40);
            Position before = log.end();
            fill(log, 40);
            log.release(log.end());
            assertThat(log.start().segment()).isEqualTo(log.end().segment());
            assertThatThrownBy(() -> log.read(before, MUCH, Duration.ZERO))
                    .hasMessageContaining("not " + before);
        }
        try (EventLog log = open(SMALL)) {
            assertThat(Segment.numbers(disk, folder)).containsExactly(log.end().segment());
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
            assertThat(log.start().segment()).isEqualTo(2);
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
    void a_record_above_the_bound_and_an_append_to_a_closed_log_are_refused() {
        EventLog log = open(SMALL);
        assertThatThrownBy(() -> log.append(record("x".repeat(3000))))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isEqualTo(LogRefusal.EVENTS_TOO_LARGE));
        log.close();
        assertThatThrownBy(() -> log.append(record("late")))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.headers()).containsKey("Retry-After"));
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
        for (int cut = (int) second.offset(); cut < whole.length; cut++) {
            Files.write(file, java.util.Arrays.copyOf(whole, cut));
            try (EventLog log = open(SMALL)) {
                assertThat(bodies(log, log.start())).hasSizeBetween(1, 2).startsWith("first");
            }
        }
        Files.write(file, whole);
        flip(file, second.offset() + RecordFormat.HEAD + 1);
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
            flip(file, last.offset() + RecordFormat.HEAD + 1);
            byte[] damaged = Files.readAllBytes(file);
            try (EventLog log = open(SMALL)) {
                assertThat(bodies(log, log.start()))
                        .contains("first " + n)
                        .doesNotContain("last " + n);
            }
            Path kept = folder.resolve("%016d-%010d.cut".formatted(1, last.offset()));
            assertThat(Files.readAllBytes(kept))
                    .isEqualTo(
                            java.util.Arrays.copyOfRange(
                                    damaged, (int) last.offset(), damaged.length));
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
        flip(file, last.offset() + RecordFormat.HEAD + 1);
        long whole = Files.size(file);
        open(SMALL).close();
        try (RandomAccessFile torn = new RandomAccessFile(file.toFile(), "rw")) {
            torn.seek(torn.length());
            torn.write(new byte[10]);
        }
        try (LocalEventLog log = open(SMALL)) {
            assertThat(log.cutBytes()).isEqualTo(whole - last.offset() + 10);
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

    static List<String> bodies(EventLog log, Position from) {
        List<String> found = new ArrayList<>();
        LogSlice slice = log.read(from, DataSize.kibibytes(1), Duration.ZERO);
        while (!slice.entries().isEmpty()) {
            slice.entries().forEach(entry -> found.add(text(entry)));
            slice = log.read(slice.next(), DataSize.kibibytes(1), Duration.ZERO);
        }
        return found;
    }

    static LogRecord record(String body) {
        return new LogRecord(Instant.EPOCH, new UUID(1, 2), 0, bytes(""), bytes(body));
    }

    static String text(LogSlice.Entry entry) {
        return StandardCharsets.UTF_8.decode(entry.record().body()).toString();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
