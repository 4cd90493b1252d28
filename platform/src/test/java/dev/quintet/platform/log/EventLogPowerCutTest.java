package dev.quintet.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.DiskMutants;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.PowerCutDisk;
import dev.quintet.platform.disk.PowerCuts;
import dev.quintet.platform.disk.UnforcedDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power at every point of a log's life; what was acknowledged is found whole each time.
 */
final class EventLogPowerCutTest {

    // Room for three or four records a segment, so that segments roll.
    private static final LocalEventLog.Bounds TINY =
            new LocalEventLog.Bounds(new DataSize(400), new DataSize(4_000), new DataSize(300));

    @TempDir private Path folder;
    private final LocalDisk real = new LocalDisk(1);
    private final long seed = System.nanoTime();

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void what_was_acknowledged_is_found_whole_after_a_cut_at_any_point() throws Exception {
        int states = oneWriter(UnaryOperator.identity(), CRC32C::new);
        assertThat(states).isGreaterThan(100);
    }

    @Test
    void records_that_were_forced_together_are_found_whole_after_a_cut_at_any_point()
            throws Exception {
        manyWriters();
    }

    @Test
    void the_test_notices_a_missing_file_force() {
        assertCaught(() -> oneWriter(DiskMutants::noFileForce, CRC32C::new));
    }

    @Test
    void the_test_notices_a_missing_folder_force() {
        assertCaught(() -> oneWriter(DiskMutants::noFolderForce, CRC32C::new));
    }

    @Test
    void the_test_notices_an_answer_before_the_force() {
        assertCaught(() -> oneWriter(DiskMutants::answerBeforeForce, CRC32C::new));
    }

    @Test
    void the_test_notices_a_torn_tail_that_is_taken_by_its_length_alone() {
        assertCaught(() -> oneWriter(UnaryOperator.identity(), LengthOnly::new));
    }

    private static void assertCaught(Run run) {
        assertThatThrownBy(run::run)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("power cut after step");
    }

    @FunctionalInterface
    private interface Run {
        int run() throws Exception;
    }

    private int oneWriter(UnaryOperator<Disk> fault, Supplier<Checksum> checksum) throws Exception {
        System.out.println("seed " + seed);
        PowerCutDisk disk = disk();
        Set<String> appended = ConcurrentHashMap.newKeySet();
        try (EventLog log = open(fault.apply(disk), live(), checksum)) {
            for (int i = 0; i < 9; i++) {
                append(log, disk, appended, i + "-" + "x".repeat(i * 7));
            }
            Position upTo = log.end();
            disk.note(new Released(Place.of(upTo).segment()));
            log.release(upTo);
            append(log, disk, appended, "after the release");
        }
        return replay(disk, appended, checksum);
    }

    private void manyWriters() throws Exception {
        System.out.println("seed " + seed);
        PowerCutDisk disk = disk();
        Set<String> appended = ConcurrentHashMap.newKeySet();
        try (EventLog log = open(disk, live(), CRC32C::new);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 12; i++) {
                String body = i + "-" + "y".repeat(i);
                threads.execute(() -> append(log, disk, appended, body));
            }
        }
        replay(disk, appended, CRC32C::new);
    }

    private static void append(EventLog log, PowerCutDisk disk, Set<String> appended, String body) {
        appended.add(body);
        Position at = log.append(EventLogContract.record(body));
        disk.note(new Appended(at, body));
    }

    @Test
    void a_second_cut_while_the_log_recovers_loses_nothing_either() throws Exception {
        PowerCutDisk disk = disk();
        Set<String> appended = ConcurrentHashMap.newKeySet();
        try (EventLog log = open(disk, live(), CRC32C::new)) {
            for (int i = 0; i < 4; i++) {
                append(log, disk, appended, i + "-" + "z".repeat(40));
            }
        }
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        Path second = Files.createDirectory(folder.resolve("second"));
        new PowerCuts(disk, scratch, seed)
                .replay((root, told) -> cutAgain(root, told, appended, second));
    }

    private void cutAgain(Path root, List<Object> told, Set<String> before, Path scratch)
            throws Exception {
        PowerCutDisk disk = new PowerCutDisk(real, root, seed);
        told.forEach(disk::note);
        Set<String> appended = ConcurrentHashMap.newKeySet();
        appended.addAll(before);
        try (EventLog log = open(disk, root.resolve("log"), CRC32C::new)) {
            append(log, disk, appended, "between the cuts");
        }
        new PowerCuts(disk, scratch, seed)
                .replay((again, all) -> check(again, all, appended, CRC32C::new));
    }

    private int replay(PowerCutDisk disk, Set<String> appended, Supplier<Checksum> checksum)
            throws Exception {
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        return new PowerCuts(disk, scratch, seed)
                .replay((root, told) -> check(root, told, appended, checksum));
    }

    private void check(
            Path root, List<Object> told, Set<String> appended, Supplier<Checksum> checksum) {
        Disk disk = new UnforcedDisk(real);
        Path place = root.resolve("log");
        String news = "after the cut";
        try (EventLog log = open(disk, place, checksum)) {
            checkFound(log, told, appended);
            log.append(EventLogContract.record(news));
        }
        try (EventLog log = open(disk, place, checksum)) {
            List<String> found = EventLogContract.bodies(log, log.start());
            assertThat(found.getLast()).isEqualTo(news);
        }
    }

    private static void checkFound(EventLog log, List<Object> told, Set<String> appended) {
        List<String> found = EventLogContract.bodies(log, log.start());
        assertThat(found).doesNotHaveDuplicates();
        assertThat(appended).containsAll(found);
        long released =
                told.stream()
                        .filter(Released.class::isInstance)
                        .mapToLong(note -> ((Released) note).below())
                        .max()
                        .orElse(0);
        for (Object note : told) {
            if (note instanceof Appended one && Place.of(one.at).segment() >= released) {
                LogSlice slice = log.read(one.at, new DataSize(1), java.time.Duration.ZERO);
                assertThat(slice.entries()).as("acknowledged at %s", one.at).isNotEmpty();
                assertThat(EventLogContract.text(slice.entries().getFirst())).isEqualTo(one.body);
            }
        }
    }

    private PowerCutDisk disk() throws Exception {
        Path root = Files.createDirectory(folder.resolve("live"));
        return new PowerCutDisk(real, root, seed);
    }

    private Path live() {
        return folder.resolve("live").resolve("log");
    }

    private static EventLog open(Disk disk, Path place, Supplier<Checksum> checksum) {
        DiskGuard guard = new DiskGuard(disk, place.getRoot(), 1, 1);
        return new LocalEventLog(disk, place, TINY, guard, checksum);
    }

    private record Appended(Position at, String body) {}

    private record Released(long below) {}

    /** The planted fault: every record's checksum is right. */
    private static final class LengthOnly implements Checksum {
        @Override
        public void update(int one) {
            // Nothing is summed.
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            // Nothing is summed.
        }

        @Override
        public long getValue() {
            return 0;
        }

        @Override
        public void reset() {
            // Nothing is summed.
        }
    }
}
