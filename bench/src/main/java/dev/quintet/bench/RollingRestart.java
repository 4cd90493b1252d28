package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.bench.QuintetProcess.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Two nodes over one PostgreSQL behind a real balancer are restarted in turn, while clients that
 * repeat nothing send requests and readers of a room resume.
 */
public final class RollingRestart implements AutoCloseable {

    private static final int WORKERS = 16;
    private static final int READERS = 20;
    private static final int PER_SECOND = 600;
    private static final Duration STOP = Duration.ofSeconds(60);

    /**
     * What came of it.
     *
     * @param failures status or error of requests that were not answered as they should be
     * @param lost numbers that some reader of the room did not see, or saw out of order
     * @param exits the status with which each node ended
     */
    public record Report(
            int requests, List<String> failures, List<String> lost, List<Integer> exits) {}

    private final Opened opened;
    private final Balancer balancer;
    private final List<Settings> settings;
    private final List<QuintetProcess> nodes;

    private RollingRestart(
            Opened opened, Balancer balancer, List<Settings> settings, List<QuintetProcess> nodes) {
        this.opened = opened;
        this.balancer = balancer;
        this.settings = settings;
        this.nodes = nodes;
    }

    /** Starts all of it, or leaves nothing running. */
    public static RollingRestart start(Balancer.Kind kind, Path folder) {
        Opened opened = new Opened();
        try {
            return start(kind, folder, opened);
        } catch (RuntimeException | Error failed) {
            opened.closeAfter(failed);
            throw failed;
        }
    }

    private static RollingRestart start(Balancer.Kind kind, Path folder, Opened opened) {
        ExternalPostgres postgres = ExternalPostgres.start(folder.resolve("postgres"), 120);
        opened.add(postgres::close);
        Settings one = Settings.over(folder.resolve("one"));
        Settings two = Settings.over(folder.resolve("two"));
        Balancer balancer = Balancer.start(kind, Checkout.find(), folder, one.port(), two.port());
        opened.add(balancer::close);
        List<Settings> settings =
                Stream.of(one, two).map(each -> postgres.under(node(each, balancer))).toList();
        List<QuintetProcess> nodes = new ArrayList<>();
        for (Settings each : settings) {
            nodes.add(node(each, opened));
        }
        balancer.awaitReady();
        return new RollingRestart(opened, balancer, settings, nodes);
    }

    private static Settings node(Settings plain, Balancer balancer) {
        return plain.only("auth,chat,notify")
                .with("QUINTET_URL", balancer.base().toString())
                .with("QUINTET_HTTP_TRUSTED_PROXIES", "127.0.0.1")
                .with("QUINTET_MEMORY", "2g")
                .with("QUINTET_LIMITS_ENABLED", "false");
    }

    private static QuintetProcess node(Settings settings, Opened opened) {
        QuintetProcess node = QuintetProcess.start(settings);
        opened.add(node::close);
        return node;
    }

    /** At least so many requests, and until both nodes are back. */
    public Report run(int least) {
        QuintetProcess first = nodes.getFirst();
        List<People.Person> people = People.make(first, "roller", 2).all();
        String room;
        List<byte[]> requests;
        try (Wire wire = new Wire(first.base())) {
            room = People.room(wire, people.get(0), List.of(people.get(1)));
            requests = HonestLoad.requests(wire, first.adminKey());
        }
        List<RoomReader> readers = new ArrayList<>();
        for (int at = 0; at < READERS; at++) {
            readers.add(new RoomReader(balancer.base(), people.get(1).token(), room));
        }
        Load load = new Load(balancer.base(), people.get(0), room, requests, least);
        List<Integer> exits = new ArrayList<>();
        Crew.run(
                WORKERS + 1,
                worker -> {
                    if (worker == WORKERS) {
                        restartInTurn(exits, load);
                    } else {
                        load.send();
                    }
                });
        List<String> lost = new ArrayList<>();
        long last = lastSeq(people.get(0), room);
        readers.forEach(reader -> reader.finish(last).ifPresent(lost::add));
        return new Report(load.next.get(), List.copyOf(load.failures), lost, exits);
    }

    private void restartInTurn(List<Integer> exits, Load load) {
        try {
            for (int at = 0; at < nodes.size(); at++) {
                load.awaitOneMoreSecond();
                exits.add(nodes.get(at).stop(STOP).orElse(-1));
                nodes.set(at, node(settings.get(at), opened));
            }
            load.awaitOneMoreSecond();
        } finally {
            load.restarting = false;
        }
    }

    /** Requests at a fixed pace by any number of threads, until the restarts are over. */
    private static final class Load {

        private final URI base;
        private final People.Person sender;
        private final String room;
        private final List<byte[]> requests;
        private final int least;
        private final long start = System.nanoTime();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private volatile boolean restarting = true;

        Load(URI base, People.Person sender, String room, List<byte[]> requests, int least) {
            this.base = base;
            this.sender = sender;
            this.room = room;
            this.requests = requests;
            this.least = least;
        }

        void send() {
            Wire wire = new Wire(base);
            try {
                for (int n = next.getAndIncrement();
                        n < least || restarting;
                        n = next.getAndIncrement()) {
                    long due = start + n * 1_000_000_000L / PER_SECOND;
                    LockSupport.parkNanos(due - System.nanoTime());
                    try {
                        wire = send(wire, n);
                    } catch (RuntimeException broken) {
                        failures.add(n + ": " + broken);
                        wire.close();
                        wire = new Wire(base);
                    }
                }
            } finally {
                wire.close();
            }
        }

        /** The connection for what follows: a new one where the answer has ended this one. */
        private Wire send(Wire wire, int n) {
            byte[] request = n % 4 == 3 ? message(sender, room, n) : requests.get(n % 4);
            Wire.Answer answer = wire.exchange(request);
            if (answer.status() != 200 && answer.status() != 201) {
                failures.add(n + ": " + answer.status());
            }
            answered.incrementAndGet();
            // nginx ends each connection after a thousand requests (RFC 9112 section 9.6).
            if ("close".equalsIgnoreCase(answer.headers().get("connection"))) {
                wire.close();
                return new Wire(base);
            }
            return wire;
        }

        /** Until as many more requests as a second has were answered: by every node that is up. */
        void awaitOneMoreSecond() {
            int enough = answered.get() + PER_SECOND;
            long giveUp = System.nanoTime() + STOP.toNanos();
            while (answered.get() < enough) {
                if (System.nanoTime() > giveUp) {
                    throw new IllegalStateException("requests are not answered: " + failures);
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static byte[] message(People.Person sender, String room, int n) {
        return Wire.request(
                "POST",
                "/api/v1/chat/rooms/" + room + "/messages",
                Map.of(
                        "Authorization",
                        "Bearer " + sender.token(),
                        "Content-Type",
                        "application/json"),
                "{\"clientId\":\"%d\",\"text\":\"through a restart\"}"
                        .formatted(n)
                        .getBytes(UTF_8));
    }

    private long lastSeq(People.Person person, String room) {
        try (Wire wire = new Wire(balancer.base())) {
            return wire.ask(
                            person.token(),
                            "POST",
                            "/api/v1/chat/rooms/" + room + "/messages",
                            "{\"clientId\":\"last\",\"text\":\"the end\"}")
                    .require(201)
                    .json()
                    .get("seq")
                    .longValue();
        }
    }

    @Override
    public void close() {
        opened.close();
    }
}
