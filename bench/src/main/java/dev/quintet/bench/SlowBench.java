package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Settings;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final Duration COMING = Duration.ofSeconds(5);
    // The request for the figures is at work itself.
    private static final int ASKING = 1;
    private static final int SOCKETS = 5000;
    private static final int STALLED = 2000;
    private static final int PEOPLE = 50;
    private static final int MESSAGES_A_SECOND = 2;
    private static final int UNREAD_REQUESTS = 100_000;

    @Option(names = "--seconds", description = "Of each load (default: ${DEFAULT-VALUE}).")
    int seconds = 20;

    @Option(
            names = "--only",
            split = ",",
            description = "Parts: ${COMPLETION-CANDIDATES} (default: all).")
    Set<Part> only = EnumSet.allOf(Part.class);

    /** What is measured, each with a server of its own. */
    enum Part {
        REQUESTS,
        SOCKETS,
        LOG
    }

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
            for (Part part : only) {
                Settings settings = Settings.over(scratch.folder().resolve(part.name()));
                switch (part) {
                    case REQUESTS -> slowRequests(settings, results);
                    case SOCKETS -> stalledSockets(settings, results);
                    case LOG -> unreadLog(settings, results);
                }
            }
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
                    "refused or failed",
                    "processors");
            HonestLoad honest = new HonestLoad(server);
            Duration load = Duration.ofSeconds(seconds);
            honest.run(HONEST_A_SECOND, Duration.ofSeconds(10));
            row(results, "none", Effort.during(server, () -> honest.run(HONEST_A_SECOND, load)));
            try (SlowSockets _ = new SlowSockets(server.base(), SLOW, COMING)) {
                row(
                        results,
                        SLOW + " come, in five seconds",
                        Effort.during(server, () -> honest.run(HONEST_A_SECOND, COMING)));
                row(
                        results,
                        SLOW
                                + " are there: a third each drips its head, its body, or does not read",
                        Effort.during(server, () -> honest.run(HONEST_A_SECOND, load)));
                results.note(heldByReading(server));
            }
            results.note(
                    "The honest requests are, in turn, a client-credentials token, the discovery"
                            + " document and a list of users; the bodies that drip are for /login and"
                            + " /oauth2/token. Goal: p99 < 250 ms, none refused.");
        }
    }

    /** A second without honest requests: nobody is at work but who asks. */
    private static String heldByReading(QuintetProcess server) {
        double permits = 0;
        double open = 0;
        double waiting = 0;
        try (Wire wire = new Wire(server.base())) {
            for (int n = 0; n < 10; n++) {
                LockSupport.parkNanos(100_000_000);
                Counters counters = Counters.of(wire);
                permits = Math.max(permits, counters.sum("http_permits_busy{") - ASKING);
                open = Math.max(open, counters.sum("http_requests_open") - ASKING);
                waiting = Math.max(waiting, counters.sum("http_waiting_bytes{"));
            }
        }
        return "In a second without honest requests, with the slow sockets there, permits held by reading: at most %.0f (http_permits_busy); requests open: %.0f; bytes that wait in the server: %,.0f."
                .formatted(permits, open, waiting);
    }

    private static void row(Results results, String slow, Effort.Of<HonestLoad.Report> load) {
        HonestLoad.Report report = load.result();
        results.row(
                slow,
                "" + report.requests(),
                Spread.number(report.millis().median()),
                Spread.number(report.millis().percentile(0.99)),
                "" + report.failed(),
                load.effort().busy());
    }

    private void stalledSockets(Settings settings, Results results) {
        try (QuintetProcess server =
                QuintetProcess.start(
                        settings.only("auth,chat")
                                .with("QUINTET_MEMORY", "1g")
                                .with("QUINTET_CHAT_MAX_SOCKETS_PER_PERSON", "1000")
                                // Else loopback's kernel takes it all, and nothing waits in us.
                                .with("QUINTET_HTTP_SEND_BUFFER", "16k")
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
                    "lost",
                    "waiting in the server, most",
                    "cut: for all, for itself");
            try (Audience audience = new Audience(server.base(), tokens, SOCKETS - STALLED);
                    ChatSocket sender = new ChatSocket(server.base(), tokens.getFirst())) {
                Room measured = new Room(server, sender, room, audience);
                say(results, measured, "warm-up");
                say(results, measured, "none");
                try (StalledSockets _ = new StalledSockets(server.base(), tokens, STALLED)) {
                    say(results, measured, "" + STALLED);
                }
            }
            results.note(
                    "A message has 8,000 characters; they come two a second. Cut for all: the slowest,"
                            + " because what waits for all sockets is over a quarter of the direct"
                            + " memory (http_clients_cut); for itself: more than chat.maxQueued waits"
                            + " for it (chat_sockets_slow). Goal: every reader gets every message, and"
                            + " p99 within 10 % of the run without.");
        }
    }

    private record Room(QuintetProcess server, ChatSocket sender, String id, Audience audience) {}

    private void say(Results results, Room room, String stalled) {
        int readers = SOCKETS - STALLED;
        List<Double> millis = new ArrayList<>();
        double waiting = 0;
        long before = room.audience.heard();
        long next = System.nanoTime();
        try (Wire figures = new Wire(room.server.base())) {
            for (int n = 0; n < MESSAGES_A_SECOND * seconds; n++) {
                long start = System.nanoTime();
                room.sender.ask(
                        "\"rpc\":{\"method\":\"message.send\",\"data\":{\"room\":\"%s\",\"clientId\":\"%d\",\"text\":\"%s\"}}"
                                .formatted(room.id, start, "x".repeat(8000)));
                room.audience.await(before + (n + 1L) * readers, Duration.ofSeconds(30));
                millis.add((System.nanoTime() - start) / 1e6);
                waiting =
                        Math.max(
                                waiting,
                                Counters.of(figures).sum("http_waiting_bytes{what=\"sockets\"}"));
                next += 1_000_000_000 / MESSAGES_A_SECOND;
                LockSupport.parkNanos(next - System.nanoTime());
            }
            Counters after = Counters.of(figures);
            Spread spread = Spread.of(millis);
            results.row(
                    stalled,
                    "" + readers,
                    "" + millis.size(),
                    Spread.number(spread.median()),
                    Spread.number(spread.percentile(0.99)),
                    "" + (before + (long) millis.size() * readers - room.audience.heard()),
                    "%,.0f bytes".formatted(waiting),
                    "%.0f, %.0f"
                            .formatted(
                                    after.sum("http_clients_cut_total{what=\"sockets\"}"),
                                    after.sum("chat_sockets_slow_total")));
        }
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
