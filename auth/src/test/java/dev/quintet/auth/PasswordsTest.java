package dev.quintet.auth;

import static dev.quintet.auth.Samples.PASSWORD;
import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.sql.TestDatabase;
import dev.quintet.platform.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How passwords are typed, kept, and checked side by side. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PasswordsTest {

    private static final String COMPOSED = SecretWatch.made("Gr\u00fc\u00dfe an Zo\u00eb 1");
    private static final String DECOMPOSED = SecretWatch.made("Gru\u0308\u00dfe an Zoe\u0308 1");

    private TestDatabase database;
    private TestNode node;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
    }

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    private int signsIn(String email, String password) {
        return signsIn(node, email, password);
    }

    private static int signsIn(TestNode at, String email, String password) {
        try (TestClient browser = new TestClient()) {
            return Samples.signIn(at, browser, "/login", email, password).status();
        }
    }

    private void user(String email, String password) {
        try (TestClient client = new TestClient()) {
            require(
                    client.json(
                            node.at("/api/v1/users"),
                            TestNode.ROOT_KEY,
                            "{\"email\":\"%s\",\"name\":\"N\",\"password\":\"%s\"}"
                                    .formatted(email, password)),
                    201);
        }
    }

    @Test
    void a_password_is_the_same_however_the_keyboard_composes_it() {
        user("zoe@example.com", COMPOSED);
        assertThat(signsIn("zoe@example.com", COMPOSED)).isEqualTo(303);
        assertThat(signsIn("zoe@example.com", DECOMPOSED)).isEqualTo(303);
        assertThat(signsIn("zoe@example.com", COMPOSED.replace(' ', '\u00a0'))).isEqualTo(303);
        user("zoe2@example.com", DECOMPOSED);
        assertThat(signsIn("zoe2@example.com", COMPOSED)).isEqualTo(303);
        assertThat(signsIn("zoe2@example.com", COMPOSED.toLowerCase(java.util.Locale.ROOT)))
                .isEqualTo(400);
    }

    @Test
    void a_hash_of_a_password_as_it_was_typed_still_counts_and_is_made_anew() {
        user("zoe3@example.com", PASSWORD);
        put("zoe3@example.com", asTyped(DECOMPOSED));
        assertThat(signsIn("zoe3@example.com", COMPOSED)).isEqualTo(400);
        assertThat(signsIn("zoe3@example.com", DECOMPOSED)).isEqualTo(303);
        assertThat(signsIn("zoe3@example.com", COMPOSED)).isEqualTo(303);
        assertThat(signsIn("zoe3@example.com", DECOMPOSED)).isEqualTo(303);
    }

    /** What a version made that took the password as it was typed. */
    private static String asTyped(String password) {
        byte[] salt = new byte[16];
        byte[] hash = new byte[32];
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withMemoryAsKB(7168)
                        .withIterations(1)
                        .withParallelism(1)
                        .withSalt(salt)
                        .build());
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return PasswordHash.of(new Argon2Cost(7168, 1, 1), salt, hash).phc();
    }

    private void put(String email, String phc) {
        node.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "update auth.users set password = ? where email = ?",
                                        phc,
                                        email));
    }

    private String stored(String email) {
        return node.database()
                .read(tx ->
                        tx.handle()
                                .createQuery("select password from auth.users where email = ?")
                                .bind(0, email)
                                .mapTo(String.class)
                                .one());
    }

    @Test
    void a_higher_cost_reaches_old_hashes_at_sign_in_and_tells_nobody_who_exists() {
        Person ada = Samples.person(node);
        assertThat(stored(ada.email())).contains("$m=7168,t=1,p=1$");
        AuthConfig dearer = TestNode.config(Duration.ofMinutes(10), Duration.ofSeconds(10), 2);
        try (TestNode later = TestNode.start(database.url(), dearer)) {
            later.auth().sweep();
            assertThat(later.auth().hashes().costOfNobody("anybody"))
                    .as("as much work as for those who are stored")
                    .isEqualTo(new Argon2Cost(7168, 1, 1));
            assertThat(signsIn(later, ada.email(), "not her password")).isEqualTo(400);
            assertThat(stored(ada.email())).contains("t=1");
            assertThat(signsIn(later, ada.email(), PASSWORD)).isEqualTo(303);
            assertThat(stored(ada.email())).contains("$m=7168,t=2,p=1$");
            assertThat(signsIn(later, ada.email(), PASSWORD)).isEqualTo(303);
        }
        assertThat(signsIn(ada.email(), PASSWORD)).as("a node of the old cost").isEqualTo(303);
        assertThat(stored(ada.email())).as("makes none weaker").contains("t=2");
    }

    @Test
    void sign_ins_that_wait_for_the_database_keep_no_other_from_hashing() throws Exception {
        Person ada = Samples.person(node);
        Person slow = Samples.person(node);
        assertThat(signsIn(slow.email(), "not the password")).isEqualTo(400);
        try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            List<java.util.concurrent.Future<Integer>> waiting =
                    node.database()
                            .tx(tx -> {
                                lockAttempts(tx);
                                var begun =
                                        IntStream.range(0, 4)
                                                .mapToObj(turn ->
                                                        people.submit(() ->
                                                                signsIn(slow.email(), PASSWORD)))
                                                .toList();
                                dev.quintet.platform.Await.until(
                                        "four wait for the row",
                                        () -> node.database().busy()[0] >= 5);
                                assertThat(signsIn(ada.email(), PASSWORD)).isEqualTo(303);
                                return begun;
                            });
            for (var one : waiting) {
                assertThat(one.get()).isEqualTo(303);
            }
        }
    }

    private static void lockAttempts(Tx tx) {
        tx.handle().execute("select 1 from auth.attempts for update");
    }
}
