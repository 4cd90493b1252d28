package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Settings;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What clients and readers that are slow, or do nothing at all, cost all others. */
@Command(
        name = "slow",
        description = "Slow sockets, unread sockets and an unread log beside honest clients.")
final class SlowBench implements Callable<Integer> {

    private static final int SLOW = 2000;
    private static final int HONEST_A_SECOND = 200;
    private static final int SOCKETS = 5000;
    private static final int STALLED = 2000;
    private static final int PEOPLE = 50;
    private static final int UNREAD_REQUESTS = 100_000;

    @Option(names = "--seconds", description = "Of each load (default: ${DEFAULT-VALUE}).")
    int seconds = 20;

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        Results results =
                Results.here("slow", List.of("--seconds", "" + seconds), checkout, System.out);
        try (Scratch scratch = Scratch.in(checkout)) {
            results.limit(
                    "append of 4 KiB + fsync",
                    new RawDisk(scratch.folder()).forces(4096, 3, Duration.ofSeconds(1)),
                    "a second");
            slowRequests(Settings.over(scratch.folder().resolve("requests")), results);
            stalledSockets(Settings.over(scratch.folder().resolve("sockets")), results);
            unreadLog(Settings.over(scratch.folder().resolve("log")), results);
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return 0;
    }

    private void slowRequests(Settings settings, Results results) {
        try (QuintetProcess server =
                QuintetProcess.start(
                        settings.with("QUINTET_LIMITS_ENABLED", "false")
                                // Loopback's segments of 64 KiB would let the kernel swallow 4 MB
                                // of answers for each client that does not read.
                                .with("QUINTET_HTTP_SEND_BUFFER", "128k"))) {
            results.fact("show fsync", QuintetProcess.show(server.embeddedDatabase(), "fsync"));
            results.table(
                    "%d anonymous slow sockets beside %d honest requests a second"
                            .formatted(SLOW, HONEST_A_SECOND),
                    "slow sockets",
                    "honest requests",
                    "p50 ms",
                    "p99 ms",
                    "refused or failed");
            HonestLoad honest = new HonestLoad(server);
            Duration load = Duration.ofSeconds(seconds);
            honest.run(HONEST_A_SECOND, Duration.ofSeconds(10));
            row(results, "none", honest.run(HONEST_A_SECOND, load));
            try (SlowSockets _ = new SlowSockets(server.base(), SLOW)) {
                row(
                        results,
                        SLOW + " come: the first five seconds",
                        honest.run(HONEST_A_SECOND, Duration.ofSeconds(5)));
                row(
                        results,
                        SLOW
                                + " are there: a third each drips its head, its body, or does not read",
                        honest.run(HONEST_A_SECOND, load));
            }
            results.note(
                    "The honest requests are, in turn, a client-credentials token, the discovery"
                            + " document and a list of users; the bodies that drip are for /login and"
                            + " /oauth2/token. Goal: p99 < 250 ms, none refused.");
        }
    }

    private static void row(Results results, String slow, HonestLoad.Report report) {
        results.row(
                slow,
                "" + report.requests(),
                Spread.number(report.millis().median()),
                Spread.number(report.millis().percentile(0.99)),
                "" + report.failed());
    }

    private void stalledSockets(Settings settings, Results results) {
        try (QuintetProcess server =
                QuintetProcess.start(
                        settings.only("auth,chat")
                                .with("QUINTET_MEMORY", "1g")
                                .with("QUINTET_CHAT_MAX_SOCKETS_PER_PERSON", "1000")
                                .with("QUINTET_LIMITS_ENABLED", "false"))) {
            List<People.Person> people = People.make(server, "listener", PEOPLE).all();
            List<String> tokens = people.stream().map(People.Person::token).toList();
            String room;
            try (Wire wire = new Wire(server.base())) {
                room = People.room(wire, people.getFirst(), people.subList(1, PEOPLE));
            }
            results.table(
                    "%d of %d sockets of one room never read, --memory 1g"
                            .formatted(STALLED, SOCKETS),
                    "stalled",
                    "readers",
                    "messages",
                    "until all readers have it: p50 ms",
                    "p99 ms",
                    "lost");
            try (Audience audience = new Audience(server.base(), tokens, SOCKETS - STALLED);
                    ChatSocket sender = new ChatSocket(server.base(), tokens.getFirst())) {
                say(results, sender, room, audience, "warm-up");
                say(results, sender, room, audience, "none");
                try (StalledSockets _ = new StalledSockets(server.base(), tokens, STALLED)) {
                    say(results, sender, room, audience, "" + STALLED);
                }
            }
            results.note(
                    "A message has 2,000 characters; they come five a second. Goal: every reader gets"
                            + " every message, and p99 within 10 % of the run without.");
        }
    }

    private void say(
            Results results, ChatSocket sender, String room, Audience audience, String stalled) {
        int readers = SOCKETS - STALLED;
        List<Double> millis = new ArrayList<>();
        long before = audience.heard();
        long next = System.nanoTime();
        for (int n = 0; n < 5 * seconds; n++) {
            long start = System.nanoTime();
            sender.ask(
                    "\"rpc\":{\"method\":\"message.send\",\"data\":{\"room\":\"%s\",\"clientId\":\"%d\",\"text\":\"%s\"}}"
                            .formatted(room, start, "x".repeat(2000)));
            audience.await(before + (n + 1L) * readers, Duration.ofSeconds(30));
            millis.add((System.nanoTime() - start) / 1e6);
            next += 200_000_000;
            LockSupport.parkNanos(next - System.nanoTime());
        }
        Spread spread = new Spread(millis.stream().mapToDouble(each -> each).toArray());
        results.row(
                stalled,
                "" + readers,
                "" + millis.size(),
                Spread.number(spread.median()),
                Spread.number(spread.percentile(0.99)),
                "" + (before + (long) millis.size() * readers - audience.heard()));
    }

    private void unreadLog(Settings settings, Results results) {
        results.table(
                "Standard error is a pipe that nobody reads",
                "requests",
                "answered",
                "seconds",
                "SIGTERM to exit, seconds",
                "exit status");
        try (QuintetProcess server =
                QuintetProcess.startWithUnreadLog(
                        settings.with("QUINTET_LIMITS_ENABLED", "false"))) {
            byte[] request =
                    Wire.request("GET", "/.well-known/openid-configuration", Map.of(), new byte[0]);
            long start = System.nanoTime();
            int[] answered = new int[4];
            Crew.run(
                    answered.length,
                    worker -> {
                        try (Wire wire = new Wire(server.base())) {
                            for (int n = 0; n < UNREAD_REQUESTS / answered.length; n++) {
                                wire.exchange(request).require(200);
                                answered[worker]++;
                            }
                        }
                    });
            double took = (System.nanoTime() - start) / 1e9;
            long stop = System.nanoTime();
            String status =
                    server.stop(Duration.ofSeconds(60)).map(String::valueOf).orElse("still runs");
            results.row(
                    "" + UNREAD_REQUESTS,
                    "" + IntStream.of(answered).sum(),
                    Spread.number(took),
                    Spread.number((System.nanoTime() - stop) / 1e9),
                    status);
            results.note("Goal: all answered, and the drain takes less than 5 s.");
        }
    }
}
