package dev.quintet.platform.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.LogLines;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.ApiKey;
import dev.quintet.platform.caller.ApiKeys;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Callers;
import dev.quintet.platform.caller.Organisations;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.caller.Versions;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.PersonErased;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.sql.TestDatabase;
import dev.quintet.platform.telemetry.Health;
import dev.quintet.platform.telemetry.Metrics;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Platform's own API as a product's server meets it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PlatformRoutesTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<Event> announced = Collections.synchronizedList(new ArrayList<>());
    private final TestDatabase test = TestDatabase.create((tx, events) -> announced.addAll(events));
    private final Database db = test.database();
    private final Ids ids = new Ids(InstantSource.system(), new Random());
    private final Versions versions = new Versions(db, Versions.OFTEN_ENOUGH);
    private final Keys sealer =
            new Keys(MasterKey.parse("cd".repeat(32)), List.of(), new SecureRandom());
    private final ApiKeys keys = new ApiKeys(db, sealer, versions, ids, new SecureRandom());
    private final Organisations organisations = new Organisations(ids);
    private final Health health = new Health();
    private final Metrics metrics = new Metrics();
    private final TestWeb web =
            TestWeb.of(
                    new Callers(List.of(keys::authenticate)),
                    new KeyRoutes(
                                    db,
                                    keys,
                                    organisations,
                                    new Audit(),
                                    new Idempotency(db, new Once(db, sealer)))
                            .routes(),
                    new PeopleRoutes(db, new People(ids), new Audit()).routes(),
                    new AuditRoutes(db, new Audit()).routes(),
                    new HealthRoutes(health, metrics).routes());
    private final String admin = key(Caller.ROOT, Scope.ADMIN);
    private final UUID otherOrganisation = db.tx(tx -> organisations.make(tx, "other"));
    private final String other = key(otherOrganisation, Scope.ADMIN);

    private String key(UUID organisation, Scope... scopes) {
        ApiKey.Made made = db.tx(tx -> keys.make(tx, organisation, "test", Set.of(scopes)));
        return SecretWatch.made(made.secret());
    }

    @AfterAll
    void close() {
        web.close();
        versions.close();
        metrics.close();
        test.close();
    }

    private record Got(int status, JsonNode body, HttpResponse<String> response) {
        String text(String field) {
            return body.path(field).asString();
        }
    }

    private Got call(String key, String method, String path, String json) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(web.at(path)).header("Authorization", "Bearer " + key);
        if (json.isEmpty()) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, BodyPublishers.ofString(json));
        }
        HttpResponse<String> response = web.send(request.build());
        return new Got(
                response.statusCode(),
                response.body().isEmpty()
                        ? JSON.createObjectNode()
                        : JSON.readTree(response.body()),
                response);
    }

    @Test
    void a_made_key_works_until_it_is_revoked_and_both_are_on_the_trail() throws Exception {
        Got made =
                call(
                        admin,
                        "POST",
                        "/api/v1/keys",
                        "{\"name\":\"shop\",\"scopes\":[\"audit:read\"]}");
        assertThat(made.status()).isEqualTo(201);
        String secret = SecretWatch.made(made.text("key"));
        assertThat(secret).startsWith("qk_");
        Got trail = call(secret, "GET", "/api/v1/audit?limit=1000", "");
        assertThat(trail.status()).isEqualTo(200);
        assertThat(trail.response().body())
                .contains("key.make", made.text("id"))
                .doesNotContain(secret);
        assertThat(call(admin, "GET", "/api/v1/keys?limit=200", "").response().body())
                .contains(made.text("id"))
                .doesNotContain(secret);
        assertThat(call(admin, "DELETE", "/api/v1/keys/" + made.text("id"), "").status())
                .isEqualTo(204);
        assertThat(call(secret, "GET", "/api/v1/audit", "").text("code"))
                .isEqualTo("INVALID_CREDENTIAL");
        assertThat(call(admin, "DELETE", "/api/v1/keys/" + made.text("id"), "").text("code"))
                .isEqualTo("NO_SUCH_KEY");
        String after = trail.text("next");
        assertThat(call(admin, "GET", "/api/v1/audit?after=" + after, "").response().body())
                .contains("key.revoke");
    }

    @Test
    void a_repetition_under_one_idempotency_key_makes_one_and_gets_the_first_answer()
            throws Exception {
        for (String path : List.of("/api/v1/keys", "/api/v1/organisations")) {
            String scopes = path.endsWith("keys") ? ",\"scopes\":[]" : "";
            String wanted = "{\"name\":\"once\"" + scopes + "}";
            Got made = once(path, wanted);
            assertThat(made.status()).isEqualTo(201);
            if (made.body().has("key")) {
                SecretWatch.made(made.text("key"));
            }
            assertThat(once(path, wanted).body()).isEqualTo(made.body());
            assertThat(once(path, wanted.replace("once", "twice")).text("code"))
                    .isEqualTo("IDEMPOTENCY_KEY_REUSED");
        }
    }

    private Got once(String path, String json) throws Exception {
        HttpResponse<String> response =
                web.send(
                        HttpRequest.newBuilder(web.at(path))
                                .header("Authorization", "Bearer " + admin)
                                .header("Content-Type", "application/json")
                                .header("Idempotency-Key", path.substring("/api/v1/".length()))
                                .POST(BodyPublishers.ofString(json))
                                .build());
        return new Got(response.statusCode(), JSON.readTree(response.body()), response);
    }

    @Test
    void nobody_makes_a_key_that_may_more_than_they_may() throws Exception {
        String small = key(Caller.ROOT, Scope.KEYS_WRITE);
        assertThat(
                        call(
                                        small,
                                        "POST",
                                        "/api/v1/keys",
                                        "{\"name\":\"x\",\"scopes\":[\"admin\"]}")
                                .text("code"))
                .isEqualTo("SCOPE_NOT_YOURS");
        assertThat(
                        call(
                                        admin,
                                        "POST",
                                        "/api/v1/keys",
                                        "{\"name\":\"x\",\"scopes\":[\"chat:reed\"]}")
                                .text("code"))
                .isEqualTo("UNKNOWN_SCOPE");
        assertThat(
                        call(admin, "POST", "/api/v1/keys", "{\"name\":\" \",\"scopes\":[]}")
                                .text("code"))
                .isEqualTo("INVALID_NAME");
    }

    @Test
    void the_operator_makes_organisations_and_their_first_keys_and_nobody_else_does()
            throws Exception {
        Got made = call(admin, "POST", "/api/v1/organisations", "{\"name\":\"customer\"}");
        assertThat(made.text("id")).startsWith("org_");
        String wanted =
                "{\"name\":\"first\",\"scopes\":[\"admin\"],\"organisation\":\""
                        + made.text("id")
                        + "\"}";
        Got key = call(admin, "POST", "/api/v1/keys", wanted);
        assertThat(key.text("organisation")).isEqualTo(made.text("id"));
        SecretWatch.made(key.text("key"));
        assertThat(call(other, "POST", "/api/v1/keys", wanted).text("code"))
                .isEqualTo("NO_SUCH_ORGANISATION");
        assertThat(call(other, "POST", "/api/v1/organisations", "{\"name\":\"mine\"}").status())
                .isEqualTo(403);
    }

    @Test
    void a_person_is_put_shown_changed_and_erased_and_not_seen_by_another_organisation()
            throws Exception {
        Got made =
                call(
                        admin,
                        "PUT",
                        "/api/v1/people/cust-1",
                        "{\"name\":\"Ada\",\"email\":\"ada@example.org\"}");
        assertThat(made.status()).isEqualTo(200);
        String path = "/api/v1/people/" + made.text("id");
        assertThat(made.text("id")).startsWith("user_");
        Got again = call(admin, "PUT", "/api/v1/people/cust-1", "{\"name\":\"Ada L.\"}");
        assertThat(again.text("id")).isEqualTo(made.text("id"));
        assertThat(again.response().headers().firstValue("ETag")).contains("\"v2\"");
        assertThat(call(admin, "GET", path, "").text("name")).isEqualTo("Ada L.");
        assertThat(call(other, "GET", path, "").text("code")).isEqualTo("NO_SUCH_PERSON");
        assertThat(call(other, "DELETE", path, "").text("code")).isEqualTo("NO_SUCH_PERSON");
        assertThat(
                        call(admin, "PUT", "/api/v1/people/cust-1", "{\"email\":\"nobody\"}")
                                .text("code"))
                .isEqualTo("INVALID_PROFILE");
        assertThat(call(admin, "DELETE", path, "").status()).isEqualTo(204);
        assertThat(call(admin, "GET", path, "").status()).isEqualTo(404);
        assertThat(announced)
                .anyMatch(event ->
                        event instanceof PersonErased erased
                                && erased.organisation().equals(Caller.ROOT));
    }

    @Test
    void an_id_that_is_none_or_of_another_kind_is_named_as_such() throws Exception {
        for (String path : List.of("/api/v1/people/%s", "/api/v1/keys/%s")) {
            for (String method :
                    path.contains("people") ? List.of("GET", "DELETE") : List.of("DELETE")) {
                assertThat(call(admin, method, path.formatted("nonsense"), "").text("code"))
                        .isEqualTo("NOT_AN_ID");
                String room = "room_01h455vb4pex5vsknk084sn02q";
                assertThat(call(admin, method, path.formatted(room), "").text("code"))
                        .isEqualTo("WRONG_ID_KIND");
            }
        }
        assertThat(call(admin, "POST", "/api/v1/organisations", "{\"name\":\" \"}").text("code"))
                .isEqualTo("INVALID_NAME");
        assertThat(call(admin, "PUT", "/api/v1/people/" + "x".repeat(201), "{}").text("code"))
                .isEqualTo("INVALID_EXTERNAL_ID");
    }

    @Test
    void an_old_tag_is_refused() throws Exception {
        var put =
                HttpRequest.newBuilder(web.at("/api/v1/people/cust-2"))
                        .header("Authorization", "Bearer " + admin)
                        .header("Content-Type", "application/json")
                        .header("If-Match", "\"v7\"")
                        .PUT(BodyPublishers.ofString("{}"))
                        .build();
        assertThat(web.send(put).statusCode()).isEqualTo(412);
    }

    @Test
    void probes_are_not_in_the_access_log() throws Exception {
        try (LogLines log = LogLines.of("access")) {
            web.send(HttpRequest.newBuilder(web.at("/health/live")).build());
            web.send(HttpRequest.newBuilder(web.at("/metrics")).build());
            Await.until(
                    "the other is written",
                    () -> log.at(Level.INFO).stream().anyMatch(line -> line.contains("/metrics")));
            assertThat(log.at(Level.INFO)).noneMatch(line -> line.contains("/health/"));
        }
    }

    @Test
    void health_and_metrics_need_no_credential() throws Exception {
        assertThat(web.send(HttpRequest.newBuilder(web.at("/health/live")).build()).statusCode())
                .isEqualTo(200);
        HttpRequest ready = HttpRequest.newBuilder(web.at("/health/ready")).build();
        assertThat(web.send(ready).statusCode()).isEqualTo(503);
        health.started();
        assertThat(web.send(ready).statusCode()).isEqualTo(200);
        assertThat(web.send(HttpRequest.newBuilder(web.at("/metrics")).build()).body())
                .contains("jvm_memory_used_bytes");
        assertThat(call(admin, "GET", "/api/v1/audit?after=x", "").text("code"))
                .isEqualTo("INVALID_PARAMETER");
    }
}
