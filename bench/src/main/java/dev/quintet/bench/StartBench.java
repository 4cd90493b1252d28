package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Settings;
import dev.quintet.bench.QuintetProcess.Victim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From the command to the first 200, and what the idle server weighs. */
@Command(name = "start", description = "Command to ready, also after kill -9; idle memory.")
final class StartBench implements Callable<Integer> {

    private static final Duration STOP = Duration.ofSeconds(60);

    @Option(names = "--runs", description = "Starts of each kind (default: ${DEFAULT-VALUE}).")
    int runs = 7;

    @Option(
            names = "--log",
            description = "MiB of unloaded events to start over (default: ${DEFAULT-VALUE}).")
    int log = 1024;

    @Option(
            names = "--idle",
            description = "Seconds of idleness before memory is read (default: ${DEFAULT-VALUE}).")
    int idle = 60;

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        List<String> arguments =
                List.of("--runs", "" + runs, "--log", "" + log, "--idle", "" + idle);
        Results results = Results.here("start", arguments, checkout, System.out);
        try (Scratch scratch = Scratch.in(checkout)) {
            results.limit(
                    "append of 4 KiB + fsync",
                    new RawDisk(scratch.folder()).forces(4096, 3, Duration.ofSeconds(1)),
                    "a second");
            Path data = scratch.folder().resolve("embedded");
            makeEmbedded(data, results);
            results.table(
                    "Command to ready",
                    "database",
                    "after",
                    "seconds: median (range) of " + runs,
                    "processor seconds of the server",
                    "goal");
            embedded(data, results);
            external(scratch.folder(), results);
            unloaded(data, results);
            results.table("Idle memory, sum of PSS", "part", "MiB", "goal");
            memory(scratch.folder().resolve("idle"), results);
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return 0;
    }

    private void makeEmbedded(Path data, Results results) {
        try (QuintetProcess first = QuintetProcess.start(Settings.over(data))) {
            results.fact("show fsync", QuintetProcess.show(first.embeddedDatabase(), "fsync"));
            results.fact(
                    "show server_version",
                    QuintetProcess.show(first.embeddedDatabase(), "server_version"));
            stop(first);
        }
    }

    private void embedded(Path data, Results results) {
        Settings settings = Settings.over(data);
        Starts stopped = starts(settings, StartBench::stop);
        results.row("embedded", "SIGTERM", stopped.shown(), stopped.processor(), "< 3 s");
        Starts killed = starts(settings, one -> one.kill(Victim.GROUP));
        results.row("embedded", "kill -9 of all", killed.shown(), killed.processor(), "");
    }

    private void external(Path folder, Results results) {
        try (ExternalPostgres postgres = ExternalPostgres.start(folder.resolve("postgres"), 100)) {
            Settings settings = postgres.under(Settings.over(folder.resolve("external")));
            try (QuintetProcess first = QuintetProcess.start(settings)) {
                stop(first);
            }
            results.fact("show fsync, external", QuintetProcess.show(postgres.url(), "fsync"));
            Starts stopped = starts(settings, StartBench::stop);
            results.row("external", "SIGTERM", stopped.shown(), stopped.processor(), "< 1.5 s");
            Starts killed = starts(settings, one -> one.kill(Victim.SERVER));
            results.row("external", "kill -9", killed.shown(), killed.processor(), "");
        }
    }

    /** The loader is kept behind by its own setting: one commit in ten minutes. */
    private void unloaded(Path data, Results results) {
        Settings settings = Settings.over(data);
        try (QuintetProcess behind =
                QuintetProcess.start(
                        settings.with("QUINTET_ANALYTICS_COMMIT_EVERY", "10m")
                                .with("QUINTET_LIMITS_ENABLED", "false"))) {
            EventLoad.fill(behind, () -> mebibytes(data.resolve("log")) >= log);
            behind.kill(Victim.GROUP);
        }
        long before = mebibytes(data.resolve("log"));
        Starts killed = starts(settings, one -> one.kill(Victim.GROUP));
        long after = mebibytes(data.resolve("log"));
        results.row(
                "embedded",
                "kill -9 of all, %,d to %,d MiB of log not loaded".formatted(before, after),
                killed.shown(),
                killed.processor(),
                "< 3 s");
    }

    private void memory(Path data, Results results) {
        try (QuintetProcess first = QuintetProcess.start(Settings.over(data))) {
            stop(first);
        }
        try (QuintetProcess process = QuintetProcess.start(Settings.over(data))) {
            LockSupport.parkNanos(Duration.ofSeconds(idle).toNanos());
            Processes server = new Processes(process.pid());
            Processes postgres = new Processes(process.postmaster().orElseThrow());
            double own = server.pss() / 1048576.0;
            double children = server.pssBelow() / 1048576.0;
            double database = (postgres.pss() + postgres.pssBelow()) / 1048576.0;
            results.row("server", Spread.number(own), "");
            results.row(
                    "PostgreSQL (" + (postgres.below().size() + 1) + " processes)",
                    Spread.number(database),
                    "");
            results.row("both", Spread.number(own + database), "< 350");
            results.row(
                    "the server's children (" + server.below().size() + ")",
                    Spread.number(children),
                    "not counted");
            stop(process);
        }
    }

    /** Seconds to ready, and of the server's processor time until then. */
    private record Starts(Spread seconds, Spread processorSeconds) {

        String shown() {
            return seconds.shown();
        }

        String processor() {
            return processorSeconds.shown();
        }
    }

    private interface End {
        void of(QuintetProcess process);
    }

    private Starts starts(Settings settings, End end) {
        double[] processor = new double[runs + 1];
        double[] seconds =
                IntStream.rangeClosed(0, runs)
                        .mapToDouble(run -> start(settings, end, processor, run))
                        .toArray();
        // The first one fills the page cache and is not counted.
        return new Starts(
                new Spread(Arrays.copyOfRange(seconds, 1, runs + 1)),
                new Spread(Arrays.copyOfRange(processor, 1, runs + 1)));
    }

    private static double start(Settings settings, End end, double[] processor, int run) {
        try (QuintetProcess process = QuintetProcess.start(settings)) {
            processor[run] = new Processes(process.pid()).cpu().toMillis() / 1e3;
            end.of(process);
            return process.toReady().toNanos() / 1e9;
        }
    }

    private static void stop(QuintetProcess process) {
        if (!process.stop(STOP).isPresent()) {
            throw new IllegalStateException("still there after SIGTERM: " + process.output());
        }
    }

    private static long mebibytes(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum() >> 20;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
