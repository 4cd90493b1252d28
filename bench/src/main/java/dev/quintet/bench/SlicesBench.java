package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Settings;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One number for each slice of the product, with who paid for it. */
@Command(name = "slices", description = "What each system does a second, and at whose cost.")
final class SlicesBench implements Callable<Integer> {

    private static final int COMMITTERS = 16;

    @Option(names = "--runs", description = "Runs of each slice (default: ${DEFAULT-VALUE}).")
    int runs = 3;

    @Option(names = "--seconds", description = "Seconds of a run (default: ${DEFAULT-VALUE}).")
    int seconds = 4;

    @Option(names = "--file", description = "MiB of the file (default: ${DEFAULT-VALUE}).")
    int file = 1024;

    @Option(names = "--sockets", description = "Idle sockets (default: ${DEFAULT-VALUE}).")
    int sockets = 5000;

    private static final List<String> ALL =
            List.of("tokens", "refreshes", "files", "chat", "room", "notify", "events", "idle");

    @Option(
            names = "--only",
            split = ",",
            description =
                    "Slices by name: tokens, refreshes, files, chat, room, notify, events, idle.")
    List<String> only = ALL;

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        List<String> arguments =
                List.of(
                        "--runs",
                        "" + runs,
                        "--seconds",
                        "" + seconds,
                        "--file",
                        "" + file,
                        "--sockets",
                        "" + sockets,
                        "--only",
                        String.join(",", only));
        Results results =
                Results.here(
                        // A page of its own: some slices alone do not stand for all of them.
                        only.equals(ALL) ? "slices" : "slices-" + String.join("-", only),
                        arguments,
                        checkout,
                        System.out);
        try (Scratch scratch = Scratch.in(checkout);
                QuintetProcess server =
                        QuintetProcess.start(
                                Settings.over(scratch.folder().resolve("data"))
                                        .with("QUINTET_LIMITS_ENABLED", "false")
                                        .with("QUINTET_CHAT_MAX_SOCKETS_PER_PERSON", "10000")
                                        .with("QUINTET_AUTH_ACCESS_TOKEN_LIFE", "2h")
                                        .with("QUINTET_EGRESS_ALLOW", "127.0.0.1/32")
                                        .with("QUINTET_NOTIFY_MAX_WAITING", "1000000"))) {
            DatabaseUrl database = server.embeddedDatabase();
            results.fact("show fsync", QuintetProcess.show(database, "fsync"));
            results.fact(
                    "show synchronous_commit", QuintetProcess.show(database, "synchronous_commit"));
            results.fact("settings", "limits off, egress to 127.0.0.1 allowed, tokens of 2 h");
            limits(scratch.folder(), database, results);
            results.table(
                    "Slices (the load runs on the same cores)",
                    "what",
                    "a second: median (range) of " + runs,
                    "us of server a piece",
                    "us of its children",
                    "us of PostgreSQL",
                    "us of the load",
                    "cores busy",
                    "beside",
                    "load");
            slices(server, results);
            if (only.contains("idle")) {
                idle(server, results);
            }
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return 0;
    }

    private void limits(Path folder, DatabaseUrl database, Results results) {
        RawDisk disk = new RawDisk(folder);
        results.limit(
                "append of 4 KiB + fsync", disk.forces(4096, 3, Duration.ofSeconds(1)), "a second");
        long bytes = (long) file << 20;
        results.limit(
                "write of " + file + " MiB + one fsync",
                new Spread(
                        DoubleStream.generate(() -> file / disk.stream(bytes)).limit(3).toArray()),
                "MiB a second");
        results.limit(
                "insert of one row + commit, PostgreSQL alone, " + COMMITTERS + " connections",
                new Spread(DoubleStream.generate(() -> commits(database)).limit(3).toArray()),
                "a second");
    }

    private static double commits(DatabaseUrl database) {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            statement.execute("create table if not exists public.bench (id bigint)");
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        List<java.sql.Connection> connections = new ArrayList<>();
        try {
            for (int at = 0; at < COMMITTERS; at++) {
                connections.add(database.connect());
            }
            return Crew.count(
                            COMMITTERS,
                            Duration.ofSeconds(2),
                            (worker, turn) -> insert(connections.get(worker), turn))
                    .rate();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        } finally {
            connections.forEach(SlicesBench::close);
        }
    }

    private static void insert(java.sql.Connection connection, int turn) {
        try (var insert = connection.prepareStatement("insert into public.bench (id) values (?)")) {
            insert.setLong(1, turn);
            insert.executeUpdate();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void close(java.sql.Connection connection) {
        try {
            connection.close();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void slices(QuintetProcess server, Results results) {
        measure("tokens", server, results, () -> new TokenSlice(server));
        measure("refreshes", server, results, () -> new RefreshSlice(server));
        measure("files", server, results, () -> new FileSlice(server, file, false));
        measure("files", server, results, () -> new FileSlice(server, file, true));
        measure("chat", server, results, () -> new ChatSendSlice(server));
        measure("room", server, results, () -> new DeliverySlice(server));
        try (Sink sink = new Sink()) {
            measure("notify", server, results, () -> new NotifySlice(server, sink, false));
            measure("notify", server, results, () -> new NotifySlice(server, sink, true));
        }
        // Last: what they leave in the log keeps the loader at work.
        measure("events", server, results, () -> new EventSlice(server));
        measure("events", server, results, () -> new LoaderSlice(server));
    }

    private void measure(
            String name, QuintetProcess server, Results results, Supplier<Slice> made) {
        if (!only.contains(name)) {
            return;
        }
        try (Slice slice = made.get()) {
            List<Effort.Of<Slice.Work>> measured = new ArrayList<>();
            warmUp(slice);
            for (int run = 0; run < runs; run++) {
                slice.prepare(Duration.ofSeconds(seconds));
                measured.add(Effort.during(server, () -> slice.run(Duration.ofSeconds(seconds))));
            }
            row(slice, measured, results);
        }
    }

    // Twice as long as a run: what is compiled meanwhile would be counted as the slice's own.
    private void warmUp(Slice slice) {
        slice.prepare(Duration.ofSeconds(seconds));
        Slice.Work work = slice.run(Duration.ofSeconds(2L * seconds));
        if (work.operations() == 0) {
            throw new IllegalStateException("nothing came of " + slice.counts());
        }
    }

    private static void row(Slice slice, List<Effort.Of<Slice.Work>> runs, Results results) {
        results.row(
                slice.counts(),
                Effort.rates(runs).shown(),
                Effort.each(runs, Effort::server),
                Effort.each(runs, Effort::children),
                Effort.each(runs, Effort::postgres),
                Effort.each(runs, Effort::bench),
                middle(runs).effort().busy(),
                middle(runs).result().note(),
                slice.load());
    }

    private static Effort.Of<Slice.Work> middle(List<Effort.Of<Slice.Work>> runs) {
        return runs.stream()
                .sorted(java.util.Comparator.comparingDouble(run -> run.result().rate()))
                .toList()
                .get(runs.size() / 2);
    }

    /** Heap after collection, with and without so many connected sockets. */
    private void idle(QuintetProcess server, Results results) {
        People people = People.make(server, "idler", 1);
        try (Wire wire = new Wire(server.base())) {
            String token = people.all().getFirst().token();
            new Audience(server.base(), token, 200).close();
            double before = heap(server, wire);
            try (Audience audience = new Audience(server.base(), token, sockets)) {
                double each = (heap(server, wire) - before) / sockets;
                results.note(
                        "%,d idle chat sockets, connected and signed in: %s bytes of heap each (after a collection; %d messages came)."
                                .formatted(sockets, Spread.number(each), audience.heard()));
            }
        }
    }

    private static double heap(QuintetProcess server, Wire wire) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        for (int round = 0; round < 3; round++) {
            try {
                Process process =
                        new ProcessBuilder(jcmd, Long.toString(server.pid()), "GC.run")
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start();
                if (process.waitFor() != 0) {
                    throw new IllegalStateException("jcmd could not collect the server's heap");
                }
            } catch (IOException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        }
        return Counters.of(wire).sum("jvm_memory_used_bytes{area=\"heap\"");
    }
}
