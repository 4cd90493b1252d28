package dev.quintet.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.notify.ScriptedSmtp.Behaviour;
import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What notify refuses, what it hides from other organisations, and what a repetition gets. */
final class NotifyRefusalsTest {

    private static final Keys KEYS =
            new Keys(MasterKey.parse("ab".repeat(32)), List.of(), new SecureRandom());
    private static final String MAIL =
            "{\"to\":[{\"email\":\"a@quintet.test\"}],\"content\":{\"title\":\"t\",\"body\":\"b\"}}";

    private TestDatabase database;
    private ScriptedSmtp smtp;
    private NotifyStage stage;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.create("notify");
        smtp = new ScriptedSmtp(Behaviour.ACCEPT);
        stage =
                new NotifyStage(
                        database.database(),
                        new LocalBus(),
                        new People(new Ids(InstantSource.system(), new SecureRandom())),
                        KEYS,
                        smtp.url(),
                        UUID.randomUUID(),
                        Duration.ofSeconds(60));
    }

    @AfterEach
    void close() throws Exception {
        stage.close();
        smtp.close();
        database.close();
    }

    private HttpRequest.Builder as(String bearer, String path) {
        return HttpRequest.newBuilder(stage.web.at(path))
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json");
    }

    private void refusesPost(String path, String body, String code) throws Exception {
        assertThat(stage.web.post(path, body).body()).contains('"' + code + '"');
    }

    private void refusesGet(String bearer, String path, String code) throws Exception {
        assertThat(stage.web.send(as(bearer, path).build()).body()).contains('"' + code + '"');
    }

    @Test
    void labels_times_and_places_in_a_list_are_refused_by_their_own_codes() throws Exception {
        refusesPost(
                "/api/v1/notifications",
                MAIL.replace("\"to\"", "\"dedupeKey\":\" \",\"to\""),
                "BAD_LABEL");
        refusesPost(
                "/api/v1/notifications",
                MAIL.replace(
                        "\"to\"",
                        "\"sendAt\":\"2030-01-02T00:00:00Z\",\"expiresAt\":\"2030-01-01T00:00:00Z\",\"to\""),
                "BAD_SCHEDULE");
        refusesPost("/api/v1/notifications", MAIL.replace("\"t\"", "\"\\ud800\""), "INVALID_FIELD");
        refusesPost(
                "/api/v1/notifications",
                MAIL.replaceFirst("\\{", "{\"sendAt\":\"+294277-01-01T00:00:00Z\","),
                "INVALID_FIELD");
        refusesPost(
                "/api/v1/notifications",
                MAIL.replaceFirst("\\{", "{\"expiresAt\":\"-4713-01-01T00:00:00Z\","),
                "INVALID_FIELD");
        refusesGet(TestWeb.ADMIN, "/api/v1/notifications?after=x", "BAD_CURSOR");
        refusesGet(TestWeb.ADMIN, "/api/v1/inbox", "NOT_A_PERSON");
        refusesGet("person:" + UUID.randomUUID(), "/api/v1/inbox?after=x", "BAD_CURSOR");
        String id = stage.send(Priority.HIGH, new Recipient.Email("a@quintet.test"));
        refusesGet(
                TestWeb.ADMIN, "/api/v1/notifications/" + id + "/deliveries?after=x", "BAD_CURSOR");
    }

    @Test
    void an_endpoint_that_could_never_be_fetched_is_refused_and_so_is_the_hundred_and_first()
            throws Exception {
        String path = "/api/v1/webhook-endpoints";
        refusesPost(path, "{\"url\":\"no address\"}", "BAD_ENDPOINT");
        refusesPost(path, "{\"url\":\"ftp://example.com/\"}", "URL_NOT_FETCHABLE");
        refusesPost(path, "{\"url\":\"http://example.com:22/\"}", "URL_PORT_REFUSED");
        for (int made = 0; made < 100; made++) {
            NotifyStage.json(stage.web.post(path, "{\"url\":\"https://example.com/\"}"), 201);
        }
        refusesPost(path, "{\"url\":\"https://example.com/\"}", "TOO_MANY_ENDPOINTS");
    }

    @Test
    void another_organisation_meets_an_endpoint_and_a_notification_as_unknown() throws Exception {
        String hook =
                NotifyStage.json(
                                stage.web.post(
                                        "/api/v1/webhook-endpoints",
                                        "{\"url\":\"https://example.com/\"}"),
                                201)
                        .get("id")
                        .asString();
        HttpRequest remove =
                as("other-organisation", "/api/v1/webhook-endpoints/" + hook).DELETE().build();
        assertThat(stage.web.send(remove).body()).contains("UNKNOWN_ENDPOINT");
        String its = "/api/v1/webhook-endpoints/" + hook;
        refuses("other-organisation", "PATCH", its, "{\"enabled\":true}", "UNKNOWN_ENDPOINT");
        for (String bad :
                List.of(
                        "no address BAD_ENDPOINT",
                        "ftp://example.com/ URL_NOT_FETCHABLE",
                        "http://example.com:22/ URL_PORT_REFUSED")) {
            int border = bad.lastIndexOf(' ');
            refuses(
                    TestWeb.ADMIN,
                    "PATCH",
                    its,
                    "{\"url\":\"" + bad.substring(0, border) + "\"}",
                    bad.substring(border + 1));
        }
        HttpRequest send =
                as("other-organisation", "/api/v1/notifications")
                        .POST(
                                BodyPublishers.ofString(
                                        MAIL.replace(
                                                "\"email\":\"a@quintet.test\"",
                                                "\"webhook\":\"" + hook + "\"")))
                        .build();
        assertThat(stage.web.send(send).body()).contains("UNKNOWN_RECIPIENT");
        String id = stage.send(Priority.HIGH, new Recipient.Email("a@quintet.test"));
        refusesGet("other-organisation", "/api/v1/notifications/" + id, "UNKNOWN_NOTIFICATION");
    }

    @Test
    void an_id_that_is_none_or_of_another_kind_is_named_as_such() throws Exception {
        String room = "room_01h455vb4pex5vsknk084sn02q";
        for (String path :
                List.of(
                        "/api/v1/notifications/%s",
                        "/api/v1/notifications/%s/deliveries", "/api/v1/webhook-endpoints/%s")) {
            boolean hook = path.contains("webhook");
            for (String method : hook ? List.of("DELETE", "PATCH") : List.of("GET")) {
                refuses(method, path.formatted("nonsense"), "NOT_AN_ID");
                refuses(method, path.formatted(room), "WRONG_ID_KIND");
            }
        }
        for (String id : List.of("nonsense", room)) {
            refusesPost(
                    "/api/v1/notifications",
                    MAIL.replace("{\"email\":\"a@quintet.test\"}", "{\"user\":\"" + id + "\"}"),
                    id.equals(room) ? "WRONG_ID_KIND" : "NOT_AN_ID");
        }
    }

    private void refuses(String method, String path, String code) throws Exception {
        refuses(TestWeb.ADMIN, method, path, method.equals("PATCH") ? "{}" : "", code);
    }

    private void refuses(String bearer, String method, String path, String body, String code)
            throws Exception {
        HttpRequest request =
                as(bearer, path).method(method, BodyPublishers.ofString(body)).build();
        assertThat(stage.web.send(request).body()).contains('"' + code + '"');
    }

    @Test
    void endpoints_are_listed_until_they_are_deleted() throws Exception {
        String path = "/api/v1/webhook-endpoints";
        String hook =
                NotifyStage.json(stage.web.post(path, "{\"url\":\"https://example.com/\"}"), 201)
                        .get("id")
                        .asString();
        assertThat(stage.web.get(path).body()).contains(hook);
        HttpRequest delete = as(TestWeb.ADMIN, path + "/" + hook).DELETE().build();
        assertThat(stage.web.send(delete).statusCode()).isEqualTo(204);
        assertThat(stage.web.get(path).body()).doesNotContain(hook);
    }

    @Test
    void an_inbox_is_a_persons_and_a_key_of_a_request_means_that_request() throws Exception {
        String ada = "person:" + UUID.randomUUID();
        refusesGet(TestWeb.ADMIN, "/api/v1/inbox/stream", "NOT_A_PERSON");
        refusesPost("/api/v1/inbox/read", "{\"upTo\":1}", "NOT_A_PERSON");
        HttpRequest lost =
                as(ada, "/api/v1/inbox/stream").header("Last-Event-ID", "nonsense").build();
        assertThat(stage.web.send(lost).body()).contains("\"BAD_CURSOR\"");
        HttpResponse<String> below = once(ada, "/api/v1/inbox/read", "{\"upTo\":-1}");
        assertThat(below.statusCode()).isEqualTo(400);
        assertThat(below.body()).contains("INVALID_FIELD", "\"field\":\"upTo\"");
        assertThat(once(ada, "/api/v1/inbox/read", "{\"upTo\":1}").statusCode()).isEqualTo(200);
        assertThat(once(ada, "/api/v1/inbox/read", "{\"upTo\":2}").body())
                .contains("\"IDEMPOTENCY_KEY_REUSED\"");
        String hooks = "/api/v1/webhook-endpoints";
        assertThat(once(TestWeb.ADMIN, hooks, "{\"url\":\"https://a.example/\"}").statusCode())
                .isEqualTo(201);
        assertThat(once(TestWeb.ADMIN, hooks, "{\"url\":\"https://b.example/\"}").body())
                .contains("\"IDEMPOTENCY_KEY_REUSED\"");
    }

    @Test
    void a_full_lane_takes_no_more_and_the_other_lanes_do() throws Exception {
        NotifyConfig usual = Settings.defaults(NotifyConfig.class);
        try (NotifyStage small =
                new NotifyStage(
                        database.database(),
                        new LocalBus(),
                        new People(new Ids(InstantSource.system(), new SecureRandom())),
                        KEYS,
                        smtp.url(),
                        UUID.randomUUID(),
                        Duration.ofSeconds(60),
                        new NotifyConfig(usual.smtp(), 2, usual.maxWebhookEndpoints()))) {
            String later = MAIL.replace("\"to\"", "\"sendAt\":\"%s\",\"to\"".formatted(tomorrow()));
            for (int n = 0; n < 2; n++) {
                NotifyStage.json(small.web.post("/api/v1/notifications", later), 202);
            }
            // The lane counts what waits every five seconds.
            Await.until(
                    "the lane is full", () -> post(small, MAIL).body().contains("\"LANE_FULL\""));
            assertThat(post(small, MAIL).headers().firstValue("Retry-After")).contains("30");
            NotifyStage.json(
                    post(small, MAIL.replace("\"to\"", "\"priority\":\"high\",\"to\"")), 202);
        }
    }

    private static Instant tomorrow() {
        return InstantSource.system().instant().plus(Duration.ofDays(1));
    }

    private static HttpResponse<String> post(NotifyStage to, String body) {
        try {
            return to.web.post("/api/v1/notifications", body);
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void a_repeated_request_is_one_notification() throws Exception {
        HttpResponse<String> first = repeat("/api/v1/notifications", MAIL);
        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(repeat("/api/v1/notifications", MAIL).body()).isEqualTo(first.body());
        assertThat(repeat("/api/v1/notifications", MAIL.replace("\"t\"", "\"u\"")).body())
                .contains("IDEMPOTENCY_KEY_REUSED");
        assertThat(stage.notify.figures(dev.quintet.platform.caller.Caller.ROOT))
                .containsEntry("notifications", 1L);
    }

    private HttpResponse<String> repeat(String path, String body) throws Exception {
        return once(TestWeb.ADMIN, path, body);
    }

    private HttpResponse<String> once(String bearer, String path, String body) throws Exception {
        return stage.web.send(
                as(bearer, path)
                        .header("Idempotency-Key", "once")
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }
}
