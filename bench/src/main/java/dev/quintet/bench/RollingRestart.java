package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.bench.QuintetProcess.Settings;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.PostgresProcess;
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

/**
 * Two nodes over one PostgreSQL behind a real balancer are restarted in turn, while clients that
 * repeat nothing send requests and readers of a room resume.
 */
public final class RollingRestart implements AutoCloseable {

    private static final String PASSWORD = "only for this run";
    private static final String MASTER_KEY = "00".repeat(32);
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

    private final Balancer balancer;
    private final PostgresProcess postgres;
    private final List<QuintetProcess> nodes = new ArrayList<>();
    private final List<Settings> settings;

    public RollingRestart(Balancer.Kind kind, Path folder) {
        Checkout checkout = Checkout.find();
        this.postgres =
                PostgresProcess.start(
                        new PostgresProcess.Settings(
                                folder.resolve("postgres"),
                                checkout.distribution().resolve("postgres"),
                                PASSWORD,
                                DataSize.mebibytes(128),
                                120));
        Settings one = Settings.over(folder.resolve("one"));
        Settings two = Settings.over(folder.resolve("two"));
        this.balancer = Balancer.start(kind, checkout, folder, one.port(), two.port());
        this.settings = List.of(node(one), node(two));
        settings.forEach(each -> nodes.add(QuintetProcess.start(each)));
        balancer.awaitReady();
    }

    private Settings node(Settings plain) {
        DatabaseUrl url = postgres.url();
        URI address = URI.create(url.jdbc().substring("jdbc:".length()));
        return plain.only("auth,chat,notify")
                .with("QUINTET_URL", balancer.base().toString())
                .with(
                        "QUINTET_DATABASE_URL",
                        "postgresql://%s:%s@%s%s"
                                .formatted(
                                        url.user(),
                                        PASSWORD.replace(" ", "%20"),
                                        address.getAuthority(),
                                        address.getPath()))
                .with("QUINTET_SECURITY_MASTER_KEY", MASTER_KEY)
                .with("QUINTET_HTTP_TRUSTED_PROXIES", "127.0.0.1")
                .with("QUINTET_MEMORY", "2g")
                .with("QUINTET_LIMITS_ENABLED", "false");
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
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger back = new AtomicInteger();
        List<Integer> exits = new ArrayList<>();
        long start = System.nanoTime();
        Crew.run(
                WORKERS + 1,
                worker -> {
                    if (worker == WORKERS) {
                        restartInTurn(exits, back);
                    } else {
                        send(people.get(0), room, requests, next, failures, least, back, start);
                    }
                });
        List<String> lost = new ArrayList<>();
        long last = lastSeq(people.get(0), room);
        readers.forEach(reader -> reader.finish(last).ifPresent(lost::add));
        return new Report(next.get(), List.copyOf(failures), lost, exits);
    }

    private void restartInTurn(List<Integer> exits, AtomicInteger back) {
        for (int at = 0; at < nodes.size(); at++) {
            LockSupport.parkNanos(3_000_000_000L);
            exits.add(nodes.get(at).stop(STOP).orElse(-1));
            nodes.set(at, QuintetProcess.start(settings.get(at)));
            back.incrementAndGet();
        }
        LockSupport.parkNanos(3_000_000_000L);
        back.incrementAndGet();
    }

    private void send(
            People.Person sender,
            String room,
            List<byte[]> requests,
            AtomicInteger next,
            Queue<String> failures,
            int least,
            AtomicInteger back,
            long start) {
        Wire wire = new Wire(balancer.base());
        try {
            for (int n = next.getAndIncrement();
                    n < least || back.get() < nodes.size() + 1;
                    n = next.getAndIncrement()) {
                long due = start + n * 1_000_000_000L / PER_SECOND;
                LockSupport.parkNanos(due - System.nanoTime());
                try {
                    byte[] request = n % 4 == 3 ? message(sender, room, n) : requests.get(n % 4);
                    Wire.Answer answer = wire.exchange(request);
                    if (answer.status() != 200 && answer.status() != 201) {
                        failures.add(n + ": " + answer.status() + " " + answer.body());
                    }
                } catch (RuntimeException broken) {
                    failures.add(n + ": " + broken);
                    wire.close();
                    wire = new Wire(balancer.base());
                }
            }
        } finally {
            wire.close();
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
        nodes.forEach(QuintetProcess::close);
        balancer.close();
        postgres.close();
    }
}
