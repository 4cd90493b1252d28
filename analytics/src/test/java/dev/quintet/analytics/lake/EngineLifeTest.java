package dev.quintet.analytics.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ch.qos.logback.classic.Level;
import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.LogLines;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.LocalDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Engines that start slowly, die at their start or while they wait, and what they leave behind. */
final class EngineLifeTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir Path folder;

    private final LocalDisk disk = new LocalDisk(2);
    private final LogLines log = LogLines.of("dev.quintet.analytics");

    @AfterEach
    void close() {
        log.close();
        disk.close();
    }

    @Test
    void a_start_that_is_too_slow_gives_the_next_twice_the_time_and_one_that_comes_up_the_first() {
        try (UserQueries queries =
                queries(disk, new Doubling(Duration.ofMillis(40), Duration.ofMinutes(10)))) {
            runUntilItIsUp(queries);
            assertThat(log.at(Level.WARN))
                    .startsWith(
                            "the query engine did not start within 40 ms; the next try gets 80 ms",
                            "the query engine did not start within 80 ms; the next try gets 160 ms");
            int slow = log.at(Level.WARN).size();
            kill(queries.waiting().getFirst());
            assertEngineFailed(queries);
            assertThat(log.at(Level.WARN).get(slow))
                    .as("after one that came up")
                    .startsWith("the query engine did not start within 40 ms");
            assertThat(left()).as("the folders of those that were killed").isEmpty();
        }
    }

    private void runUntilItIsUp(UserQueries queries) {
        Await.until(
                "the limit is long enough",
                () -> {
                    try {
                        queries.run("select 1", List.of(), 1);
                        return true;
                    } catch (Refused tooSlow) {
                        return false;
                    }
                });
    }

    @Test
    void an_engine_that_dies_at_its_start_says_its_status_and_last_lines_and_leaves_nothing()
            throws Exception {
        // The planted fault: a library of the right size that holds nothing.
        Path good = TestEngine.FILES.library();
        Path bad = Files.createDirectories(folder.resolve("engine").resolve(good.getFileName()));
        Files.copy(good.resolve("duckdb.jar"), bad.resolve("duckdb.jar"));
        String library = System.mapLibraryName("duckdb_java");
        try (var file = new RandomAccessFile(bad.resolve(library).toFile(), "rw")) {
            file.setLength(Files.size(good.resolve(library)));
        }
        EngineFiles files = new EngineFiles(disk, folder.resolve("engine"));
        try (UserQueries queries =
                queries(files, disk, Duration.ofSeconds(20), new Doubling(MINUTE, MINUTE))) {
            assertEngineFailed(queries);
            assertThat(log.at(Level.WARN).getLast())
                    .startsWith("the query engine ended with status 1 and said at last: ")
                    .contains("JNI library not found");
            assertThat(log.events())
                    .allSatisfy(event -> assertThat(event.getThrowableProxy()).isNull());
            assertThat(left()).isEmpty();
        }
    }

    @Test
    void an_engine_that_died_while_it_waited_leaves_no_folder_when_the_next_one_starts() {
        try (UserQueries queries = queries(disk, new Doubling(MINUTE, MINUTE))) {
            queries.run("select 1", List.of(), 1);
            List<Path> first = left();
            kill(queries.waiting().getFirst());
            queries.run("select 1", List.of(), 1);
            assertThat(left()).hasSize(1).doesNotContainAnyElementsOf(first);
        }
        assertThat(left()).isEmpty();
    }

    @Test
    void closing_ends_an_engine_that_is_at_work() throws Exception {
        UserQueries queries = queries(disk, new Doubling(MINUTE, MINUTE));
        try (var other = Executors.newVirtualThreadPerTaskExecutor()) {
            queries.run("select 1", List.of(), 1);
            ProcessHandle engine = ProcessHandle.of(queries.waiting().getFirst()).orElseThrow();
            Future<Refused> endless =
                    other.submit(() ->
                            assertThrows(
                                    Refused.class,
                                    () ->
                                            queries.run(
                                                    "select count(*) from range(3000000) a,"
                                                            + " range(3000000) b"
                                                            + " where a.range * b.range = 7",
                                                    List.of(),
                                                    1)));
            Await.until("it is at work", () -> queries.waiting().isEmpty());
            queries.close();
            assertThat(engine.isAlive()).isFalse();
            assertThat(left()).isEmpty();
            assertThat(endless.get().refusal()).isEqualTo(AnalyticsRefusal.QUERY_ENGINE_FAILED);
            assertEngineFailed(queries);
            assertThat(left()).as("after it was closed").isEmpty();
        }
    }

    @Test
    void a_large_ask_to_an_engine_that_hangs_ends_in_its_time() throws Exception {
        try (UserQueries queries =
                queries(
                        TestEngine.FILES,
                        disk,
                        Duration.ofSeconds(2),
                        new Doubling(MINUTE, MINUTE))) {
            queries.run("select 1", List.of(), 1);
            long pid = queries.waiting().getFirst();
            assertThat(new ProcessBuilder("kill", "-STOP", "" + pid).start().waitFor()).isZero();
            String large = "select 1 -- " + "x".repeat(300_000);
            assertThat(
                            assertThrows(Refused.class, () -> queries.run(large, List.of(), 1))
                                    .refusal())
                    .isEqualTo(AnalyticsRefusal.QUERY_TOO_HEAVY);
            queries.run("select 1", List.of(), 1);
        }
    }

    @Test
    void what_a_process_writes_to_its_error_stream_is_read_to_the_end_in_lines_of_bounded_length()
            throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Process process =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "(head -c 3000000 /dev/zero | tr '\\0' x; echo;"
                                        + " seq 1 30; printf 'the\\033[1mend') >&2")
                        .start();
        ErrorLines errors = new ErrorLines(process.getErrorStream(), "errors", lines::add);
        assertThat(process.waitFor()).isZero();
        assertThat(errors.ofEnded()).startsWith("12 | 13 | ").endsWith(" | 30 | the [1mend");
        assertThat(lines).hasSize(32).startsWith("x".repeat(500), "1");
    }

    private UserQueries queries(Disk under, Doubling startLimit) {
        return queries(TestEngine.FILES, under, Duration.ofSeconds(20), startLimit);
    }

    private UserQueries queries(EngineFiles files, Disk under, Duration time, Doubling startLimit) {
        return new UserQueries(
                under,
                files,
                folder.resolve("scratch"),
                new UserQueries.Bounds(
                        1,
                        DataSize.mebibytes(64),
                        DataSize.mebibytes(1),
                        time,
                        DataSize.mebibytes(16)),
                startLimit);
    }

    private static void assertEngineFailed(UserQueries queries) {
        assertThat(
                        assertThrows(Refused.class, () -> queries.run("select 1", List.of(), 1))
                                .refusal())
                .isEqualTo(AnalyticsRefusal.QUERY_ENGINE_FAILED);
    }

    private List<Path> left() {
        try (Stream<Path> left = Files.list(folder.resolve("scratch"))) {
            return left.toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void kill(long pid) {
        ProcessHandle engine = ProcessHandle.of(pid).orElseThrow();
        engine.destroyForcibly();
        engine.onExit().join();
    }
}
