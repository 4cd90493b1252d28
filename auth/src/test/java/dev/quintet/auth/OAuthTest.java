package dev.quintet.auth;

import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.AuthEvent.SignedIn;
import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.TestDatabase;
import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What applications and servers get from the OAuth endpoints. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OAuthTest {

    private TestDatabase database;
    private TestNode node;
    private TestClient client;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
        client = new TestClient();
    }

    @AfterAll
    void close() {
        client.close();
        node.close();
        database.close();
    }

    private TestClient.Answer token(App app, Map<String, String> form) {
        return client.form(node.at("/oauth2/token"), app.basic(), form);
    }

    private String freshCode(App app, Person person) {
        try (TestClient browser = new TestClient()) {
            return Samples.code(node, browser, app, person);
        }
    }

    @Test
    void a_code_gives_tokens_and_tells_that_someone_signed_in() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer given = require(token(app, Samples.exchange(freshCode(app, ada))), 200);
        assertThat(given.text("token_type")).isEqualTo("Bearer");
        assertThat(given.json().path("expires_in").asInt()).isEqualTo(600);
        assertThat(given.text("scope")).isEqualTo("chat:read email openid");
        assertThat(given.text("refresh_token")).startsWith("qrt_");
        assertThat(given.headers().get("cache-control")).isEqualTo("no-store");

        Caller caller = node.auth().authenticate(given.text("access_token")).orElseThrow();
        assertThat(caller.person().map(IdKind.PERSON::show)).contains(ada.id());
        assertThat(caller.organisation()).isEqualTo(Caller.ROOT);
        assertThat(caller.scopes()).containsExactly(Scope.CHAT_READ);
        assertThat(caller.credential()).startsWith("session:");
        assertThat(node.announced())
                .filteredOn(SignedIn.class::isInstance)
                .extracting(event -> IdKind.PERSON.show(((SignedIn) event).person()))
                .containsOnlyOnce(ada.id());
    }

    @Test
    void tokens_stand_the_check_of_the_jdk_alone() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer given = Samples.tokens(node, app, ada);
        JsonNode keys = client.get(node.at("/oauth2/jwks")).json();

        JdkJwt access = JdkJwt.verified(given.text("access_token"), keys);
        assertThat(access.header().path("typ").asString()).isEqualTo("at+jwt");
        assertThat(access.header().path("alg").asString()).isEqualTo("ES256");
        assertThat(access.claims().path("iss").asString()).isEqualTo(node.issuer());
        assertThat(access.claims().path("aud").asString()).isEqualTo(node.issuer());
        assertThat(access.claims().path("sub").asString()).isEqualTo(ada.id());
        assertThat(access.claims().path("client_id").asString()).isEqualTo(app.id());
        assertThat(access.claims().path("jti").asString()).isNotEmpty();

        JdkJwt identity = JdkJwt.verified(given.text("id_token"), keys);
        assertThat(identity.claims().path("aud").asString()).isEqualTo(app.id());
        assertThat(identity.claims().path("nonce").asString()).isEqualTo("n0nce");
        assertThat(identity.claims().path("sub").asString()).isEqualTo(ada.id());
        assertThat(identity.claims().path("email").asString()).isEqualTo(ada.email());
        assertThat(identity.claims().path("auth_time").asLong()).isPositive();
        assertThat(keys.toString()).as("no private part is published").doesNotContain("\"d\"");
    }

    @Test
    void a_code_without_its_verifier_is_worthless_and_spent_by_the_try() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        String code = freshCode(app, ada);
        Map<String, String> without = new LinkedHashMap<>(Samples.exchange(code));
        without.remove("code_verifier");
        assertThat(token(app, without).text("error")).isEqualTo("invalid_request");
        Map<String, String> wrong = new LinkedHashMap<>(Samples.exchange(code));
        wrong.put("code_verifier", "A".repeat(43));
        assertThat(token(app, wrong).text("error")).isEqualTo("invalid_grant");
        assertThat(token(app, Samples.exchange(code)).text("error")).isEqualTo("invalid_grant");
        Map<String, String> challengeAsVerifier =
                new LinkedHashMap<>(Samples.exchange(freshCode(app, ada)));
        challengeAsVerifier.put("code_verifier", Samples.CHALLENGE);
        assertThat(token(app, challengeAsVerifier).text("error")).isEqualTo("invalid_grant");
    }

    @Test
    void a_code_is_bound_to_its_client_and_redirect() {
        App app = Samples.app(node);
        App other = Samples.app(node);
        Person ada = Samples.person(node);
        assertThat(token(other, Samples.exchange(freshCode(app, ada))).text("error"))
                .isEqualTo("invalid_grant");
        Map<String, String> elsewhere = new LinkedHashMap<>(Samples.exchange(freshCode(app, ada)));
        elsewhere.put("redirect_uri", "https://app.example.com/other");
        assertThat(token(app, elsewhere).text("error")).isEqualTo("invalid_grant");
    }

    @Test
    void a_code_that_comes_twice_takes_back_what_it_gave() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        String code = freshCode(app, ada);
        TestClient.Answer given = require(token(app, Samples.exchange(code)), 200);
        assertThat(Samples.isActive(node, client, app, given.text("access_token"))).isTrue();
        assertThat(token(app, Samples.exchange(code)).text("error")).isEqualTo("invalid_grant");
        assertThat(Samples.isActive(node, client, app, given.text("access_token"))).isFalse();
        assertThat(Samples.refresh(node, client, app, given.text("refresh_token")).text("error"))
                .isEqualTo("invalid_grant");
        assertThat(node.auth().authenticate(given.text("access_token"))).isEmpty();
        token(app, Samples.exchange(code));
        assertThat(replays(ada)).as("written down once").isEqualTo(1);
    }

    private int replays(Person person) {
        return database.database()
                .read(tx ->
                        tx.handle()
                                .createQuery(
                                        "select count(*) from audit.entries where action = 'code.replay' and target = ?")
                                .bind(0, person.id())
                                .mapTo(Integer.class)
                                .one());
    }

    @Test
    void a_machine_gets_a_token_without_a_write_to_the_database() {
        App machine = Samples.machine(node, TestNode.ROOT_KEY);
        require(token(machine, Map.of("grant_type", "client_credentials")), 200);
        String before = walPosition();
        for (int turn = 0; turn < 20; turn++) {
            TestClient.Answer given =
                    require(token(machine, Map.of("grant_type", "client_credentials")), 200);
            assertThat(given.json().has("refresh_token")).isFalse();
            assertThat(node.auth().authenticate(given.text("access_token")))
                    .get()
                    .satisfies(caller -> assertThat(caller.person()).isEmpty())
                    .satisfies(caller ->
                            assertThat(caller.credential()).isEqualTo("client:" + machine.id()));
        }
        assertThat(writes(before)).isZero();
    }

    private String walPosition() {
        return count(
                "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text"
                        + " from pg_stat_user_tables where schemaname = 'auth'");
    }

    private long writes(String before) {
        return Long.parseLong(walPosition()) - Long.parseLong(before);
    }

    private String count(String sql) {
        return database.database()
                .tx(tx -> {
                    tx.handle().execute("select pg_stat_force_next_flush()");
                    return tx.handle().createQuery(sql).mapTo(String.class).one();
                });
    }

    @Test
    void a_client_that_does_not_prove_itself_gets_nothing() {
        App app = Samples.app(node);
        App wrong = new App(app.id(), "qcs_wrong");
        TestClient.Answer refused = token(wrong, Map.of("grant_type", "client_credentials"));
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.text("error")).isEqualTo("invalid_client");
        assertThat(refused.headers().get("www-authenticate")).startsWith("Basic");
        TestClient.Answer unknown =
                token(
                        new App("client_01h455vb4pex5vsknk084sn02q", "x"),
                        Map.of("grant_type", "client_credentials"));
        assertThat(unknown.body()).isEqualTo(refused.body());
        TestClient.Answer none =
                client.form(
                        node.at("/oauth2/token"),
                        Map.of("grant_type", "refresh_token", "client_id", app.id()));
        assertThat(none.text("error"))
                .as("a confidential client by its id alone")
                .isEqualTo("invalid_client");
        TestClient.Answer both =
                client.form(
                        node.at("/oauth2/token"),
                        app.basic(),
                        Map.of("grant_type", "refresh_token", "client_secret", app.secret()));
        assertThat(both.text("error")).isEqualTo("invalid_request");
        TestClient.Answer byForm =
                client.form(
                        node.at("/oauth2/token"),
                        Map.of(
                                "grant_type", "authorization_code",
                                "client_id", app.id(),
                                "client_secret", app.secret()));
        assertThat(byForm.text("error"))
                .as("client_secret_post works")
                .isEqualTo("invalid_request");
    }

    @Test
    void grants_that_do_not_exist_are_refused() {
        App app = Samples.app(node);
        assertThat(token(app, Map.of("grant_type", "password")).text("error"))
                .isEqualTo("unsupported_grant_type");
        assertThat(token(app, Map.of("grant_type", "client_credentials")).text("error"))
                .isEqualTo("unauthorized_client");
        assertThat(token(app, Map.of()).text("error")).isEqualTo("invalid_request");
    }

    @Test
    void wrong_secrets_are_counted_and_lock_out_no_client_that_proved_itself() {
        try (TestNode guarded = TestNode.start(database.url(), 3)) {
            App known = Samples.machine(guarded, TestNode.ROOT_KEY);
            App fresh = Samples.machine(guarded, TestNode.ROOT_KEY);
            App wrong = new App(fresh.id(), "qcs_wrong");
            require(machineToken(guarded, known), 200);
            for (int guess = 0; guess < 3; guess++) {
                assertThat(machineToken(guarded, wrong).status()).isEqualTo(401);
            }
            for (String path : List.of("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")) {
                TestClient.Answer late =
                        client.form(
                                guarded.at(path),
                                wrong.basic(),
                                Map.of("grant_type", "client_credentials", "token", "x"));
                assertThat(late.status()).as(path).isEqualTo(429);
                assertThat(late.text("error")).isEqualTo("temporarily_unavailable");
                assertThat(Integer.parseInt(late.headers().get("retry-after"))).isBetween(1, 60);
            }
            assertThat(machineToken(guarded, fresh).status())
                    .as("right, but a stranger at an address that guesses")
                    .isEqualTo(429);
            require(machineToken(guarded, known), 200);
        }
    }

    private TestClient.Answer machineToken(TestNode at, App app) {
        return client.form(
                at.at("/oauth2/token"), app.basic(), Map.of("grant_type", "client_credentials"));
    }

    @Test
    void introspection_tells_confidential_clients_of_the_organisation_and_nobody_else() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer given = Samples.tokens(node, app, ada);
        App resource = Samples.machine(node, TestNode.ROOT_KEY);
        App foreign = Samples.machine(node, TestNode.OTHER_KEY);
        for (String kind : new String[] {"access_token", "refresh_token"}) {
            assertThat(Samples.isActive(node, client, resource, given.text(kind)))
                    .as(kind)
                    .isTrue();
            assertThat(Samples.isActive(node, client, foreign, given.text(kind)))
                    .as(kind)
                    .isFalse();
        }
        assertThat(Samples.isActive(node, client, app, given.text("id_token"))).isFalse();
        assertThat(Samples.isActive(node, client, app, "nonsense")).isFalse();
        App spa = Samples.app(node, TestNode.ROOT_KEY, ",\"public\":true");
        TestClient.Answer asPublic =
                client.form(
                        node.at("/oauth2/introspect"),
                        Map.of("client_id", spa.id(), "token", given.text("access_token")));
        assertThat(asPublic.body()).isEqualTo("{\"active\":false}");
        assertThat(client.form(node.at("/oauth2/introspect"), Map.of("token", "x")).status())
                .isEqualTo(401);
    }

    @Test
    void a_revoked_token_is_worthless_and_a_foreign_one_stays() {
        App app = Samples.app(node);
        App other = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer given = Samples.tokens(node, app, ada);
        assertThat(revoke(other, given.text("access_token"))).isEqualTo(200);
        assertThat(revoke(other, given.text("refresh_token"))).isEqualTo(200);
        assertThat(Samples.isActive(node, client, app, given.text("access_token"))).isTrue();
        assertThat(revoke(app, given.text("access_token"))).isEqualTo(200);
        assertThat(Samples.isActive(node, client, app, given.text("access_token"))).isFalse();
        TestClient.Answer next =
                require(Samples.refresh(node, client, app, given.text("refresh_token")), 200);
        assertThat(revoke(app, next.text("refresh_token"))).isEqualTo(200);
        assertThat(Samples.isActive(node, client, app, next.text("access_token")))
                .as("a refresh token takes its access tokens with it")
                .isFalse();
        assertThat(revoke(app, "nonsense")).isEqualTo(200);
    }

    private int revoke(App app, String token) {
        return client.form(node.at("/oauth2/revoke"), app.basic(), Map.of("token", token)).status();
    }

    @Test
    void what_is_missing_from_a_request_is_said() {
        App app = Samples.app(node);
        for (String endpoint : new String[] {"introspect", "revoke"}) {
            TestClient.Answer without =
                    client.form(node.at("/oauth2/" + endpoint), app.basic(), Map.of("hint", "x"));
            assertThat(without.text("error")).as(endpoint).isEqualTo("invalid_request");
        }
    }

    @Test
    void an_authorization_request_may_come_as_a_form() {
        App app = Samples.app(node);
        try (TestClient browser = new TestClient()) {
            TestClient.Answer led =
                    require(browser.form(node.at("/oauth2/authorize"), Samples.request(app)), 303);
            assertThat(
                            require(browser.get(node.at(Samples.pathOf(led.location()))), 303)
                                    .location())
                    .contains("/login?flow=");
            assertThat(
                            browser.form(node.at("/oauth2/authorize"), Map.of("client_id", "none"))
                                    .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void userinfo_is_asked_by_post_too_and_says_what_is_wrong_with_a_token() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        String access = Samples.tokens(node, app, ada).text("access_token");
        String machine =
                require(
                                client.form(
                                        node.at("/oauth2/token"),
                                        Samples.machine(node, TestNode.ROOT_KEY).basic(),
                                        Map.of("grant_type", "client_credentials")),
                                200)
                        .text("access_token");
        for (String method : new String[] {"GET", "POST"}) {
            assertThat(userinfo(method, "Bearer " + access).text("sub")).isEqualTo(ada.id());
            assertThat(userinfo(method, "Basic x").text("error")).isEqualTo("invalid_token");
            assertThat(userinfo(method, "Bearer " + machine).text("error"))
                    .isEqualTo("insufficient_scope");
        }
    }

    private TestClient.Answer userinfo(String method, String authorization) {
        return client.send(
                HttpRequest.newBuilder(node.at("/oauth2/userinfo"))
                        .header("Authorization", authorization)
                        .method(method, HttpRequest.BodyPublishers.noBody()));
    }

    @Test
    void userinfo_answers_by_scope() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        String access = Samples.tokens(node, app, ada).text("access_token");
        TestClient.Answer facts = require(client.get(node.at("/oauth2/userinfo"), access), 200);
        assertThat(facts.text("sub")).isEqualTo(ada.id());
        assertThat(facts.text("email")).isEqualTo(ada.email());
        assertThat(facts.json().has("name")).as("profile was not asked for").isFalse();
        TestClient.Answer wrong = client.get(node.at("/oauth2/userinfo"), "nonsense");
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.headers().get("www-authenticate")).contains("invalid_token");
        App machine = Samples.machine(node, TestNode.ROOT_KEY);
        String own =
                token(machine, Map.of("grant_type", "client_credentials")).text("access_token");
        assertThat(client.get(node.at("/oauth2/userinfo"), own).status()).isEqualTo(403);
    }

    @Test
    void a_public_client_uses_its_id_and_no_secret() {
        App spa = Samples.app(node, TestNode.ROOT_KEY, ",\"public\":true");
        assertThat(spa.secret()).isEmpty();
        Person ada = Samples.person(node);
        Map<String, String> form = new LinkedHashMap<>(Samples.exchange(freshCode(spa, ada)));
        form.put("client_id", spa.id());
        TestClient.Answer given = require(client.form(node.at("/oauth2/token"), form), 200);
        TestClient.Answer next =
                client.form(
                        node.at("/oauth2/token"),
                        Map.of(
                                "grant_type", "refresh_token",
                                "client_id", spa.id(),
                                "refresh_token", given.text("refresh_token")));
        require(next, 200);
    }

    @Test
    void a_built_in_client_is_the_same_after_every_start() {
        String callback = node.issuer() + "/console/";
        String id =
                node.auth()
                        .clients()
                        .ensureBuiltIn(
                                "console",
                                "Console",
                                java.util.List.of(callback),
                                java.util.Set.of("openid", "admin"));
        assertThat(
                        node.auth()
                                .clients()
                                .ensureBuiltIn(
                                        "console",
                                        "Console",
                                        java.util.List.of(callback),
                                        java.util.Set.of("openid")))
                .isEqualTo(id);
        Map<String, String> request = Samples.request(new App(id, ""));
        request.put("redirect_uri", callback);
        request.put("scope", "openid");
        assertThat(Samples.authorize(node, client, request).location())
                .startsWith(node.issuer() + "/login");
    }

    @Test
    void an_erased_person_has_no_live_token_and_no_account() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer given = Samples.tokens(node, app, ada);
        node.auth().erase(IdKind.PERSON.parse(ada.id()));
        node.auth().erase(IdKind.PERSON.parse(ada.id()));
        assertThat(node.auth().authenticate(given.text("access_token"))).isEmpty();
        assertThat(Samples.refresh(node, client, app, given.text("refresh_token")).text("error"))
                .isEqualTo("invalid_grant");
        assertThat(client.get(node.at("/api/v1/users/" + ada.id()), TestNode.ROOT_KEY).status())
                .isEqualTo(404);
    }

    @Test
    void discovery_names_what_there_is() {
        TestClient.Answer facts = client.get(node.at("/.well-known/openid-configuration"));
        assertThat(facts.text("issuer")).isEqualTo(node.issuer());
        assertThat(facts.json().path("code_challenge_methods_supported").toString())
                .isEqualTo("[\"S256\"]");
        assertThat(facts.json().path("response_types_supported").toString())
                .isEqualTo("[\"code\"]");
        for (String endpoint : new String[] {"token", "introspection", "revocation"}) {
            String address = facts.text(endpoint + "_endpoint");
            assertThat(client.form(node.at(Samples.pathOf(address)), Map.of("token", "x")).status())
                    .as(address)
                    .isEqualTo(401);
        }
        assertThat(client.get(node.at("/.well-known/oauth-authorization-server")).body())
                .as("where RFC 8414 has it")
                .isEqualTo(facts.body());
    }

    @Test
    void what_clients_ask_for_over_and_over_is_kept_by_them_and_on_the_way() {
        for (String path :
                List.of(
                        "/.well-known/openid-configuration",
                        "/.well-known/oauth-authorization-server",
                        "/oauth2/jwks")) {
            TestClient.Answer first = client.get(node.at(path));
            assertThat(first.headers().get("cache-control")).isEqualTo("public, max-age=300");
            TestClient.Answer again =
                    client.send(
                            HttpRequest.newBuilder(node.at(path))
                                    .header(
                                            "If-None-Match",
                                            first.headers().getOrDefault("etag", "none"))
                                    .GET());
            assertThat(again.status()).as(path).isEqualTo(304);
        }
    }

    @Test
    void a_token_for_another_place_is_refused_and_dpop_is_answered_as_bearer() {
        App machine = Samples.machine(node, TestNode.ROOT_KEY);
        Map<String, String> elsewhere =
                Map.of("grant_type", "client_credentials", "resource", "https://api.example.com");
        TestClient.Answer refused = token(machine, elsewhere);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("error")).isEqualTo("invalid_target");
        Map<String, String> here =
                Map.of("grant_type", "client_credentials", "resource", node.issuer());
        require(token(machine, here), 200);
        App app = Samples.app(node);
        Map<String, String> request = new LinkedHashMap<>(Samples.request(app));
        request.put("resource", "https://api.example.com");
        assertThat(Samples.authorize(node, client, request).parameter("error"))
                .isEqualTo("invalid_target");
        // RFC 9449 section 5: a server without DPoP says so by the token's type.
        TestClient.Answer bearer =
                client.send(
                        HttpRequest.newBuilder(node.at("/oauth2/token"))
                                .header("Authorization", machine.basic())
                                .header("DPoP", "eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.x")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "grant_type=client_credentials")));
        assertThat(require(bearer, 200).text("token_type")).isEqualTo("Bearer");
        assertThat(
                        client.get(node.at("/.well-known/openid-configuration"))
                                .json()
                                .has("dpop_signing_alg_values_supported"))
                .isFalse();
    }
}
