package dev.quintet.auth;

import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.sql.Nodes;
import dev.quintet.platform.sql.Outage;
import dev.quintet.platform.sql.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The rules of refresh tokens over the port and a real database, whose own clock is moved by moving
 * rows.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RefreshTest {

    private TestDatabase database;
    private TestNode node;
    private TestClient client;
    private App app;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
        client = new TestClient();
        app = Samples.app(node);
    }

    @AfterAll
    void close() {
        client.close();
        node.close();
        database.close();
    }

    private TestClient.Answer signIn() {
        return Samples.tokens(node, app, Samples.person(node));
    }

    private TestClient.Answer refresh(String token) {
        return Samples.refresh(node, client, app, token);
    }

    /** Lets time pass for all families: what happened is now so many seconds longer ago. */
    private void pass(int seconds) {
        String by = "make_interval(secs => " + seconds + ")";
        database.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "update auth.families set idle_until = idle_until - "
                                                + by
                                                + ", ends_at = ends_at - "
                                                + by
                                                + ", spends = array(select s - "
                                                + by
                                                + " from unnest(spends) with ordinality u(s, n) order by n)"));
    }

    private long generation(String accessToken) {
        String family =
                node.auth().authenticate(accessToken).orElseThrow().credential().substring(8);
        return database.database()
                .read(tx ->
                        tx.handle()
                                .createQuery(
                                        "select generation from auth.families where id = cast(:id as uuid)")
                                .bind("id", family)
                                .mapTo(Long.class)
                                .one());
    }

    @Test
    void fifty_at_once_get_one_successor_and_advance_one_row_by_one() throws Exception {
        TestClient.Answer given = signIn();
        List<Callable<TestClient.Answer>> calls = new ArrayList<>();
        for (int turn = 0; turn < 50; turn++) {
            calls.add(() -> refresh(given.text("refresh_token")));
        }
        List<TestClient.Answer> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<TestClient.Answer> call : threads.invokeAll(calls)) {
                answers.add(require(call.get(), 200));
            }
        }
        Set<String> successors =
                answers.stream()
                        .map(answer -> answer.text("refresh_token"))
                        .collect(Collectors.toSet());
        assertThat(successors).hasSize(1).doesNotContain(given.text("refresh_token"));
        assertThat(generation(given.text("access_token"))).isEqualTo(2);
        assertThat(answers)
                .allSatisfy(answer ->
                        assertThat(node.auth().authenticate(answer.text("access_token")))
                                .isPresent());
        require(refresh(successors.iterator().next()), 200);
    }

    @Test
    void a_lost_answer_is_given_again_within_the_grace_window() {
        TestClient.Answer given = signIn();
        String lost = require(refresh(given.text("refresh_token")), 200).text("refresh_token");
        pass(8);
        String again = require(refresh(given.text("refresh_token")), 200).text("refresh_token");
        assertThat(again).isEqualTo(lost);
        require(refresh(again), 200);
    }

    @Test
    void a_replay_after_the_grace_window_kills_the_family() {
        TestClient.Answer given = signIn();
        TestClient.Answer next = require(refresh(given.text("refresh_token")), 200);
        pass(11);
        TestClient.Answer replay = refresh(given.text("refresh_token"));
        assertThat(replay.status()).isEqualTo(400);
        assertThat(replay.text("error")).isEqualTo("invalid_grant");
        assertThat(refresh(next.text("refresh_token")).text("error")).isEqualTo("invalid_grant");
        assertThat(node.auth().authenticate(next.text("access_token"))).isEmpty();
        assertThat(node.auth().authenticate(given.text("access_token"))).isEmpty();
    }

    @Test
    void within_the_window_but_with_the_successor_spent_it_is_refused_and_the_family_lives() {
        TestClient.Answer given = signIn();
        TestClient.Answer second = require(refresh(given.text("refresh_token")), 200);
        TestClient.Answer third = require(refresh(second.text("refresh_token")), 200);
        assertThat(refresh(given.text("refresh_token")).text("error")).isEqualTo("invalid_grant");
        require(refresh(third.text("refresh_token")), 200);
    }

    @Test
    void two_rotations_in_one_second_do_not_hide_a_later_replay() {
        TestClient.Answer given = signIn();
        TestClient.Answer second = require(refresh(given.text("refresh_token")), 200);
        TestClient.Answer third = require(refresh(second.text("refresh_token")), 200);
        pass(11);
        assertThat(refresh(given.text("refresh_token")).status()).isEqualTo(400);
        assertThat(refresh(third.text("refresh_token")).text("error"))
                .as("the family is dead")
                .isEqualTo("invalid_grant");
    }

    @Test
    void an_idle_token_and_an_old_sign_in_end_by_themselves() {
        TestClient.Answer idle = signIn();
        pass(14 * 24 * 3600 + 1);
        assertThat(refresh(idle.text("refresh_token")).text("error")).isEqualTo("invalid_grant");

        String active = signIn().text("refresh_token");
        for (int weeks = 0; weeks < 12; weeks++) {
            pass(7 * 24 * 3600);
            active = require(refresh(active), 200).text("refresh_token");
        }
        pass(7 * 24 * 3600);
        assertThat(refresh(active).text("error")).as("after 91 days").isEqualTo("invalid_grant");
    }

    @Test
    void a_forged_or_foreign_token_does_nothing_to_the_family() {
        TestClient.Answer given = signIn();
        String token = given.text("refresh_token");
        char last = token.charAt(40);
        String forged = token.substring(0, 40) + (last == 'A' ? 'B' : 'A') + token.substring(41);
        assertThat(refresh(forged).text("error")).isEqualTo("invalid_grant");
        App other = Samples.app(node);
        assertThat(Samples.refresh(node, client, other, token).text("error"))
                .isEqualTo("invalid_grant");
        assertThat(generation(given.text("access_token"))).isEqualTo(1);
        require(refresh(token), 200);
    }

    private TestClient.Answer refresh(String token, String... more) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "refresh_token");
        form.put("refresh_token", token);
        for (int at = 0; at < more.length; at += 2) {
            form.put(more[at], more[at + 1]);
        }
        return client.form(node.at("/oauth2/token"), app.basic(), form);
    }

    @Test
    void a_refresh_may_ask_for_less_and_never_for_more() {
        TestClient.Answer given = signIn();
        TestClient.Answer less = refresh(given.text("refresh_token"), "scope", "openid");
        assertThat(less.text("scope")).isEqualTo("openid");
        TestClient.Answer more = refresh(less.text("refresh_token"), "scope", "openid chat:write");
        assertThat(more.text("error")).isEqualTo("invalid_scope");
        pass(11);
        assertThat(require(refresh(less.text("refresh_token")), 200).text("scope"))
                .as("unspent, and with all its scopes")
                .contains("chat:read");
    }

    @Test
    void what_is_refused_has_spent_nothing() {
        String token = signIn().text("refresh_token");
        for (List<String> more :
                List.of(
                        List.of("scope", "openid files:write"),
                        List.of("scope", "no-such-scope"),
                        List.of("resource", "https://api.example.com"),
                        List.of("client_id", "client_01h455vb4pex5vsknk084sn02q"))) {
            TestClient.Answer refused = refresh(token, more.get(0), more.get(1));
            assertThat(refused.status()).as("%s", more).isEqualTo(400);
            pass(11);
        }
        require(refresh(token), 200);

        try (TestClient browser = new TestClient()) {
            String code = Samples.code(node, browser, app, Samples.person(node));
            for (List<String> change :
                    List.of(
                            List.of("code_verifier", ""),
                            List.of("redirect_uri", ""),
                            List.of("resource", "https://api.example.com"))) {
                Map<String, String> form = new LinkedHashMap<>(Samples.exchange(code));
                form.put(change.get(0), change.get(1));
                assertThat(browser.form(node.at("/oauth2/token"), app.basic(), form).status())
                        .as("%s", change)
                        .isEqualTo(400);
            }
            Map<String, String> own = new LinkedHashMap<>(Samples.exchange(code));
            own.put("resource", node.issuer());
            require(browser.form(node.at("/oauth2/token"), app.basic(), own), 200);
        }
    }

    private void revoke(TestClient by, String token) {
        require(by.form(node.at("/oauth2/revoke"), app.basic(), Map.of("token", token)), 200);
    }

    @Test
    void any_token_of_a_sign_in_revokes_it_however_old() {
        TestClient.Answer first = signIn();
        TestClient.Answer second = require(refresh(first.text("refresh_token")), 200);
        TestClient.Answer third = require(refresh(second.text("refresh_token")), 200);
        String token = first.text("refresh_token");
        App other = Samples.app(node);
        client.form(node.at("/oauth2/revoke"), other.basic(), Map.of("token", token));
        char last = token.charAt(60);
        revoke(client, token.substring(0, 60) + (last == 'A' ? 'B' : 'A') + token.substring(61));
        assertThat(Samples.isActive(node, client, app, third.text("access_token"))).isTrue();
        revoke(client, token);
        assertThat(Samples.isActive(node, client, app, third.text("access_token"))).isFalse();
        assertThat(refresh(third.text("refresh_token")).text("error")).isEqualTo("invalid_grant");
        revoke(client, token);
        assertThat(audited("family.revoke")).isEqualTo(1);
        String alone = signIn().text("access_token");
        revoke(client, alone);
        assertThat(audited("token.revoke")).isEqualTo(1);
    }

    private int audited(String action) {
        return database.database()
                .read(tx ->
                        tx.handle()
                                .createQuery(
                                        "select count(*) from audit.entries where action = ? and who like 'client:%' and address <> ''")
                                .bind(0, action)
                                .mapTo(Integer.class)
                                .one());
    }

    @Test
    void no_sign_in_outlives_a_revocation_that_raced_a_refresh() throws Exception {
        int survivors = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                TestClient other = new TestClient()) {
            for (int race = 0; race < 20; race++) {
                TestClient.Answer given = signIn();
                String token = given.text("refresh_token");
                Future<TestClient.Answer> refreshed = threads.submit(() -> refresh(token));
                revoke(other, token);
                TestClient.Answer answer = refreshed.get();
                if (answer.status() == 200
                        && (refresh(answer.text("refresh_token")).status() == 200
                                || Samples.isActive(
                                        node, client, app, answer.text("access_token")))) {
                    survivors++;
                }
            }
        }
        assertThat(survivors).isZero();
    }

    @Test
    void a_revocation_outlasts_tokens_of_a_longer_life_than_todays() {
        ManualTime time = new ManualTime(Instant.now());
        Duration grace = Duration.ofSeconds(10);
        AuthConfig longer = TestNode.config(Duration.ofHours(1), grace, 1);
        AuthConfig shorter = TestNode.config(Duration.ofSeconds(10), grace, 1);
        try (TestNode before = TestNode.start(database.url(), longer, Optional.empty(), time);
                TestNode now =
                        TestNode.start(
                                database.url(), shorter, Optional.of(before.issuer()), time)) {
            TestClient.Answer given = Samples.tokens(before, app, Samples.person(before));
            String access = given.text("access_token");
            assertThat(now.auth().authenticate(access)).isPresent();
            require(
                    client.form(
                            now.at("/oauth2/revoke"),
                            app.basic(),
                            Map.of("token", given.text("refresh_token"))),
                    200);
            assertThat(now.auth().authenticate(access)).isEmpty();
            time.advance(Duration.ofSeconds(12));
            now.auth().sweep();
            assertThat(now.auth().authenticate(access)).isEmpty();
        }
    }

    @Test
    void a_restart_slower_than_the_grace_window_signs_nobody_out() {
        String lost = signIn().text("refresh_token");
        String slow = signIn().text("refresh_token");
        String stolen = signIn().text("refresh_token");
        require(refresh(stolen), 200);
        pass(11);
        UUID self = UUID.randomUUID();
        Duration[] ago = {Duration.ZERO};
        try (Nodes killed = new Nodes(database.database(), self, Set.of(), Duration.ofHours(1))) {
            killed.serve();
            String successor = require(refresh(lost), 200).text("refresh_token");
            require(refresh(slow), 200);
            // Both answers are lost with the node; 40 s later the next one joins.
            pass(40);
            moveNodes(40);
            try (Nodes next = new Nodes(database.database(), self, Set.of(), Duration.ofHours(1));
                    TestNode again =
                            TestNode.start(
                                    database.url(),
                                    TestNode.config(),
                                    () -> earlier(next.outage(), ago[0]))) {
                pass(13);
                ago[0] = Duration.ofSeconds(13);
                assertThat(
                                require(Samples.refresh(again, client, app, lost), 200)
                                        .text("refresh_token"))
                        .as("13 s after it joined, and not ready yet")
                        .isEqualTo(successor);
                next.serve();
                ago[0] = Duration.ofSeconds(9);
                assertThat(
                                require(Samples.refresh(again, client, app, lost), 200)
                                        .text("refresh_token"))
                        .as("9 s after it was ready: a client that backed off")
                        .isEqualTo(successor);
                assertThat(Samples.refresh(again, client, app, stolen).text("error"))
                        .as("its window had closed before the outage")
                        .isEqualTo("invalid_grant");
                ago[0] = Duration.ofSeconds(11);
                assertThat(Samples.refresh(again, client, app, slow).text("error_description"))
                        .as("11 s after it was ready")
                        .contains("someone may hold a copy");
            }
        }
    }

    /** As if it had happened earlier; one that lasts goes on lasting. */
    private static Outage earlier(Outage outage, Duration by) {
        return new Outage(
                outage.from().minus(by),
                outage.until().equals(Instant.MAX) ? Instant.MAX : outage.until().minus(by));
    }

    private void moveNodes(int seconds) {
        database.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "update platform.nodes set served_at = served_at - make_interval(secs => ?)",
                                        seconds));
    }
}
