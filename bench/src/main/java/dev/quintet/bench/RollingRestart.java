package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.bench.QuintetProcess.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Two nodes over one PostgreSQL behind a real balancer are restarted in turn, while clients that
 * repeat nothing send requests and sign in, readers of a room and of an inbox resume, and a client
 * uploads to the first node, which alone has files.
 */
public final class RollingRestart implements AutoCloseable {

    private static final int WORKERS = 16;
    private static final int READERS = 20;
    private static final int SIGNERS = 4;
    // Of so many requests one is a notification.
    private static final int NOTICE = 20;
    private static final int PER_SECOND = 600;
    private static final Duration STOP = Duration.ofSeconds(60);

    /**
     * What came of it.
     *
     * @param failures status or error of requests that were not answered as they should be
     * @param lost numbers that some reader of the room or the inbox did not see, or saw out of
     *     order, and uploads that do not stand where they should
     * @param signIns that were begun, each of five requests
     * @param streams how often the inbox's stream was opened
     * @param exits the status with which each node ended, one for each restart
     */
    public record Report(
            int requests,
            List<String> failures,
            List<String> lost,
            int signIns,
            int streams,
            Uploaded uploaded,
            List<Integer> exits) {}

    /** Files that were read back, and how often one of them went on after a cut. */
    public record Uploaded(int files, int resumed) {}

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
                Stream.of(one.only("auth,chat,notify,files"), two.only("auth,chat,notify"))
                        .map(each -> postgres.under(node(each, balancer)))
                        .toList();
        List<QuintetProcess> nodes = new ArrayList<>();
        for (Settings each : settings) {
            nodes.add(node(each, opened));
        }
        balancer.awaitReady();
        return new RollingRestart(opened, balancer, settings, nodes);
    }

    private static Settings node(Settings plain, Balancer balancer) {
        return plain.with("QUINTET_URL", balancer.base().toString())
                .with("QUINTET_HTTP_TRUSTED_PROXIES", "127.0.0.1")
                .with("QUINTET_MEMORY", "2g")
                .with("QUINTET_LIMITS_ENABLED", "false");
    }

    private static QuintetProcess node(Settings settings, Opened opened) {
        QuintetProcess node = QuintetProcess.start(settings);
        opened.add(node::close);
        return node;
    }

    /** How often the nodes are restarted. */
    public enum Turns {
        /** Each node once. */
        ONE,
        /** Each in turn, for as long as requests are sent. */
        WHILE_SENDING
    }

    /** At least so many requests, and until both nodes are back. */
    public Report run(int least, Turns turns) {
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
        InboxReader inbox = new InboxReader(balancer.base(), people.get(1).token());
        SignIns signIns = new SignIns(balancer.base(), first, "signer");
        StreamedUploads uploads =
                new StreamedUploads(first.base(), first.adminKey(), new Random(1));
        Load load =
                new Load(
                        balancer.base(), new Talk(people, room, first.adminKey()), requests, least);
        List<Integer> exits = new ArrayList<>();
        Queue<String> lost = new ConcurrentLinkedQueue<>();
        List<Runnable> crew = new ArrayList<>(Collections.nCopies(WORKERS, load::send));
        crew.addAll(Collections.nCopies(SIGNERS, () -> load.signIn(signIns)));
        crew.add(() -> {
            while (load.restarting) {
                uploads.upload().ifPresent(lost::add);
            }
        });
        crew.add(() -> restartInTurn(exits, load, turns));
        Crew.run(crew.size(), worker -> crew.get(worker).run());
        long last = lastSeq(people.get(0), room);
        readers.forEach(reader -> reader.finish(last).ifPresent(lost::add));
        inbox.finish(load.notices.get()).ifPresent(lost::add);
        return new Report(
                load.answered.get(),
                List.copyOf(load.failures),
                List.copyOf(lost),
                load.signIns.get(),
                inbox.streams(),
                new Uploaded(uploads.finished(), uploads.resumed()),
                exits);
    }

    private void restartInTurn(List<Integer> exits, Load load, Turns turns) {
        try {
            while (exits.size() < nodes.size() || (turns == Turns.WHILE_SENDING && load.sends())) {
                int at = exits.size() % nodes.size();
                load.awaitOneMoreSecond();
                exits.add(nodes.get(at).stop(STOP).orElse(-1));
                nodes.set(at, node(settings.get(at), opened));
            }
            load.awaitOneMoreSecond();
        } finally {
            load.restarting = false;
        }
    }

    /** What the requests name: who says what where. */
    private record Talk(List<People.Person> people, String room, String adminKey) {

        byte[] message(int n) {
            return post(
                    "/api/v1/chat/rooms/" + room + "/messages",
                    people.get(0).token(),
                    "{\"clientId\":\"%d\",\"text\":\"through a restart\"}".formatted(n));
        }

        byte[] notice(int n) {
            return post(
                    "/api/v1/notifications",
                    adminKey,
                    "{\"to\":[{\"user\":\"%s\"}],\"channels\":[\"inapp\"],\"content\":{\"title\":\"%d\",\"body\":\"through a restart\"}}"
                            .formatted(people.get(1).id(), n));
        }

        private static byte[] post(String path, String bearer, String json) {
            return Wire.request(
                    "POST",
                    path,
                    Map.of("Authorization", "Bearer " + bearer, "Content-Type", "application/json"),
                    json.getBytes(UTF_8));
        }
    }

    /** Requests at a fixed pace by any number of threads, until the restarts are over. */
    private static final class Load {

        private final URI base;
        private final Talk talk;
        private final List<byte[]> requests;
        private final int least;
        private final long start = System.nanoTime();
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final AtomicInteger notices = new AtomicInteger();
        private final AtomicInteger signIns = new AtomicInteger();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private volatile boolean restarting = true;

        Load(URI base, Talk talk, List<byte[]> requests, int least) {
            this.base = base;
            this.talk = talk;
            this.requests = requests;
            this.least = least;
        }

        boolean sends() {
            return next.get() < least;
        }

        void send() {
            try (Client client = new Client(base)) {
                for (int n = next.getAndIncrement();
                        n < least || restarting;
                        n = next.getAndIncrement()) {
                    long due = start + n * 1_000_000_000L / PER_SECOND;
                    LockSupport.parkNanos(due - System.nanoTime());
                    try {
                        send(client, n);
                    } catch (RuntimeException broken) {
                        failures.add(n + ": " + broken);
                    }
                }
            }
        }

        private void send(Client client, int n) {
            boolean notice = n % NOTICE == 0;
            byte[] request =
                    notice ? talk.notice(n) : n % 4 == 3 ? talk.message(n) : requests.get(n % 4);
            int status = client.exchange(request).status();
            if (status == 202) {
                notices.incrementAndGet();
            } else if (status != 200 && status != 201) {
                failures.add(n + ": " + status);
            }
            answered.incrementAndGet();
        }

        void signIn(SignIns person) {
            while (restarting) {
                int n = signIns.incrementAndGet();
                try {
                    person.signIn();
                } catch (RuntimeException failed) {
                    failures.add("sign-in " + n + ": " + failed);
                }
            }
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
