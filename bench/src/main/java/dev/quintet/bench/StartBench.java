package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Victim;
import dev.quintet.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From the command to the first 200, and what the idle server weighs. */
@Command(name = "start", description = "Command to ready, after a clean stop and after kill -9.")
final class StartBench implements Callable<Integer> {

    private static final Duration STOP = Duration.ofSeconds(60);

    @Option(names = "--runs", description = "Starts of each kind (default: ${DEFAULT-VALUE}).")
    int runs = 7;

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        Results results =
                Results.here(
                        "start", List.of("--runs", String.valueOf(runs)), checkout, System.out);
        try (Scratch scratch = Scratch.in(checkout)) {
            results.limit(
                    "4 KiB append + fsync",
                    forces(scratch.folder()),
                    "a second (what a commit costs at least)");
            results.table("Command to ready", "database", "before", "seconds", "goal");
            embedded(scratch.folder().resolve("embedded"), results);
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return 0;
    }

    private void embedded(Path data, Results results) {
        QuintetProcess.Settings settings = QuintetProcess.Settings.over(data);
        try (QuintetProcess first = QuintetProcess.start(settings)) {
            results.fact("show fsync", showFsync(first.embeddedDatabase()));
            stop(first);
        }
        results.row("embedded", "stopped", starts(settings, this::stop), "< 3 s");
        results.row(
                "embedded", "kill -9 of all", starts(settings, one -> one.kill(Victim.GROUP)), "");
    }

    private interface End {
        void of(QuintetProcess process);
    }

    private String starts(QuintetProcess.Settings settings, End end) {
        // The first one fills the page cache and is not counted.
        double[] seconds =
                IntStream.rangeClosed(0, runs).mapToDouble(run -> start(settings, end)).toArray();
        return new Spread(Arrays.copyOfRange(seconds, 1, seconds.length)).shown();
    }

    private double start(QuintetProcess.Settings settings, End end) {
        try (QuintetProcess process = QuintetProcess.start(settings)) {
            end.of(process);
            return process.toReady().toNanos() / 1e9;
        }
    }

    private void stop(QuintetProcess process) {
        if (!process.stop(STOP).isPresent()) {
            throw new IllegalStateException("still there after SIGTERM: " + process.output());
        }
    }

    private static Spread forces(Path folder) {
        RawDisk disk = new RawDisk(folder);
        return new Spread(
                DoubleStream.generate(() -> disk.forces(4096, Duration.ofSeconds(1)))
                        .limit(3)
                        .toArray());
    }

    static String showFsync(DatabaseUrl database) {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var shown = statement.executeQuery("show fsync")) {
            shown.next();
            return shown.getString(1);
        } catch (SQLException failed) {
            throw new IllegalStateException("the database does not say whether it forces", failed);
        }
    }
}
