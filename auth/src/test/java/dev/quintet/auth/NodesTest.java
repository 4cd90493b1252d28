package dev.quintet.auth;

import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.Await;
import dev.quintet.platform.sql.TestDatabase;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two server processes on one database, and what a killed one leaves behind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodesTest {

    // A process takes seconds to come back on a busy machine, and no user is to be lost meanwhile.
    private static final Duration GRACE = Duration.ofMinutes(2);

    private TestDatabase database;
    private TestNode node;
    private App app;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url(), TestNode.config(GRACE));
        app = Samples.app(node);
    }

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    private boolean isActive(TestClient client, URI at, String token) {
        return client.form(at.resolve("/oauth2/introspect"), app.basic(), Map.of("token", token))
                .json()
                .path("active")
                .asBoolean();
    }

    private TestClient.Answer revoke(TestClient client, URI at, String token) {
        return require(
                client.form(at.resolve("/oauth2/revoke"), app.basic(), Map.of("token", token)),
                200);
    }

    @Test
    void both_processes_verify_and_revoke_and_the_other_sees_it() throws Exception {
        Process other = TestNode.fork(database.url(), node.issuer(), GRACE);
        try (TestClient client = new TestClient()) {
            URI there = TestNode.addressOf(other);
            URI here = node.at("/");
            Person ada = Samples.person(node);
            for (int turn = 0; turn < 3; turn++) {
                for (boolean away : new boolean[] {true, false}) {
                    URI revoking = away ? there : here;
                    URI seeing = away ? here : there;
                    TestClient.Answer given = Samples.tokens(node, app, ada);
                    String token = given.text("access_token");
                    assertThat(isActive(client, seeing, token)).isTrue();
                    revoke(client, revoking, given.text("refresh_token"));
                    long start = System.nanoTime();
                    assertThat(isActive(client, revoking, token))
                            .as("its own is seen at once")
                            .isFalse();
                    Await.until(
                            "the revocation is seen by the other process",
                            Duration.ofSeconds(10),
                            () -> !isActive(client, seeing, token));
                    System.out.printf(
                            "a revocation was seen by the other process after %d ms%n",
                            Duration.ofNanos(System.nanoTime() - start).toMillis());
                }
            }
            TestClient.Answer revoked = Samples.tokens(node, app, ada);
            revoke(client, here, revoked.text("access_token"));
            other.destroyForcibly().waitFor();
            Process again = TestNode.fork(database.url(), node.issuer(), GRACE);
            try {
                assertThat(
                                isActive(
                                        client,
                                        TestNode.addressOf(again),
                                        revoked.text("access_token")))
                        .as("also by a process that has just started")
                        .isFalse();
            } finally {
                again.destroyForcibly().waitFor();
            }
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /**
     * One honest application: it refreshes, and tries again with what it has when no answer came.
     */
    private final class Honest implements Runnable {

        private final List<String> acknowledged = new ArrayList<>();
        private final AtomicReference<URI> address;
        private final AtomicBoolean done;
        private final AtomicInteger total;
        private String problem = "";

        Honest(
                String token,
                AtomicReference<URI> address,
                AtomicBoolean done,
                AtomicInteger total) {
            this.acknowledged.add(token);
            this.address = address;
            this.done = done;
            this.total = total;
        }

        @Override
        public void run() {
            try (TestClient client = new TestClient()) {
                while (!done.get() && problem.isEmpty()) {
                    refresh(client);
                }
            }
        }

        private void refresh(TestClient client) {
            try {
                TestClient.Answer answer =
                        client.form(
                                address.get().resolve("/oauth2/token"),
                                app.basic(),
                                Map.of(
                                        "grant_type",
                                        "refresh_token",
                                        "refresh_token",
                                        acknowledged.getLast()));
                if (answer.status() == 200) {
                    acknowledged.add(answer.text("refresh_token"));
                    total.incrementAndGet();
                } else if (answer.status() != 503) {
                    problem = answer.status() + " " + answer.body();
                }
            } catch (UncheckedIOException killed) {
                // No answer: the honest client tries again with the token that it has.
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    @Test
    void a_killed_process_loses_no_successor_revives_no_token_and_logs_nobody_out()
            throws Exception {
        long seed = System.nanoTime();
        System.out.println("kills are seeded by " + seed);
        Random random = new Random(seed);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger total = new AtomicInteger();
        Process child = TestNode.fork(database.url(), node.issuer(), GRACE);
        AtomicReference<URI> address = new AtomicReference<>(TestNode.addressOf(child));
        List<Honest> people = new ArrayList<>();
        for (int at = 0; at < 6; at++) {
            String token = Samples.tokens(node, app, Samples.person(node)).text("refresh_token");
            people.add(new Honest(token, address, done, total));
        }
        List<Thread> threads = people.stream().map(Thread.ofVirtual()::start).toList();
        for (int kill = 0; kill < 3; kill++) {
            int enough = total.get() + 100 + random.nextInt(60);
            Await.until(
                    "refreshes go on after " + kill + " kills",
                    Duration.ofSeconds(60),
                    () ->
                            total.get() >= enough
                                    || people.stream().anyMatch(one -> !one.problem.isEmpty()));
            child.destroyForcibly().waitFor();
            child = TestNode.fork(database.url(), node.issuer(), GRACE);
            address.set(TestNode.addressOf(child));
        }
        int last = total.get() + 50;
        Await.until("refreshes go on at last", Duration.ofSeconds(60), () -> total.get() >= last);
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        child.destroyForcibly().waitFor();
        assertThat(people).extracting(one -> one.problem).containsOnly("");
        judge(people);
    }

    private void judge(List<Honest> people) {
        try (TestClient client = new TestClient()) {
            for (Honest one : people) {
                TestClient.Answer live =
                        require(
                                Samples.refresh(node, client, app, one.acknowledged.getLast()),
                                200);
                one.acknowledged.add(live.text("refresh_token"));
                assertThat(one.acknowledged)
                        .as("each successor was given once")
                        .doesNotHaveDuplicates();
            }
            graceEnds();
            for (Honest one : people) {
                String spent = one.acknowledged.get(one.acknowledged.size() / 2);
                assertThat(Samples.refresh(node, client, app, spent).text("error"))
                        .as("a spent token stays dead")
                        .isEqualTo("invalid_grant");
                assertThat(
                                Samples.refresh(node, client, app, one.acknowledged.getLast())
                                        .text("error"))
                        .as("and its replay ends the family")
                        .isEqualTo("invalid_grant");
            }
        }
    }

    private void graceEnds() {
        database.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "update auth.families set spends = array(select s - interval '121 seconds' from unnest(spends) with ordinality u(s, n) order by n)"));
    }
}
