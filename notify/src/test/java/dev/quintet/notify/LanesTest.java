package dev.quintet.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.quintet.notify.ScriptedSmtp.Behaviour;
import dev.quintet.notify.channels.Webhook;
import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Profile;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What lanes promise when receivers hang, nodes die, workers wake late, and two nodes share. */
final class LanesTest {

    private static final Keys KEYS =
            new Keys(MasterKey.parse("ab".repeat(32)), List.of(), new SecureRandom());
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Caller ADMIN = TestWeb.allRights(TestWeb.ADMIN).orElseThrow();

    private final LocalBus bus = new LocalBus();
    private final People people = new People(new Ids(InstantSource.system(), new SecureRandom()));
    private TestDatabase database;

    @BeforeEach
    void open() {
        database = TestDatabase.create("notify");
    }

    @AfterEach
    void close() {
        database.close();
    }

    private NotifyStage stage(ScriptedSmtp smtp, Duration lease) {
        return new NotifyStage(
                database.database(), bus, people, KEYS, smtp.url(), UUID.randomUUID(), lease);
    }

    private Recipient hook(NotifyStage stage, String url) {
        return new Recipient.Webhook(
                database.database()
                        .tx(tx -> stage.endpoints.create(tx, ADMIN, "test", url, List.of()))
                        .endpoint()
                        .id());
    }

    /** Rows of a table, perhaps with a condition. */
    private long count(String rows) {
        return database.database()
                .read(tx ->
                        tx.handle()
                                .createQuery("select count(*) from notify." + rows)
                                .mapTo(Long.class)
                                .one());
    }

    @Test
    void a_critical_mail_arrives_while_ten_thousand_bulk_deliveries_wait_for_a_receiver_that_hangs()
            throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp, LONG);
                ScriptedSmtp hanging = new ScriptedSmtp(Behaviour.HANG)) {
            String url = hanging.url().replace("smtp://", "http://");
            List<Recipient> hooks = new ArrayList<>();
            for (int endpoint = 0; endpoint < 100; endpoint++) {
                hooks.add(hook(stage, url));
            }
            for (int round = 0; round < 100; round++) {
                stage.send(Priority.BULK, hooks.toArray(Recipient[]::new));
            }
            Await.until(
                    "ten thousand wait and the bulk lane hangs",
                    Duration.ofSeconds(60),
                    () ->
                            count("deliveries_bulk where state in ('waiting', 'sending')") == 10_000
                                    && count("deliveries_bulk where state = 'sending'")
                                            == Priority.BULK.workers());

            long start = System.nanoTime();
            stage.send(Priority.CRITICAL, new Recipient.Email("ceo@quintet.test"));
            Await.until("the critical mail", () -> !smtp.seen().isEmpty());
            long took = (System.nanoTime() - start) / 1_000_000;
            System.out.println("critical behind ten thousand bulk: " + took + " ms");
            assertThat(took).isLessThan(10_000);
        }
    }

    @Test
    void a_receivers_words_that_no_database_takes_hold_up_no_other() throws Exception {
        try (ScriptedSmtp smtp =
                        new ScriptedSmtp(Behaviour.REFUSE_RECIPIENT, Behaviour.ACCEPT)
                                .refusingBy("550 no \0 such mailbox");
                NotifyStage stage = stage(smtp, LONG)) {
            String bad = stage.send(Priority.NORMAL, new Recipient.Email("bob@quintet.test"));
            assertThat(stage.whenDone(bad).get("counts").get("failed").asInt()).isEqualTo(1);
            String next = stage.send(Priority.NORMAL, new Recipient.Email("ada@quintet.test"));
            assertThat(stage.whenDone(next).get("counts").get("delivered").asInt()).isEqualTo(1);
        }
    }

    @Test
    void one_that_cannot_be_expanded_fails_in_its_timeline_and_holds_up_no_other()
            throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp, LONG)) {
            List<String> poison = new ArrayList<>();
            // More than a lane expands at once.
            for (int each = 0; each < 60; each++) {
                poison.add(poison());
            }
            String next = stage.send(Priority.NORMAL, new Recipient.Email("ada@quintet.test"));
            assertThat(stage.whenDone(next).get("counts").get("delivered").asInt()).isEqualTo(1);
            for (String id : poison) {
                assertThat(stage.whenDone(id).get("counts").get("failed").asInt()).isEqualTo(2);
            }
            assertThat(stage.outcomes(poison.getFirst()))
                    .containsExactlyInAnyOrder("email 1 failed", "inapp 1 failed");
            assertThat(
                            stage.web
                                    .get(
                                            "/api/v1/notifications/"
                                                    + poison.getFirst()
                                                    + "/deliveries")
                                    .body())
                    .contains("gave up after 6 attempts", "bob@quintet.test");
        }
    }

    /** As an older or newer release, or a fault, may have left it: a way out that nobody knows. */
    private String poison() {
        UUID id = UUID.randomUUID();
        database.database()
                .run(tx ->
                        tx.handle()
                                .createUpdate(
                                        """
                                        insert into notify.notifications
                                            (id, organisation, lane, title, body, recipients, channels, send_at, created_at, state)
                                        values
                                            (:id, :organisation, :lane, 'x', 'x', cast(:to as jsonb), array['pigeon'], now() - interval '1 minute', now(), 'accepted')
                                        """)
                                .bind("id", id)
                                .bind("organisation", Caller.ROOT)
                                .bind("lane", Priority.NORMAL.lane())
                                .bind(
                                        "to",
                                        "[{\"email\":\"bob@quintet.test\"},{\"user\":\""
                                                + UUID.randomUUID()
                                                + "\"}]")
                                .execute());
        return Notify.NOTIFICATION.show(id);
    }

    @Test
    void one_receiver_that_hangs_leaves_its_lane_to_the_others() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp, LONG);
                ScriptedSmtp hanging = new ScriptedSmtp(Behaviour.HANG)) {
            Recipient hook = hook(stage, hanging.url().replace("smtp://", "http://"));
            for (int each = 0; each < 100; each++) {
                stage.send(Priority.NORMAL, hook);
            }
            Await.until(
                    "it holds what it may", () -> sending() > 3 * Priority.NORMAL.workers() / 8);
            String next = stage.send(Priority.NORMAL, new Recipient.Email("ada@quintet.test"));
            assertThat(stage.whenDone(next).get("counts").get("delivered").asInt()).isEqualTo(1);
            assertThat(sending()).isLessThanOrEqualTo(Priority.NORMAL.workers() / 2);
        }
    }

    private long sending() {
        return count("deliveries_normal where state = 'sending'");
    }

    @Test
    void who_was_slow_gets_an_eighth_of_the_workers_until_it_is_quick_again() {
        Destinations destinations = new Destinations(64);
        assertThat(destinations.room())
                .isEqualTo(new Destinations.Room(32, List.of(), List.of(), List.of()));
        for (int each = 0; each < 25; each++) {
            destinations.began("a");
        }
        assertThat(destinations.room().full()).containsExactly("a");
        destinations.ended("a", Duration.ofMillis(10));
        assertThat(destinations.room().full()).isEmpty();
        assertThat(destinations.room().rooms()).containsExactly(8);
        for (int each = 0; each < 24; each++) {
            destinations.ended("a", Duration.ofSeconds(15));
        }
        assertThat(destinations.room().rooms()).containsExactly(8);
        destinations.began("a");
        destinations.ended("a", Duration.ofMillis(10));
        assertThat(destinations.room().addresses()).isEmpty();
    }

    @Test
    void an_expansion_holds_no_more_inboxes_than_those_of_one_notification() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp, LONG)) {
            List<Recipient> all = people(1_000);
            Draft first = inbox(all.subList(0, 999));
            Draft second = inbox(all.subList(1, 1_000));
            stage.whenDone(shown(accept(stage, inbox(all.subList(999, 1_000)))));
            try (Connection other = database.url().connect()) {
                other.setAutoCommit(false);
                try (Statement lock = other.createStatement()) {
                    lock.execute(
                            "select 1 from notify.inbox_heads where person = '"
                                    + ((Recipient.User) all.getLast()).person()
                                    + "' for update");
                }
                List<UUID> both =
                        database.database()
                                .tx(tx ->
                                        List.of(
                                                stage.notify.accept(tx, Caller.ROOT, first),
                                                stage.notify.accept(tx, Caller.ROOT, second)));
                stage.whenDone(shown(both.getFirst()));
                assertThat(stage.view(shown(both.getLast())).get("state").asString())
                        .isNotEqualTo("done");
                other.rollback();
                stage.whenDone(shown(both.getLast()));
            }
            assertThat(count("inbox")).isEqualTo(1 + 999 + 999);
            assertThat(
                            count(
                                    "inbox_heads h where last <> (select count(*) from notify.inbox i where i.person = h.person)"))
                    .isZero();
        }
    }

    private static UUID accept(NotifyStage stage, Draft draft) {
        return stage.notify.accept(Caller.ROOT, draft);
    }

    private static String shown(UUID notification) {
        return Notify.NOTIFICATION.show(notification);
    }

    private List<Recipient> people(int count) {
        return database.database()
                .tx(tx -> {
                    List<Recipient> made = new ArrayList<>();
                    for (int each = 0; each < count; each++) {
                        made.add(
                                new Recipient.User(
                                        people.add(
                                                tx,
                                                Caller.ROOT,
                                                Profile.ofValid(
                                                        Optional.of("P" + each),
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.empty()))));
                    }
                    return made;
                });
    }

    private static Draft inbox(List<Recipient> to) {
        return new Draft(
                to,
                Priority.BULK,
                Optional.empty(),
                "Hello",
                "There",
                Set.of(ChannelKind.INAPP),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void a_busy_database_costs_a_delivery_no_attempt() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        Database.Limits impatient =
                new Database.Limits(2, 1, Duration.ofSeconds(30), Duration.ofMillis(250));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Receiver receiver =
                        new Receiver(
                                () -> {
                                    requests.incrementAndGet();
                                    return 204;
                                },
                                threads);
                ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp, LONG);
                Database other = Database.open(database.url(), impatient, (tx, events) -> {});
                Egress egress = new Egress(NotifyStage.loopback())) {
            Recipient hook = hook(stage, receiver.url());
            stage.notify.close();
            Database share = other.share("endpoints", 1, 1);
            InstantSource time = InstantSource.system();
            Ids ids = new Ids(time, new SecureRandom());
            NotifyConfig config = Settings.defaults(NotifyConfig.class);
            Endpoints endpoints =
                    new Endpoints(
                            share, KEYS, ids, new SecureRandom(), egress, new Audit(), config);
            Webhook webhook = new Webhook(endpoints, delivery -> egress, time);
            Channel counted =
                    new Channel() {
                        @Override
                        public ChannelKind kind() {
                            return ChannelKind.WEBHOOK;
                        }

                        @Override
                        public Outcome attempt(Delivery delivery, Message message) {
                            try {
                                return webhook.attempt(delivery, message);
                            } catch (RuntimeException busy) {
                                refused.incrementAndGet();
                                throw busy;
                            }
                        }
                    };
            Thread.ofVirtual()
                    .start(() ->
                            share.tx(tx -> {
                                taken.countDown();
                                return await(free);
                            }));
            taken.await();
            try (Notify notify =
                    new Notify(
                            new Notify.Ground(
                                    database.database(), bus, people, ids, time, new Random(1)),
                            config,
                            List.of(counted),
                            UUID.randomUUID(),
                            LONG,
                            kind -> NotifyStage.QUICK)) {
                String id =
                        Notify.NOTIFICATION.show(
                                notify.accept(
                                        Caller.ROOT,
                                        NotifyStage.draft(Priority.HIGH, List.of(hook))));
                Await.until("the share was asked for in vain", () -> refused.get() > 0);
                free.countDown();
                assertThat(stage.whenDone(id).get("counts").get("delivered").asInt()).isEqualTo(1);
                assertThat(stage.outcomes(id)).containsExactly("webhook 1 delivered");
                assertThat(requests).hasValue(1);
            }
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Test
    void what_a_dead_node_had_under_way_is_shown_as_interrupted_and_sent_again() throws Exception {
        UUID node = UUID.randomUUID();
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT)) {
            DyingNode.Killed killed = DyingNode.killedRightAfter250(database.url(), smtp, node);
            try (NotifyStage next =
                    new NotifyStage(
                            database.database(), bus, people, KEYS, smtp.url(), node, LONG)) {
                assertThat(
                                next.whenDone(killed.notification())
                                        .get("counts")
                                        .get("delivered")
                                        .asInt())
                        .isEqualTo(1);
                assertThat(next.outcomes(killed.notification()))
                        .containsExactly("email 1 interrupted", "email 2 delivered");
                assertThat(smtp.seen()).hasSize(2);
                assertThat(smtp.seen().stream().map(ScriptedSmtp.Mail::messageId).distinct())
                        .hasSize(1);
            }
        }
    }

    @Test
    void a_worker_that_wakes_after_its_lease_changes_nothing_of_the_newer_attempt()
            throws Exception {
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        Semaphore answered = new Semaphore(0);
        Script script =
                () ->
                        switch (requests.incrementAndGet()) {
                            case 1 -> {
                                first.await();
                                answered.release();
                                yield 500;
                            }
                            case 2 -> {
                                second.await();
                                yield 204;
                            }
                            default -> 204;
                        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Receiver receiver = new Receiver(script, threads);
                ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp, Duration.ofSeconds(3))) {
            String id = stage.send(Priority.HIGH, hook(stage, receiver.url()));
            Await.until("the lease is over", () -> requests.get() == 2);
            first.countDown();
            answered.acquire();
            // Outcomes of a lane are stored in their order: when this one is, the late one was.
            stage.whenDone(stage.send(Priority.HIGH, new Recipient.Email("next@quintet.test")));
            second.countDown();
            assertThat(stage.whenDone(id).get("counts").get("delivered").asInt()).isEqualTo(1);
            assertThat(stage.outcomes(id))
                    .containsExactly("webhook 1 interrupted", "webhook 2 delivered");
            assertThat(requests).hasValue(2);
        }
    }

    @Test
    void two_nodes_on_one_database_deliver_each_mail_once() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage one = stage(smtp, LONG);
                NotifyStage two = stage(smtp, LONG)) {
            for (int mail = 0; mail < 200; mail++) {
                (mail % 2 == 0 ? one : two)
                        .send(Priority.NORMAL, new Recipient.Email("m" + mail + "@quintet.test"));
            }
            Await.until(
                    "all are delivered",
                    () -> count("deliveries where state = 'delivered'") == 200);
            assertThat(smtp.seen().stream().map(ScriptedSmtp.Mail::messageId).distinct())
                    .hasSize(200);
            assertThat(smtp.seen()).hasSize(200);
            assertThat(count("attempts")).isEqualTo(200);
        }
    }

    /** Which status the next request gets. */
    private interface Script {
        int answer() throws InterruptedException;
    }

    private static final class Receiver implements AutoCloseable {

        private final HttpServer server;

        Receiver(Script script, Executor threads) throws IOException {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext(
                    "/",
                    exchange -> {
                        try (exchange) {
                            exchange.sendResponseHeaders(script.answer(), -1);
                        } catch (InterruptedException e) {
                            throw new IllegalStateException("interrupted", e);
                        }
                    });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
