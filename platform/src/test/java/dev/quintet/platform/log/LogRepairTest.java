package dev.quintet.platform.log;

import static dev.quintet.platform.log.EventLogContract.record;
import static dev.quintet.platform.log.EventLogContract.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.UnforcedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged log goes on: new records are taken, and the old ones are found but the damaged. */
final class LogRepairTest {

    // Three records a segment.
    private static final LocalEventLog.Bounds TINY =
            new LocalEventLog.Bounds(new DataSize(230), new DataSize(4_000), new DataSize(190));

    @TempDir private Path folder;
    private final LocalDisk real = new LocalDisk(1);
    private final Disk disk = new UnforcedDisk(real);

    @AfterEach
    void close() {
        real.close();
    }

    /** The text of each record by where it lies. */
    private NavigableMap<Position, String> fill() {
        NavigableMap<Position, String> records = new TreeMap<>();
        try (EventLog log = open()) {
            for (int n = 0; n < 8; n++) {
                records.put(log.append(record("event " + n)), "event " + n);
            }
        }
        return records;
    }

    private LocalEventLog open() {
        return new LocalEventLog(disk, folder, TINY, new DiskGuard(disk, folder, 1, 1));
    }

    private static Position place(long segment, long offset) {
        return new Place(segment, offset).position();
    }

    private List<Gap> repair(Optional<Position> readTo) {
        return LogRepair.setAside(disk, folder, readTo);
    }

    /** What is read until the log ends or is damaged. */
    private static List<String> readable(EventLog log) {
        List<String> found = new ArrayList<>();
        Position at = log.start();
        try {
            while (true) {
                LogSlice slice = log.read(at, DataSize.kibibytes(1), Duration.ZERO);
                slice.entries().forEach(entry -> found.add(text(entry)));
                if (slice.entries().isEmpty()) {
                    return found;
                }
                at = slice.next();
            }
        } catch (LogDamaged damaged) {
            assertThat(damaged).hasMessageContaining("set-aside-events");
            return found;
        }
    }

    @Test
    void whichever_byte_is_changed_only_its_record_is_lost_and_nothing_silently() throws Exception {
        List<String> all = List.copyOf(fill().values());
        List<Long> segments = Segment.numbers(disk, folder);
        assertThat(segments).hasSize(3);
        byte[][] whole = new byte[segments.size()][];
        for (int at = 0; at < whole.length; at++) {
            whole[at] = Files.readAllBytes(Segment.path(folder, segments.get(at)));
        }
        for (int at = 0; at < whole.length; at++) {
            for (int offset = 0; offset < whole[at].length; offset++) {
                restore(segments, whole);
                byte[] damaged = whole[at].clone();
                damaged[offset] ^= 0x10;
                Path file = Segment.path(folder, segments.get(at));
                Files.write(file, damaged);
                boolean last = at == whole.length - 1;
                assertRepaired(all, file, damaged, offset, last);
            }
        }
    }

    private void assertRepaired(
            List<String> all, Path file, byte[] damaged, int offset, boolean last)
            throws IOException {
        String where = file.getFileName() + " byte " + offset;
        try (EventLog log = open()) {
            assertThat(log.append(record("after"))).as(where).isGreaterThan(log.start());
            List<String> before = readable(log);
            before.remove("after");
            assertThat(all.subList(0, before.size())).as(where).isEqualTo(before);
        }
        List<Gap> gaps = repair(Optional.empty());
        try (EventLog log = open()) {
            List<String> found = readable(log);
            assertThat(found).as(where).endsWith("after");
            found.removeLast();
            assertThat(all).as(where).containsSubsequence(found);
            int lost = all.size() - found.size();
            // A damaged tail is a torn one to whoever looks: it is cut, and kept.
            assertThat(lost).as(where).isLessThanOrEqualTo(last ? 2 : 1);
            assertThat(gaps.size() + cuts()).as(where).isEqualTo(lost == 0 ? 0 : 1);
            if (!gaps.isEmpty()) {
                assertKept(gaps.getFirst(), damaged);
                assertThat(log.gaps()).as(where).isEqualTo(gaps);
            }
        }
        assertThat(repair(Optional.empty())).as(where).isEmpty();
    }

    private void assertKept(Gap gap, byte[] damaged) throws IOException {
        try (var files = Files.list(folder)) {
            Path kept =
                    files.filter(path -> path.toString().endsWith(".gap"))
                            .findFirst()
                            .orElseThrow();
            int from = (int) Place.of(gap.from()).offset();
            assertThat(Files.readAllBytes(kept))
                    .isEqualTo(Arrays.copyOfRange(damaged, from, from + (int) gap.bytes()));
        }
    }

    private long cuts() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(".cut")).count();
        }
    }

    private void restore(List<Long> segments, byte[][] whole) throws IOException {
        for (Path path : disk.list(folder)) {
            disk.delete(path);
        }
        for (int at = 0; at < whole.length; at++) {
            Files.write(Segment.path(folder, segments.get(at)), whole[at]);
        }
    }

    @Test
    void a_segment_that_is_cut_short_or_missing_costs_its_records_alone() throws Exception {
        NavigableMap<Position, String> records = fill();
        Position last = new TreeMap<>(records.headMap(place(2, 0))).lastKey();
        try (var file = disk.open(Segment.path(folder, 1))) {
            file.resize(file.size() - 1);
        }
        try (EventLog log = open()) {
            assertThatThrownBy(() -> log.read(last, DataSize.kibibytes(1), Duration.ZERO))
                    .isInstanceOf(LogDamaged.class)
                    .hasMessageContaining("at byte " + Place.of(last).offset());
        }
        assertThat(repair(Optional.empty()))
                .singleElement()
                .satisfies(gap -> assertThat(gap.to()).isEqualTo(place(2, Segment.HEAD)));
        Files.delete(Segment.path(folder, 2));
        try (EventLog log = open()) {
            assertThat(readable(log)).doesNotContain("event 7");
        }
        assertThat(repair(Optional.empty()))
                .containsExactly(new Gap(place(2, Segment.HEAD), place(3, Segment.HEAD), 0));
        records.remove(last);
        records.keySet().removeIf(at -> Place.of(at).segment() == 2);
        try (EventLog log = open()) {
            assertThat(readable(log)).containsExactlyElementsOf(records.values());
        }
    }

    @Test
    void a_reader_in_the_middle_of_what_is_damaged_goes_on_behind_it() throws Exception {
        NavigableMap<Position, String> records = fill();
        List<Position> places = List.copyOf(records.keySet());
        Position reader = places.get(1);
        try (var file = disk.open(Segment.path(folder, 1))) {
            long first = Place.of(places.get(0)).offset();
            byte[] zeros = new byte[(int) (Place.of(places.get(2)).offset() - first)];
            file.write(first, ByteBuffer.wrap(zeros));
        }
        assertThat(repair(Optional.of(reader)))
                .singleElement()
                .satisfies(gap -> assertThat(gap.from()).isEqualTo(places.get(0)));
        assertThat(repair(Optional.of(reader))).isEmpty();
        try (EventLog log = open()) {
            LogSlice slice = log.read(reader, DataSize.kibibytes(1), Duration.ZERO);
            assertThat(slice.entries().getFirst().position()).isEqualTo(places.get(2));
        }
    }

    @Test
    void a_reader_whose_segments_are_gone_goes_on_at_the_first_that_is_left() throws Exception {
        NavigableMap<Position, String> records = fill();
        Position reader = records.higherKey(records.firstKey());
        Files.delete(Segment.path(folder, 1));
        assertThat(repair(Optional.of(reader)))
                .containsExactly(new Gap(reader, place(2, Segment.HEAD), 0));
        assertThat(repair(Optional.of(reader))).isEmpty();
        try (EventLog log = open()) {
            LogSlice slice = log.read(reader, DataSize.kibibytes(1), Duration.ZERO);
            assertThat(Place.of(slice.entries().getFirst().position()).segment()).isEqualTo(2);
        }
    }

    @Test
    void a_reader_that_has_read_more_than_there_is_goes_on_behind_it() {
        fill();
        Position reader = place(7, 4096);
        assertThat(repair(Optional.of(reader)))
                .containsExactly(new Gap(reader, place(8, Segment.HEAD), 0));
        assertThat(repair(Optional.of(reader))).isEmpty();
        try (EventLog log = open()) {
            Position next = log.append(record("next"));
            assertThat(log.read(reader, DataSize.kibibytes(1), Duration.ZERO).entries())
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.position()).isEqualTo(next));
            assertThat(readable(log)).containsExactly("next");
        }
        assertThat(disk.list(folder))
                .filteredOn(path -> path.toString().endsWith(".log.aside"))
                .hasSize(3);
    }
}
