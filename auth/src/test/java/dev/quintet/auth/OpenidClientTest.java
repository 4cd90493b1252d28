package dev.quintet.auth;

import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.sql.TestDatabase;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** openid-client on Node.js as the outside judge: another language, other cryptography, no JVM. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OpenidClient.Condition.class)
final class OpenidClientTest {

    private TestDatabase database;
    private TestNode node;
    private App app;
    private Person ada;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
        app = application();
        ada = Samples.person(node);
    }

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    /** One that signs people in, after they consented, and asks for itself. */
    private App application() {
        try (TestClient client = new TestClient()) {
            TestClient.Answer made =
                    client.json(
                            node.at("/api/v1/clients"),
                            TestNode.ROOT_KEY,
                            """
                            {"name":"Judge","redirectUris":["%s"],"firstParty":false,
                             "grantTypes":["authorization_code","refresh_token","client_credentials"],
                             "scopes":["openid","profile","email","chat:read"]}
                            """
                                    .formatted(Samples.CALLBACK));
            require(made, 201);
            return new App(made.text("clientId"), made.text("clientSecret"));
        }
    }

    private JsonNode judge(Map<String, Object> more) {
        Map<String, Object> settings =
                new LinkedHashMap<>(
                        Map.of(
                                "issuer",
                                node.issuer(),
                                "clientId",
                                app.id(),
                                "clientSecret",
                                app.secret(),
                                "redirectUri",
                                Samples.CALLBACK,
                                "email",
                                ada.email(),
                                "password",
                                Samples.PASSWORD,
                                "scope",
                                "openid profile email chat:read",
                                "machineScope",
                                "chat:read"));
        settings.putAll(more);
        return OpenidClient.judge(settings);
    }

    @Test
    void signs_in_refreshes_asks_and_revokes_knowing_nothing_but_the_issuer() {
        JsonNode got = judge(Map.of());
        assertThat(got.path("refused").toString()).isEmpty();
        assertThat(got.at("/issuer").asString()).isEqualTo(node.issuer());

        assertThat(got.at("/claims/iss").asString()).isEqualTo(node.issuer());
        assertThat(got.at("/claims/aud").asString()).isEqualTo(app.id());
        assertThat(got.at("/claims/sub").asString()).isEqualTo(ada.id());
        assertThat(got.at("/claims/email").asString()).isEqualTo(ada.email());
        assertThat(got.at("/userinfo/sub").asString()).isEqualTo(ada.id());
        assertThat(got.at("/userinfo/name").asString()).isEqualTo("Ada");
        assertThat(got.at("/introspected/active").asBoolean()).isTrue();
        assertThat(got.at("/introspected/sub").asString()).isEqualTo(ada.id());
        assertThat(node.auth().authenticate(got.at("/machine/access_token").asString()))
                .get()
                .satisfies(caller -> assertThat(caller.person()).isEmpty());
        assertThat(got.at("/machineIntrospected/sub").asString()).isEqualTo(app.id());

        assertThat(got.at("/refreshed/refresh_token").asString())
                .isNotEmpty()
                .isNotEqualTo(got.at("/tokens/refresh_token").asString());
        assertThat(got.at("/afterRevocation/active").asBoolean()).isFalse();
        assertThat(got.at("/refreshAfterRevocation").asString()).isEqualTo("invalid_grant");
    }

    @Test
    void refuses_an_answer_to_another_request() {
        assertThat(refusal(Map.of("planted", Map.of("expectedNonce", "another"))))
                .contains("nonce");
        assertThat(refusal(Map.of("planted", Map.of("expectedState", "another"))))
                .contains("state");
    }

    @Test
    void refuses_an_issuer_that_calls_itself_otherwise() {
        String otherName = node.issuer().replace("127.0.0.1", "localhost");
        assertThat(refusal(Map.of("issuer", otherName))).contains("issuer");
    }

    @Test
    void refuses_an_id_token_that_was_changed_under_its_signature() {
        assertThat(refusal(Map.of("forgeIdToken", true))).contains("signature");
    }

    private String refusal(Map<String, Object> more) {
        JsonNode got = judge(more);
        assertThat(got.has("claims")).as("nobody is signed in").isFalse();
        return got.path("refused").toString();
    }
}
