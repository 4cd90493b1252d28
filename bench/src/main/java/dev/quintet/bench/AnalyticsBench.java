package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an event costs from its request to its row, beside what nothing can go below. */
@Command(
        name = "analytics",
        description = "Events taken and loaded, beside a bare intake and DuckDB alone.")
final class AnalyticsBench implements Callable<Integer> {

    private static final int BATCH = 100;
    private static final int BATCH_CONNECTIONS = 8;
    private static final int SINGLE_CONNECTIONS = 32;
    private static final int ENGINE_EVENTS = 50_000;

    @Option(names = "--runs", description = "Of each intake (default: ${DEFAULT-VALUE}).")
    int runs = 3;

    @Option(names = "--seconds", description = "Of each of them (default: ${DEFAULT-VALUE}).")
    int seconds = 5;

    @Option(
            names = "--hold",
            description = "Seconds of the steady load (default: ${DEFAULT-VALUE}).")
    int hold = 60;

    @Option(
            names = "--rate",
            description =
                    "Events of 766 bytes a second in it; 361: 5/3 (default: ${DEFAULT-VALUE}).")
    int rate = 60_000;

    @Option(names = "--memory", description = "Of the server (default: ${DEFAULT-VALUE}).")
    String memory = "2g";

    @Option(
            names = "--only",
            split = ",",
            description = "Parts: ${COMPLETION-CANDIDATES} (default: all).")
    Set<Part> only = EnumSet.allOf(Part.class);

    /** What is measured. */
    enum Part {
        ENGINE,
        INTAKE,
        LOADED,
        HOLD
    }

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        Results results =
                Results.here(
                        "analytics",
                        List.of(
                                "--runs " + runs,
                                "--seconds " + seconds,
                                "--hold " + hold,
                                "--rate " + rate,
                                "--memory " + memory,
                                "--only "
                                        + String.join(",", only.stream().map(Part::name).toList())),
                        checkout,
                        System.out);
        try (Scratch scratch = Scratch.in(checkout)) {
            results.limit(
                    "append of 4 KiB + fsync",
                    new RawDisk(scratch.folder()).forces(4096, 3, Duration.ofSeconds(1)),
                    "a second");
            Path data = scratch.folder().resolve("data");
            try (QuintetProcess server =
                    QuintetProcess.start(
                            Settings.over(data)
                                    .with("QUINTET_MEMORY", memory)
                                    .with("QUINTET_LIMITS_ENABLED", "false"))) {
                results.fact("show fsync", QuintetProcess.show(server.embeddedDatabase(), "fsync"));
                String key = EventLoad.source(server);
                if (only.contains(Part.ENGINE)) {
                    engine(results, checkout, scratch.folder());
                }
                if (only.contains(Part.INTAKE)) {
                    intake(results, server, key, scratch.folder());
                }
                if (only.contains(Part.LOADED)) {
                    loaded(results, server, key);
                }
                if (only.contains(Part.HOLD)) {
                    hold(results, server, key, data);
                }
            }
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return 0;
    }

    private void engine(Results results, Checkout checkout, Path folder) {
        results.table(
                "DuckDB alone: raw events to one Parquet file, one thread",
                "bytes of an event",
                "us of processor an event");
        for (EventShape.Size size : EventShape.Size.values()) {
            Path lines = folder.resolve("events-" + size.bytes + ".json");
            write(lines, new EventShape(size).lines(ENGINE_EVENTS));
            List<Double> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                try (Child duckdb =
                        Child.run(
                                EngineFloor.class,
                                Optional.of(checkout.distribution().resolve("lib/*")),
                                lines.toString(),
                                "5")) {
                    measured.add(Double.parseDouble(duckdb.line()));
                }
            }
            results.row("" + size.bytes, Spread.of(measured).shown());
        }
    }

    /** One way of sending: how many events a request has, over how many connections. */
    private record Way(EventShape.Size size, int events, int connections) {

        static Stream<Way> all() {
            return Stream.of(EventShape.Size.values())
                    .flatMap(size ->
                            Stream.of(
                                    new Way(size, BATCH, BATCH_CONNECTIONS),
                                    new Way(size, 1, SINGLE_CONNECTIONS)));
        }

        String shown() {
            return size.bytes
                    + " bytes, "
                    + (events == 1 ? "single" : "batches of " + events)
                    + ", "
                    + connections
                    + " connections";
        }

        /** Events that were acknowledged, each worker as fast as it can. */
        Slice.Work rush(URI server, String key, EventShape shape, Duration time) {
            List<Wire> wires = Stream.generate(() -> new Wire(server)).limit(connections).toList();
            try {
                Slice.Work requests =
                        Crew.count(
                                connections,
                                time,
                                (worker, turn) ->
                                        wires.get(worker)
                                                .exchange(shape.request(key, events))
                                                .require(200));
                return new Slice.Work(requests.operations() * events, requests.seconds(), "");
            } finally {
                wires.forEach(Wire::close);
            }
        }
    }

    private void intake(Results results, QuintetProcess server, String key, Path folder) {
        results.table(
                "Taken, with the loader at work, beside HTTP + append + one force for all that waits",
                "what",
                "events a second: median (range) of " + runs,
                "of the bare intake",
                "share",
                "us of server an event",
                "us of its children",
                "us of PostgreSQL",
                "us of the load");
        Path file = folder.resolve("floor.log");
        try (Child floor = Child.run(IntakeFloor.class, Optional.empty(), file.toString())) {
            URI bare =
                    URI.create(
                            "http://127.0.0.1:"
                                    + floor.line().substring(IntakeFloor.READY.length()));
            Way.all().forEach(way -> intake(results, server, key, bare, way));
        }
    }

    private void intake(Results results, QuintetProcess server, String key, URI bare, Way way) {
        EventShape shape = new EventShape(way.size);
        Duration time = Duration.ofSeconds(seconds);
        List<Double> floor = new ArrayList<>();
        List<Effort.Of<Slice.Work>> ours = new ArrayList<>();
        way.rush(bare, key, shape, time);
        way.rush(server.base(), key, shape, time.multipliedBy(2));
        for (int run = 0; run < runs; run++) {
            LedgerWatch.drained(server);
            floor.add(way.rush(bare, key, shape, time).rate());
            ours.add(Effort.during(server, () -> way.rush(server.base(), key, shape, time)));
        }
        LedgerWatch.drained(server);
        Spread taken = Effort.rates(ours);
        Spread most = Spread.of(floor);
        results.row(
                way.shown(),
                taken.shown(),
                most.shown(),
                Spread.number(taken.median() / most.median()),
                Effort.each(ours, Effort::server),
                Effort.each(ours, Effort::children),
                Effort.each(ours, Effort::postgres),
                Effort.each(ours, Effort::bench));
    }

    /** The log is filled, then nobody sends. */
    private void loaded(Results results, QuintetProcess server, String key) {
        results.table(
                "Loaded, while nobody sends",
                "bytes of an event",
                "events a second: median (range) of " + runs,
                "us of server an event",
                "us of its children",
                "us of PostgreSQL");
        for (EventShape.Size size : EventShape.Size.values()) {
            EventShape shape = new EventShape(size);
            Way way = new Way(size, BATCH, BATCH_CONNECTIONS);
            List<Effort.Of<Slice.Work>> measured = new ArrayList<>();
            for (int run = 0; run < runs; run++) {
                way.rush(server.base(), key, shape, Duration.ofSeconds(2L * seconds));
                measured.add(
                        Effort.during(
                                server,
                                () -> {
                                    long before;
                                    try (Wire wire = new Wire(server.base())) {
                                        before = LedgerWatch.read(server, wire).ended();
                                    }
                                    long began = System.nanoTime();
                                    LedgerWatch.Reading end = LedgerWatch.drained(server);
                                    return new Slice.Work(
                                            end.ended() - before, (end.nanos() - began) / 1e9, "");
                                }));
            }
            results.row(
                    "" + size.bytes,
                    Effort.rates(measured).shown(),
                    Effort.each(measured, Effort::server),
                    Effort.each(measured, Effort::children),
                    Effort.each(measured, Effort::postgres));
        }
    }

    private void hold(Results results, QuintetProcess server, String key, Path data) {
        results.table(
                "Taken and loaded together at a steady pace, batches of 100, --memory " + memory,
                "bytes of an event",
                "events a second: asked for",
                "taken",
                "seconds",
                "freshness, seconds: median",
                "p99",
                "most",
                "waiting at the end",
                "seconds until all was loaded",
                "GET ledger, ms: median, p99",
                "memory of the server, MiB: after a tenth, at the end",
                "of its children",
                "processors",
                "bytes in the lake an event");
        for (EventShape.Size size : EventShape.Size.values()) {
            long pace = size == EventShape.Size.PAGE ? rate : rate * 5L / 3;
            hold(results, server, key, data.resolve("lake"), size, pace);
        }
        results.note(
                "Freshness: from the reading of the ledger at which an event was taken to the first one at which it had ended; readings come every 100 ms.");
    }

    private void hold(
            Results results,
            QuintetProcess server,
            String key,
            Path lake,
            EventShape.Size size,
            long pace) {
        EventShape shape = new EventShape(size);
        new Way(size, BATCH, BATCH_CONNECTIONS)
                .rush(server.base(), key, shape, Duration.ofSeconds(10));
        long before = LedgerWatch.drained(server).ended();
        long bytesBefore = bytes(lake);
        Processes processes = new Processes(server.pid());
        AtomicLong own = new AtomicLong();
        AtomicLong below = new AtomicLong();
        Effort.Of<Double> steady;
        LedgerWatch.Reading end;
        LedgerWatch.Reading drained;
        try (LedgerWatch watch = new LedgerWatch(server)) {
            Thread.ofVirtual()
                    .start(() -> {
                        LockSupport.parkNanos(hold * 100_000_000L);
                        own.set(processes.pss());
                        below.set(processes.pssBelow());
                    });
            steady = Effort.during(server, () -> pace(server, key, shape, pace));
            try (Wire wire = new Wire(server.base())) {
                end = LedgerWatch.read(server, wire);
            }
            long ownAtEnd = processes.pss();
            long belowAtEnd = processes.pssBelow();
            drained = LedgerWatch.drained(server);
            LockSupport.parkNanos(500_000_000);
            long events = drained.ended() - before;
            Spread freshness = watch.freshness();
            results.row(
                    "" + size.bytes,
                    "%,d".formatted(pace),
                    Spread.number(steady.result()),
                    Spread.number(steady.effort().seconds()),
                    Spread.number(freshness.median()),
                    Spread.number(freshness.percentile(0.99)),
                    Spread.number(freshness.most()),
                    "%,d".formatted(end.pending()),
                    Spread.number((drained.nanos() - end.nanos()) / 1e9),
                    Spread.number(watch.asking().median())
                            + ", "
                            + Spread.number(watch.asking().percentile(0.99)),
                    (own.get() >> 20) + ", " + (ownAtEnd >> 20),
                    (below.get() >> 20) + ", " + (belowAtEnd >> 20),
                    steady.effort().busy(),
                    Spread.number((double) (bytes(lake) - bytesBefore) / events));
        }
    }

    /** Each batch when it is due, or as soon as a connection is free; events a second. */
    private double pace(QuintetProcess server, String key, EventShape shape, long perSecond) {
        long batches = perSecond * hold / BATCH;
        AtomicLong next = new AtomicLong();
        long start = System.nanoTime();
        long giveUp = start + hold * 1_000_000_000L;
        AtomicLong sent = new AtomicLong();
        Crew.run(
                BATCH_CONNECTIONS,
                worker -> {
                    try (Wire wire = new Wire(server.base())) {
                        for (long n = next.getAndIncrement();
                                n < batches && System.nanoTime() < giveUp;
                                n = next.getAndIncrement()) {
                            long due = start + n * BATCH * 1_000_000_000L / perSecond;
                            LockSupport.parkNanos(due - System.nanoTime());
                            wire.exchange(shape.request(key, BATCH)).require(200);
                            sent.addAndGet(BATCH);
                        }
                    }
                });
        return sent.get() * 1e9 / (System.nanoTime() - start);
    }

    private static long bytes(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(
                            file -> file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
