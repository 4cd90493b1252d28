package dev.quintet.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.Await;
import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.TestDatabase;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Auth at its bounds: each is filled by real work, and what is too much is refused at once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BoundsTest {

    private TestDatabase database;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
    }

    @AfterAll
    void close() {
        database.close();
    }

    @Test
    void where_no_hash_has_room_users_and_sign_ins_are_refused_and_later_taken() {
        try (TestNode node = TestNode.start(database.url());
                TestClient browser = new TestClient()) {
            App app = Samples.app(node);
            Person ada = Samples.person(node);
            String page = Samples.authorize(node, browser, Samples.request(app)).location();
            String user =
                    "{\"email\":\"late@example.com\",\"name\":\"Late\",\"password\":\"%s\"}"
                            .formatted(Samples.PASSWORD);
            try (Crowd _ = new Crowd(node.auth().hashes())) {
                TestClient.Answer refused =
                        browser.json(node.at("/api/v1/users"), TestNode.ROOT_KEY, user);
                assertThat(refused.text("code")).isEqualTo("HASHES_BUSY");
                assertThat(refused.headers()).containsEntry("retry-after", "2");
                assertThat(
                                Samples.signIn(node, browser, page, ada.email(), Samples.PASSWORD)
                                        .status())
                        .isEqualTo(503);
            }
            Samples.require(browser.json(node.at("/api/v1/users"), TestNode.ROOT_KEY, user), 201);
            Samples.require(
                    Samples.signIn(node, browser, page, ada.email(), Samples.PASSWORD), 303);
        }
    }

    /** Holds every core with one long hash and fills all places behind it, until closed. */
    private static final class Crowd implements AutoCloseable {

        // Seconds of work; what waits behind is next to none, so the crowd is gone soon after.
        private static final PasswordHash LONG =
                PasswordHash.of(new Argon2Cost(128 * 1024, 20, 1), new byte[16], new byte[32]);
        private static final PasswordHash SHORT =
                PasswordHash.of(new Argon2Cost(8, 1, 1), new byte[16], new byte[32]);

        private final ExecutorService people = Executors.newVirtualThreadPerTaskExecutor();

        Crowd(PasswordHashes hashes) {
            int cores = Runtime.getRuntime().availableProcessors();
            for (int at = 0; at < cores; at++) {
                people.execute(() -> check(hashes, "long", LONG));
            }
            Await.until(
                    "there is no room",
                    () -> {
                        people.execute(() -> joins(hashes));
                        try (PasswordHashes.Place _ = hashes.place()) {
                            return false;
                        } catch (Refused full) {
                            return true;
                        }
                    });
        }

        /** Joins those who wait, or finds no place any more, which is what the crowd is for. */
        private static void joins(PasswordHashes hashes) {
            try {
                check(hashes, "short", SHORT);
            } catch (Refused full) {
                assertThat(full.refusal()).isEqualTo(AuthRefusal.HASHES_BUSY);
            }
        }

        private static void check(PasswordHashes hashes, String password, PasswordHash hash) {
            try (PasswordHashes.Place place = hashes.place()) {
                assertThat(place.matches(password, hash)).isEqualTo(PasswordHashes.Match.NO);
            }
        }

        @Override
        public void close() {
            people.close();
        }
    }

    @Test
    void a_client_that_cannot_be_looked_up_is_told_to_come_back_and_not_that_it_is_unknown() {
        try (TestNode node = TestNode.start(database.url());
                TestClient client = new TestClient()) {
            CountDownLatch free = new CountDownLatch(1);
            try (ExecutorService busy = Executors.newVirtualThreadPerTaskExecutor()) {
                try {
                    int all = Database.Limits.DEFAULT.interactive();
                    for (int at = 0; at < all; at++) {
                        busy.execute(() -> node.database().run(tx -> awaitLatch(free)));
                    }
                    Await.until("no connection is free", () -> node.database().busy()[0] == all);
                    TestClient.Answer answer =
                            client.form(
                                    node.at("/oauth2/token"),
                                    Map.of(
                                            "grant_type",
                                            "client_credentials",
                                            "client_id",
                                            Client.KIND.show(new UUID(1, 2)),
                                            "client_secret",
                                            "x"));
                    assertThat(answer.status()).isEqualTo(503);
                    assertThat(answer.text("error")).isEqualTo("temporarily_unavailable");
                } finally {
                    free.countDown();
                }
            }
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }

    @Test
    void too_many_sign_ins_from_one_address_are_told_when_to_come_back() {
        try (TestNode node = TestNode.start(database.url(), 2);
                TestClient browser = new TestClient()) {
            App app = Samples.app(node);
            Person ada = Samples.person(node);
            String page = Samples.authorize(node, browser, Samples.request(app)).location();
            for (int turn = 0; turn < 2; turn++) {
                Samples.require(
                        Samples.signIn(node, browser, page, ada.email(), "not her password"), 400);
            }
            TestClient.Answer third =
                    Samples.signIn(node, browser, page, ada.email(), Samples.PASSWORD);
            assertThat(third.status()).isEqualTo(429);
            assertThat(third.headers().get("ratelimit-policy")).contains("sign-in");
        }
    }

    @Test
    void a_client_with_too_many_addresses_is_refused() {
        try (TestNode node = TestNode.start(database.url());
                TestClient client = new TestClient()) {
            String addresses =
                    "\"https://app.example.com/cb\",".repeat(20) + "\"https://app.example.com/21\"";
            TestClient.Answer refused =
                    client.json(
                            node.at("/api/v1/clients"),
                            TestNode.ROOT_KEY,
                            """
                            {"name":"Many","redirectUris":[%s],"grantTypes":["authorization_code"],"scopes":["openid"]}\
                            """
                                    .formatted(addresses));
            assertThat(refused.text("code")).isEqualTo("TOO_MANY");
            assertThat(refused.status()).isEqualTo(400);
        }
    }
}
