package dev.quintet.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.standardwebhooks.Webhook;
import com.sun.net.httpserver.HttpServer;
import dev.quintet.notify.ScriptedSmtp.Behaviour;
import dev.quintet.platform.Await;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Profile;
import dev.quintet.platform.sql.TestDatabase;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Notifications through the port, against a real mail server, a misbehaving one, and an HTTP
 * receiver.
 */
final class NotifyTest {

    private static final Duration LEASE = Duration.ofSeconds(60);

    private static TestDatabase database;
    private static final LocalBus BUS = new LocalBus();
    private static final Keys KEYS =
            new Keys(MasterKey.parse("ab".repeat(32)), List.of(), new SecureRandom());
    private static final People PEOPLE =
            new People(new Ids(InstantSource.system(), new SecureRandom()));
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @BeforeAll
    static void open() {
        database = TestDatabase.create("notify");
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private static NotifyStage stage(String smtp) {
        return new NotifyStage(
                database.database(), BUS, PEOPLE, KEYS, smtp, UUID.randomUUID(), LEASE);
    }

    private static UUID person(String name) {
        return database.database()
                .tx(tx ->
                        PEOPLE.add(
                                tx,
                                Caller.ROOT,
                                Profile.ofValid(
                                        Optional.of(name),
                                        Optional.of(
                                                name.toLowerCase(java.util.Locale.ROOT)
                                                        + "@quintet.test"),
                                        Optional.empty(),
                                        Optional.empty())));
    }

    private static JsonNode ok(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Json.tree(response.body().getBytes(StandardCharsets.UTF_8));
    }

    private static String send(NotifyStage stage, String json) throws Exception {
        return ok(stage.web.post("/api/v1/notifications", json), 202).get("id").asString();
    }

    private static JsonNode view(NotifyStage stage, String id) {
        try {
            return ok(stage.web.get("/api/v1/notifications/" + id), 200);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode whenDone(NotifyStage stage, String id) {
        Await.until(id + " is done", () -> view(stage, id).get("state").asString().equals("done"));
        return view(stage, id);
    }

    private static List<String> outcomes(NotifyStage stage, String id) throws Exception {
        return ok(stage.web.get("/api/v1/notifications/" + id + "/deliveries"), 200)
                .get("items")
                .valueStream()
                .map(attempt ->
                        attempt.get("channel").asString()
                                + " "
                                + attempt.get("attempt").asInt()
                                + " "
                                + attempt.get("outcome").asString())
                .toList();
    }

    @Test
    void a_user_gets_an_inbox_entry_and_a_mail() throws Exception {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));
        mail.start();
        try (NotifyStage stage = stage("smtp://127.0.0.1:" + mail.getSmtp().getPort())) {
            UUID ada = person("Ada");
            String id =
                    send(
                            stage,
                            """
                            {"to":[{"user":"%s"}],"category":"welcome","content":{"title":"Grüße","body":"Zeile 1\\nZeile 2"}}\
                            """
                                    .formatted(IdKind.PERSON.show(ada)));
            JsonNode done = whenDone(stage, id);
            assertThat(done.get("counts").get("delivered").asInt()).isEqualTo(2);
            assertThat(outcomes(stage, id))
                    .containsExactlyInAnyOrder("inapp 1 delivered", "email 1 delivered");

            var message = mail.getReceivedMessages()[0];
            assertThat(message.getSubject()).isEqualTo("Grüße");
            assertThat(message.getContent().toString().replace("\r", ""))
                    .startsWith("Zeile 1\nZeile 2");
            assertThat(message.getHeader("To")).containsExactly("ada@quintet.test");
            assertThat(message.getHeader("Message-ID")[0])
                    .startsWith("<dlv_")
                    .endsWith("@quintet.test>");

            JsonNode inbox = ok(as(stage, "person:" + ada, "/api/v1/inbox"), 200);
            assertThat(inbox.get("unread").asInt()).isEqualTo(1);
            assertThat(inbox.get("items").get(0).get("title").asString()).isEqualTo("Grüße");
        } finally {
            mail.stop();
        }
    }

    private static HttpResponse<String> as(NotifyStage stage, String bearer, String path)
            throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(stage.web.at(path))
                        .header("Authorization", "Bearer " + bearer)
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void a_mail_that_is_refused_for_now_or_cut_after_data_is_sent_again_under_its_one_message_id()
            throws Exception {
        try (ScriptedSmtp smtp =
                        new ScriptedSmtp(
                                Behaviour.REFUSE_FOR_NOW,
                                Behaviour.DROP_AFTER_DATA,
                                Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String id = send(stage, mailTo("bob@quintet.test", "high"));
            assertThat(whenDone(stage, id).get("counts").get("delivered").asInt()).isEqualTo(1);
            assertThat(outcomes(stage, id))
                    .containsExactly("email 1 retrying", "email 2 retrying", "email 3 delivered");
            assertThat(smtp.seen()).hasSize(3);
            assertThat(smtp.seen().stream().map(ScriptedSmtp.Mail::messageId).distinct())
                    .hasSize(1);
        }
    }

    private static String mailTo(String address, String priority) {
        return """
        {"to":[{"email":"%s"}],"priority":"%s","content":{"title":"Hello","body":"There"}}\
        """
                .formatted(address, priority);
    }

    @Test
    void a_mail_that_is_refused_for_good_fails_at_once_and_says_why() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.REFUSE_FOR_GOOD);
                NotifyStage stage = stage(smtp.url())) {
            String id = send(stage, mailTo("nobody@quintet.test", "normal"));
            assertThat(whenDone(stage, id).get("counts").get("failed").asInt()).isEqualTo(1);
            JsonNode attempt =
                    ok(stage.web.get("/api/v1/notifications/" + id + "/deliveries"), 200)
                            .get("items")
                            .get(0);
            assertThat(attempt.get("outcome").asString()).isEqualTo("failed");
            assertThat(attempt.get("detail").asString()).contains("550 no such mailbox");
        }
    }

    @Test
    void a_webhook_is_signed_by_the_standard_and_tried_again_under_one_id() throws Exception {
        Queue<Integer> answers = new ConcurrentLinkedQueue<>(List.of(500, 503, 204));
        List<Map<String, List<String>>> headers = new CopyOnWriteArrayList<>();
        List<String> bodies = new CopyOnWriteArrayList<>();
        HttpServer receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext(
                "/hook",
                exchange -> {
                    bodies.add(
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
                    headers.add(new HashMap<>(exchange.getRequestHeaders()));
                    exchange.sendResponseHeaders(
                            answers.size() > 1 ? answers.remove() : answers.element(), -1);
                    exchange.close();
                });
        receiver.start();
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            JsonNode endpoint =
                    ok(
                            stage.web.post(
                                    "/api/v1/webhook-endpoints",
                                    "{\"url\":\"http://127.0.0.1:%d/hook\",\"eventTypes\":[\"order.paid\"]}"
                                            .formatted(receiver.getAddress().getPort())),
                            201);
            String id = send(stage, webhookTo(endpoint.get("id").asString(), "order.paid"));
            assertThat(whenDone(stage, id).get("counts").get("delivered").asInt()).isEqualTo(1);
            assertThat(outcomes(stage, id))
                    .containsExactly(
                            "webhook 1 retrying", "webhook 2 retrying", "webhook 3 delivered");

            Webhook judge = new Webhook(endpoint.get("secret").asString());
            for (int at = 0; at < 3; at++) {
                judge.verify(bodies.get(at), lower(headers.get(at)));
            }
            assertThat(bodies.stream().distinct()).hasSize(1);
            assertThat(headers.stream().map(each -> each.get("Webhook-id")).distinct()).hasSize(1);
            assertThat(
                            Json.tree(bodies.getFirst().getBytes(StandardCharsets.UTF_8))
                                    .get("type")
                                    .asString())
                    .isEqualTo("order.paid");

            String unwanted = send(stage, webhookTo(endpoint.get("id").asString(), "order.lost"));
            assertThat(whenDone(stage, unwanted).get("counts").get("skipped").asInt()).isEqualTo(1);
        } finally {
            receiver.stop(0);
        }
    }

    private static String webhookTo(String endpoint, String category) {
        return """
        {"to":[{"webhook":"%s"}],"category":"%s","priority":"high","content":{"title":"Paid","body":"42 EUR"}}\
        """
                .formatted(endpoint, category);
    }

    private static Map<String, List<String>> lower(Map<String, List<String>> headers) {
        Map<String, List<String>> lower = new HashMap<>();
        headers.forEach(
                (name, values) -> lower.put(name.toLowerCase(java.util.Locale.ROOT), values));
        return lower;
    }

    @Test
    void the_inbox_streams_what_is_new_and_continues_after_the_last_event() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            UUID eve = person("Eve");
            String user = "{\"user\":\"" + IdKind.PERSON.show(eve) + "\"}";
            for (int n = 1; n <= 3; n++) {
                whenDone(
                        stage,
                        send(
                                stage,
                                "{\"to\":["
                                        + user
                                        + "],\"channels\":[\"inapp\"],\"content\":{\"title\":\"No "
                                        + n
                                        + "\",\"body\":\"x\"}}"));
            }
            var response =
                    CLIENT.send(
                            HttpRequest.newBuilder(stage.web.at("/api/v1/inbox/stream"))
                                    .header("Authorization", "Bearer person:" + eve)
                                    .header("Last-Event-ID", "1")
                                    .build(),
                            BodyHandlers.ofInputStream());
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                assertThat(nextId(lines)).isEqualTo("2");
                assertThat(nextId(lines)).isEqualTo("3");
                send(
                        stage,
                        "{\"to\":["
                                + user
                                + "],\"channels\":[\"inapp\"],\"content\":{\"title\":\"Live\",\"body\":\"x\"}}");
                assertThat(nextId(lines)).isEqualTo("4");
            }
            JsonNode read =
                    ok(
                            CLIENT.send(
                                    HttpRequest.newBuilder(stage.web.at("/api/v1/inbox/read"))
                                            .header("Authorization", "Bearer person:" + eve)
                                            .header("Content-Type", "application/json")
                                            .POST(BodyPublishers.ofString("{\"upTo\":3}"))
                                            .build(),
                                    BodyHandlers.ofString()),
                            200);
            assertThat(read.get("unread").asInt()).isEqualTo(1);
        }
    }

    private static String nextId(BufferedReader lines) throws Exception {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("id: ")) {
                return line.substring(4);
            }
        }
        throw new AssertionError("the stream ended");
    }

    @Test
    void the_same_dedupe_key_is_the_same_notification() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String json =
                    mailTo("once@quintet.test", "high")
                            .replace("\"priority\"", "\"dedupeKey\":\"order-7\",\"priority\"");
            String first = send(stage, json);
            assertThat(send(stage, json)).isEqualTo(first);
            whenDone(stage, first);
            assertThat(smtp.seen()).hasSize(1);
        }
    }

    @Test
    void an_expired_notification_is_skipped_with_the_reason() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String id =
                    send(
                            stage,
                            mailTo("late@quintet.test", "high")
                                    .replace(
                                            "\"priority\"",
                                            "\"expiresAt\":\"2020-01-01T00:00:00Z\",\"priority\""));
            assertThat(whenDone(stage, id).get("counts").get("skipped").asInt()).isEqualTo(1);
            assertThat(smtp.seen()).isEmpty();
        }
    }

    @Test
    void another_organisation_sees_nothing() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String id = send(stage, mailTo("own@quintet.test", "high"));
            assertThat(as(stage, "other-organisation", "/api/v1/notifications/" + id).statusCode())
                    .isEqualTo(404);
            assertThat(
                            as(
                                            stage,
                                            "other-organisation",
                                            "/api/v1/notifications/" + id + "/deliveries")
                                    .statusCode())
                    .isEqualTo(404);
            assertThat(
                            ok(as(stage, "other-organisation", "/api/v1/notifications"), 200)
                                    .get("items"))
                    .isEmpty();
        }
    }

    @Test
    void each_bad_request_is_refused_by_its_own_code() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String content = "\"content\":{\"title\":\"t\",\"body\":\"b\"}";
            Map<String, String> cases =
                    Map.ofEntries(
                            Map.entry("{\"to\":[]," + content + "}", "NO_RECIPIENT"),
                            Map.entry("{\"to\":[{}]," + content + "}", "BAD_RECIPIENT"),
                            Map.entry(
                                    "{\"to\":[{\"email\":\"a@b.c\\r\\nBcc: x@y.z\"}],"
                                            + content
                                            + "}",
                                    "BAD_RECIPIENT"),
                            Map.entry(
                                    "{\"to\":[{\"phone\":\"+49\"}]," + content + "}",
                                    "NOT_IN_THIS_VERSION"),
                            Map.entry(
                                    "{\"to\":[{\"user\":\"room_01h455vb4pex5vsknk084sn02q\"}],"
                                            + content
                                            + "}",
                                    "WRONG_ID_KIND"),
                            Map.entry(
                                    "{\"to\":[{\"user\":\"user_01h455vb4pex5vsknk084sn02q\"}],"
                                            + content
                                            + "}",
                                    "UNKNOWN_RECIPIENT"),
                            Map.entry(
                                    "{\"to\":[{\"webhook\":\"hook_01h455vb4pex5vsknk084sn02q\"}],"
                                            + content
                                            + "}",
                                    "UNKNOWN_RECIPIENT"),
                            Map.entry(
                                    "{\"to\":[{\"email\":\"a@b.c\"}],\"priority\":\"urgent\","
                                            + content
                                            + "}",
                                    "BAD_PRIORITY"),
                            Map.entry(
                                    "{\"to\":[{\"email\":\"a@b.c\"}],\"channels\":[\"sms\"],"
                                            + content
                                            + "}",
                                    "NOT_IN_THIS_VERSION"),
                            Map.entry(
                                    "{\"to\":[{\"email\":\"a@b.c\"}],\"content\":{\"title\":\"a\\nb\",\"body\":\"b\"}}",
                                    "BAD_CONTENT"),
                            Map.entry(
                                    "{\"to\":["
                                            + "{\"email\":\"a@b.c\"},".repeat(1000)
                                            + "{\"email\":\"a@b.c\"}],"
                                            + content
                                            + "}",
                                    "TOO_MANY_RECIPIENTS"));
            for (var each : cases.entrySet()) {
                HttpResponse<String> response =
                        stage.web.post("/api/v1/notifications", each.getKey());
                String code =
                        Json.tree(response.body().getBytes(StandardCharsets.UTF_8))
                                .get("code")
                                .asString();
                assertThat(code)
                        .as(each.getKey().substring(0, Math.min(90, each.getKey().length())))
                        .isEqualTo(each.getValue());
            }
            assertThat(smtp.seen()).isEmpty();
        }
    }

    @Test
    void erasing_a_person_empties_inbox_addresses_and_what_was_said_to_them_alone()
            throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            UUID carl = person("Carl");
            UUID dora = person("Dora");
            String both =
                    "{\"to\":[{\"user\":\"%s\"},{\"user\":\"%s\"}],\"content\":{\"title\":\"to both\",\"body\":\"x\"}}"
                            .formatted(IdKind.PERSON.show(carl), IdKind.PERSON.show(dora));
            String alone =
                    "{\"to\":[{\"user\":\"%s\"}],\"content\":{\"title\":\"to carl alone\",\"body\":\"x\"}}"
                            .formatted(IdKind.PERSON.show(carl));
            String idBoth = send(stage, both);
            String idAlone = send(stage, alone);
            whenDone(stage, idBoth);
            whenDone(stage, idAlone);
            stage.notify.erase(carl);
            assertThat(ok(as(stage, "person:" + carl, "/api/v1/inbox"), 200).get("items"))
                    .isEmpty();
            assertThat(ok(as(stage, "person:" + dora, "/api/v1/inbox"), 200).get("items"))
                    .hasSize(1);
            assertThat(view(stage, idBoth).get("title").asString()).isEqualTo("to both");
            assertThat(view(stage, idAlone).get("title").asString()).isEmpty();
            assertThat(stage.web.get("/api/v1/notifications/" + idBoth + "/deliveries").body())
                    .doesNotContain("carl@")
                    .contains("dora@");
        }
    }

    @Test
    void the_backoff_grows_to_its_cap_and_obeys_the_receiver() {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), 5);
        java.util.Random random = new java.util.Random(1);
        for (int attempt = 1; attempt < 60; attempt++) {
            assertThat(backoff.after(attempt, Optional.empty(), random))
                    .isBetween(Duration.ofMillis(500), Duration.ofMillis(60_500));
        }
        assertThat(backoff.after(1, Optional.of(Duration.ofSeconds(7)), random))
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(backoff.after(1, Optional.of(Duration.ofDays(7)), random))
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(Set.of(backoff.exhausted(4), backoff.exhausted(5))).hasSize(2);
    }
}
