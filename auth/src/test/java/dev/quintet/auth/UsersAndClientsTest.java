package dev.quintet.auth;

import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.audit.Entry;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.sql.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Users and clients as administrators and servers make them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UsersAndClientsTest {

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

    private TestClient.Answer post(String path, String key, String body) {
        return client.json(node.at(path), key, body);
    }

    private TestClient.Answer user(String key, String body) {
        return post("/api/v1/users", key, body);
    }

    private TestClient.Answer once(String idempotencyKey, String body) {
        return once("/api/v1/users", idempotencyKey, body);
    }

    private TestClient.Answer once(String path, String idempotencyKey, String body) {
        return client.send(
                HttpRequest.newBuilder(node.at(path))
                        .header("Authorization", "Bearer " + TestNode.ROOT_KEY)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", idempotencyKey)
                        .POST(BodyPublishers.ofString(body)));
    }

    @Test
    void a_repeated_request_makes_one_user_and_gets_the_same_answer() {
        String body = "{\"email\":\"once@example.com\",\"name\":\"Once\"}";
        TestClient.Answer first = require(once("k-1", body), 201);
        TestClient.Answer again = require(once("k-1", body), 201);
        assertThat(again.text("id")).isEqualTo(first.text("id")).startsWith("user_");
        TestClient.Answer other = once("k-1", "{\"email\":\"two@example.com\",\"name\":\"Two\"}");
        assertThat(other.text("code")).isEqualTo("IDEMPOTENCY_KEY_REUSED");
        assertThat(user(TestNode.ROOT_KEY, body).text("code")).isEqualTo("EMAIL_TAKEN");
        String machine = "{\"name\":\"M\",\"grantTypes\":[\"client_credentials\"]}";
        assertThat(once("/api/v1/clients", "k-1", machine).text("code"))
                .as("a key means one request, whatever its address")
                .isEqualTo("IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void bad_users_are_refused_precisely() {
        assertThat(refusal("{\"email\":\"nobody\",\"name\":\"N\"}")).isEqualTo("NOT_AN_EMAIL");
        assertThat(refusal("{\"email\":\"n@example.com\",\"name\":\" \"}"))
                .isEqualTo("NAME_TOO_LONG");
        assertThat(refusal("{\"email\":\"n@example.com\",\"name\":\"N\",\"password\":\"short\"}"))
                .isEqualTo("PASSWORD_TOO_SHORT");
        assertThat(
                        refusal(
                                "{\"email\":\"n@example.com\",\"name\":\"N\",\"password\":\"%s\"}"
                                        .formatted("x".repeat(1001))))
                .isEqualTo("PASSWORD_TOO_LONG");
        assertThat(refusal("{\"email\":\"n@example.com\",\"name\":\"N\",\"scopes\":[\"rule\"]}"))
                .isEqualTo("SCOPE_UNKNOWN");
        assertThat(refusal("{\"email\":\"n@example.com\",\"name\":\"two\\nlines\"}"))
                .isEqualTo("INVALID_PROFILE");
        Person ada = Samples.person(node);
        assertThat(
                        post(
                                        "/api/v1/users/" + ada.id() + "/tokens",
                                        TestNode.ROOT_KEY,
                                        "{\"scopes\":[\"rule\"]}")
                                .text("code"))
                .isEqualTo("SCOPE_UNKNOWN");
    }

    @Test
    void a_token_holds_what_was_asked_for_or_is_none() {
        Person ada = Samples.person(node);
        String path = "/api/v1/users/" + ada.id() + "/tokens";
        TestClient.Answer more = post(path, TestNode.ROOT_KEY, "{\"scopes\":[\"admin\"]}");
        assertThat(more.status()).isEqualTo(403);
        assertThat(more.text("code")).isEqualTo("SCOPE_NOT_THEIRS");
        assertThat(more.text("detail")).contains("admin", "chat:read");
        TestClient.Answer unknown = post(path, TestNode.ROOT_KEY, "{\"scopes\":[\"chat:raed\"]}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.text("detail"))
                .contains("'chat:raed' is not a scope", "files:write", "openid")
                .contains("did you mean 'chat:read'?");
    }

    @Test
    void a_repeated_request_for_a_token_gets_the_same_one() {
        String path = "/api/v1/users/" + Samples.person(node).id() + "/tokens";
        TestClient.Answer first = require(once(path, "t-1", "{\"expiresIn\":60}"), 201);
        assertThat(require(once(path, "t-1", "{\"expiresIn\":60}"), 201).text("access_token"))
                .isEqualTo(first.text("access_token"));
        TestClient.Answer other = once(path, "t-1", "{\"expiresIn\":61}");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.text("code")).isEqualTo("IDEMPOTENCY_KEY_REUSED");
    }

    private String refusal(String body) {
        return user(TestNode.ROOT_KEY, body).text("code");
    }

    @Test
    void another_organisations_users_do_not_exist() {
        Person ada = Samples.person(node);
        String there = TestNode.OTHER_KEY;
        assertThat(client.get(node.at("/api/v1/users/" + ada.id()), there).status()).isEqualTo(404);
        assertThat(post("/api/v1/users/" + ada.id() + "/tokens", there, "{}").status())
                .isEqualTo(404);
        assertThat(client.get(node.at("/api/v1/users"), there).body()).doesNotContain(ada.id());
        require(
                user(there, "{\"email\":\"%s\",\"name\":\"Namesake\"}".formatted(ada.email())),
                201);
        TestClient.Answer own =
                require(client.get(node.at("/api/v1/users/" + ada.id()), TestNode.ROOT_KEY), 200);
        assertThat(own.text("email")).isEqualTo(ada.email());
    }

    @Test
    void users_are_listed_in_pages() {
        for (int at = 0; at < 5; at++) {
            Samples.person(node);
        }
        JsonNode first = client.get(node.at("/api/v1/users?limit=3"), TestNode.ROOT_KEY).json();
        assertThat(first.path("items").size()).isEqualTo(3);
        JsonNode second =
                client.get(
                                node.at(
                                        "/api/v1/users?limit=3&after="
                                                + first.path("next").asString()),
                                TestNode.ROOT_KEY)
                        .json();
        assertThat(second.path("items").path(0).path("id").asString())
                .isGreaterThan(first.path("items").path(2).path("id").asString());
    }

    @Test
    void a_server_key_makes_a_token_in_a_users_name_and_nobody_else_does() {
        Person ada = Samples.person(node);
        String path = "/api/v1/users/" + ada.id() + "/tokens";
        TestClient.Answer made =
                require(
                        post(
                                path,
                                TestNode.ROOT_KEY,
                                "{\"scopes\":[\"chat:read\"],\"expiresIn\":60}"),
                        201);
        assertThat(made.json().path("expires_in").asInt()).isEqualTo(60);
        Caller caller = node.auth().authenticate(made.text("access_token")).orElseThrow();
        assertThat(caller.person().map(IdKind.PERSON::show)).contains(ada.id());
        assertThat(caller.credential()).startsWith("token:");
        JdkJwt token =
                JdkJwt.verified(
                        made.text("access_token"), client.get(node.at("/oauth2/jwks")).json());
        assertThat(token.claims().path("act").path("sub").asString()).isEqualTo("key:root");
        assertThat(post(path, TestNode.ROOT_KEY, "{\"expiresIn\":90000}").text("code"))
                .isEqualTo("EXPIRY_REFUSED");

        TestClient.Answer admin =
                user(
                        TestNode.ROOT_KEY,
                        "{\"email\":\"boss@example.com\",\"name\":\"Boss\",\"scopes\":[\"admin\"]}");
        String asAdmin =
                post("/api/v1/users/" + admin.text("id") + "/tokens", TestNode.ROOT_KEY, "{}")
                        .text("access_token");
        assertThat(post(path, asAdmin, "{}").text("code")).isEqualTo("NOT_A_SERVER_KEY");
        List<Entry> trail =
                database.database().read(tx -> new Audit().after(tx, Caller.ROOT, 0, 1_000));
        assertThat(trail)
                .extracting(entry -> entry.act().action() + " " + entry.act().target())
                .contains("token.mint " + ada.id(), "user.create " + ada.id());
    }

    @Test
    void nobody_hands_out_rights_that_he_lacks() {
        TestClient.Answer clerk =
                user(
                        TestNode.ROOT_KEY,
                        "{\"email\":\"clerk@example.com\",\"name\":\"Clerk\",\"scopes\":[\"clients:write\",\"users:write\"]}");
        String token =
                post("/api/v1/users/" + clerk.text("id") + "/tokens", TestNode.ROOT_KEY, "{}")
                        .text("access_token");
        assertThat(
                        user(
                                        token,
                                        "{\"email\":\"m@example.com\",\"name\":\"M\",\"scopes\":[\"admin\"]}")
                                .text("code"))
                .isEqualTo("SCOPE_NOT_YOURS");
        assertThat(
                        application(
                                token,
                                "\"grantTypes\":[\"client_credentials\"],\"scopes\":[\"admin\"]"))
                .isEqualTo("SCOPE_NOT_YOURS");
        assertThat(
                        application(
                                token,
                                "\"grantTypes\":[\"client_credentials\"],\"firstParty\":true"))
                .isEqualTo("SCOPE_NOT_YOURS");
    }

    @Test
    void clients_that_cannot_be_are_refused() {
        String key = TestNode.ROOT_KEY;
        for (String body :
                new String[] {
                    "\"grantTypes\":[]",
                    "\"grantTypes\":[\"password\"]",
                    "\"grantTypes\":[\"implicit\"]",
                    "\"grantTypes\":[\"authorization_code\"]",
                    "\"grantTypes\":[\"client_credentials\"],\"public\":true",
                    "\"grantTypes\":[\"client_credentials\"],\"authMethod\":\"none\"",
                    "\"grantTypes\":[\"client_credentials\"],\"authMethod\":\"private_key_jwt\"",
                    "\"grantTypes\":[\"refresh_token\"]"
                }) {
            assertThat(application(key, body)).as(body).isEqualTo("CLIENT_CANNOT");
        }
        assertThat(
                        application(
                                key,
                                "\"grantTypes\":[\"authorization_code\"],\"redirectUris\":[\"http://evil.example/\"]"))
                .isEqualTo("REDIRECT_REFUSED");
        assertThat(
                        application(
                                key,
                                "\"grantTypes\":[\"client_credentials\"],\"scopes\":[\"rule\"]"))
                .isEqualTo("SCOPE_UNKNOWN");
        assertThat(
                        post(
                                        "/api/v1/clients",
                                        key,
                                        "{\"name\":\" \",\"grantTypes\":[\"client_credentials\"]}")
                                .text("code"))
                .isEqualTo("NAME_TOO_LONG");
    }

    private String application(String key, String members) {
        return post("/api/v1/clients", key, "{\"name\":\"X\"," + members + "}").text("code");
    }

    private int userNamed(String email) {
        return user(
                        TestNode.ROOT_KEY,
                        "{\"email\":\"%s\",\"name\":\"N\",\"password\":\"%s\"}"
                                .formatted(email, Samples.PASSWORD))
                .status();
    }

    /** A sign-in without an application. */
    private int signsIn(String email, String password) {
        try (TestClient browser = new TestClient()) {
            return Samples.signIn(node, browser, "/login", email, password).status();
        }
    }

    @Test
    void two_ways_to_type_one_email_are_one_account() {
        assertThat(userNamed("jos\u00e9@b\u00fccher.example")).isEqualTo(201);
        for (String same :
                List.of(
                        "jose\u0301@b\u00fccher.example",
                        "JOS\u00c9@xn--bcher-kva.example",
                        "\uff4aos\u00e9@b\u00fccher.example")) {
            assertThat(userNamed(same)).as(same).isEqualTo(409);
            assertThat(signsIn(same, Samples.PASSWORD)).as(same).isEqualTo(303);
        }
        assertThat(userNamed("jo\u200bs\u00e9@b\u00fccher.example")).isEqualTo(400);
    }

    @Test
    void an_email_of_an_earlier_version_still_signs_in_and_becomes_todays_form() {
        assertThat(userNamed("old1@xn--mnchen-3ya.example")).isEqualTo(201);
        assertThat(userNamed("old2@xn--mnchen-3ya.example")).isEqualTo(201);
        assertThat(userNamed("old3@example.com")).isEqualTo(201);
        asWrittenBefore("old1@xn--mnchen-3ya.example", "old1@m\u00fcnchen.example");
        asWrittenBefore("old2@xn--mnchen-3ya.example", "old\u200b2@m\u00fcnchen.example");
        asWrittenBefore("old3@example.com", "old3@under_score.example");
        assertThat(signsIn("old1@m\u00fcnchen.example", Samples.PASSWORD)).isEqualTo(303);
        assertThat(signsIn("old3@under_score.example", Samples.PASSWORD)).isEqualTo(303);
        node.auth().sweep();
        assertThat(signsIn("old1@m\u00fcnchen.example", Samples.PASSWORD)).isEqualTo(303);
        assertThat(signsIn("old1@xn--mnchen-3ya.example", Samples.PASSWORD)).isEqualTo(303);
        assertThat(userNamed("old1@m\u00fcnchen.example")).isEqualTo(409);
        assertThat(signsIn("old\u200b2@m\u00fcnchen.example", Samples.PASSWORD)).isEqualTo(303);
        // A second account of what is now one address is found by whoever types it exactly.
        assertThat(userNamed("old4@xn--mnchen-3ya.example")).isEqualTo(201);
        assertThat(userNamed("old5@example.com")).isEqualTo(201);
        asWrittenBefore("old5@example.com", "old4@m\u00fcnchen.example");
        node.auth().sweep();
        assertThat(signsIn("old4@m\u00fcnchen.example", Samples.PASSWORD)).isEqualTo(303);
        assertThat(emails()).contains("old4@m\u00fcnchen.example", "old4@xn--mnchen-3ya.example");
    }

    private void asWrittenBefore(String email, String old) {
        node.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "update auth.users set email = ?, email_form = 0 where email = ?",
                                        old,
                                        email));
    }

    private List<String> emails() {
        return node.database()
                .read(tx ->
                        tx.handle()
                                .createQuery("select email from auth.users")
                                .mapTo(String.class)
                                .list());
    }
}
