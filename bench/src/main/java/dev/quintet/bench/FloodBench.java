package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.bench.QuintetProcess.Settings;
import dev.quintet.bench.QuintetProcess.Victim;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What one public write key can do to the server: small requests that unfold to large ones. */
@Command(
        name = "flood",
        description =
                "Requests of analytics that unfold, at --memory 2g, and a kill in the middle.")
final class FloodBench implements Callable<Integer> {

    private static final int ITEMS = 2_500;
    private static final int CONNECTIONS = 4;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Option(names = "--requests", description = "Of 2,500 items (default: ${DEFAULT-VALUE}).")
    int requests = 600;

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        Results results =
                Results.here("flood", List.of("--requests", "" + requests), checkout, System.out);
        try (Scratch scratch = Scratch.in(checkout)) {
            Settings settings =
                    Settings.over(scratch.folder().resolve("data"))
                            .with("QUINTET_MEMORY", "2g")
                            .with("QUINTET_LIMITS_ENABLED", "false");
            results.limit(
                    "append of 4 KiB + fsync",
                    new RawDisk(scratch.folder()).forces(4096, 3, Duration.ofSeconds(1)),
                    "a second");
            results.table(
                    "One write key against a server with --memory 2g",
                    "what",
                    "items",
                    "seconds to take them",
                    "seconds until all are loaded",
                    "ledger: stored + rejected + duplicate of received",
                    "most memory of the server, MiB",
                    "of its children",
                    "GET ledger meanwhile, ms: median, p99");
            String bare = batch(Collections.nCopies(ITEMS, "{\"type\":\"page\",\"userId\":\"u\"}"));
            QuintetProcess server = QuintetProcess.start(settings);
            String key;
            try {
                results.fact("show fsync", QuintetProcess.show(server.embeddedDatabase(), "fsync"));
                key = EventLoad.source(server);
                flood(results, server, key, "requests of " + bare.length() + " bytes", bare);
                flood(results, server, key, "the same again", bare);
                take(server, key, batch(days()), 1);
                loaded(results, server, "a request over 2,500 days", ITEMS, 0);
                take(server, key, bare, requests);
                server.kill(Victim.SERVER);
                server = QuintetProcess.start(settings);
                results.fact(
                        "start after a kill with the log full, to ready",
                        Spread.number(server.toReady().toMillis() / 1e3) + " s");
                loaded(results, server, "after the kill", (long) requests * ITEMS, 0);
            } finally {
                server.kill(Victim.GROUP);
            }
            results.note(
                    "On the ground floor the first of these ended the process, and each restart"
                            + " again. Goal: all answered 200, all loaded, memory flat.");
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return 0;
    }

    private void flood(
            Results results, QuintetProcess server, String key, String what, String body) {
        long began = System.nanoTime();
        take(server, key, body, requests);
        loaded(
                results,
                server,
                requests + " " + what,
                (long) requests * ITEMS,
                (System.nanoTime() - began) / 1e9);
    }

    private static void take(QuintetProcess server, String key, String body, int requests) {
        byte[] request = EventLoad.post(key, "/v1/batch", body.getBytes(UTF_8));
        AtomicInteger sent = new AtomicInteger();
        Crew.run(
                CONNECTIONS,
                worker -> {
                    try (Wire wire = new Wire(server.base())) {
                        while (sent.getAndIncrement() < requests) {
                            wire.exchange(request).require(200);
                        }
                    }
                });
    }

    /** Until nothing waits any more. */
    private static void loaded(
            Results results, QuintetProcess server, String what, long items, double taking) {
        long began = System.nanoTime();
        Processes processes = new Processes(server.pid());
        long most = 0;
        long below = 0;
        try (Wire wire = new Wire(server.base())) {
            List<Double> millis = new ArrayList<>();
            LedgerWatch.Reading ledger = read(wire, server, millis);
            while (ledger.pending() > 0) {
                if (System.nanoTime() - began > PATIENCE.toNanos()) {
                    throw new IllegalStateException("still not loaded: " + ledger);
                }
                most = Math.max(most, processes.pss());
                below = Math.max(below, processes.pssBelow());
                LockSupport.parkNanos(200_000_000);
                ledger = read(wire, server, millis);
            }
            Spread asked = Spread.of(millis);
            results.row(
                    what,
                    "" + items,
                    Spread.number(taking),
                    Spread.number((System.nanoTime() - began) / 1e9),
                    ledger.ended() + " of " + ledger.received(),
                    "" + (most >> 20),
                    "" + (below >> 20),
                    Spread.number(asked.median()) + ", " + Spread.number(asked.percentile(0.99)));
        }
    }

    private static LedgerWatch.Reading read(Wire wire, QuintetProcess server, List<Double> millis) {
        LedgerWatch.Reading reading = LedgerWatch.read(server, wire);
        millis.add(reading.millis());
        return reading;
    }

    private static List<String> days() {
        Instant now = Instant.now();
        return IntStream.range(0, ITEMS)
                .mapToObj(day ->
                        "{\"type\":\"page\",\"userId\":\"u\",\"timestamp\":\"%s\"}"
                                .formatted(now.minus(day, ChronoUnit.DAYS)))
                .toList();
    }

    private static String batch(List<String> items) {
        return items.stream().collect(Collectors.joining(",", "{\"batch\":[", "]}"));
    }
}
