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
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.audit.Entry;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Profile;
import dev.quintet.platform.sql.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
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
import java.util.concurrent.atomic.AtomicInteger;
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
    void the_backoff_takes_its_steps_and_a_wish_only_makes_it_later() {
        java.util.Random random = new java.util.Random(1);
        Backoff backoff = Backoff.usual(ChannelKind.WEBHOOK);
        Duration whole = Duration.ZERO;
        int attempts = 1;
        for (Duration pause = pause(backoff, attempts, random);
                !backoff.isOver(whole, pause);
                pause = pause(backoff, attempts, random)) {
            Duration step = backoff.steps().get(Math.min(attempts, 8) - 1);
            assertThat(pause).isBetween(step, step.multipliedBy(6).dividedBy(5));
            whole = whole.plus(pause);
            attempts++;
        }
        assertThat(attempts).isBetween(11, 13);
        assertThat(whole).isBetween(Duration.ofHours(57), Duration.ofDays(3));
        assertThat(Backoff.usual(ChannelKind.EMAIL).end()).isEqualTo(Duration.ofDays(4));

        assertThat(backoff.after(5, Optional.of(Duration.ZERO), random))
                .isBetween(Duration.ofHours(1), Duration.ofMinutes(72));
        assertThat(backoff.after(1, Optional.of(Duration.ofMinutes(10)), random))
                .isBetween(Duration.ofMinutes(10), Duration.ofMinutes(12));
        assertThat(backoff.after(1, Optional.of(Duration.ofDays(700)), random))
                .isBetween(Duration.ofDays(1), Duration.ofHours(29));
        Set<Duration> chance = new java.util.HashSet<>();
        for (int each = 0; each < 20; each++) {
            chance.add(backoff.after(1, Optional.of(Duration.ofMinutes(1)), random));
        }
        assertThat(chance).as("not all in the same millisecond").hasSizeGreaterThan(10);
    }

    private static Duration pause(Backoff backoff, int attempt, java.util.Random random) {
        return backoff.after(attempt, Optional.empty(), random);
    }

    @Test
    void what_is_refused_again_and_again_fails_when_its_time_is_over() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.REFUSE_FOR_NOW);
                NotifyStage stage = stage(smtp.url())) {
            String id = send(stage, mailTo("never@quintet.test", "high"));
            Await.until("it was tried twice", () -> smtp.seen().size() >= 2);
            // As it is a minute later.
            database.database()
                    .run(tx ->
                            tx.handle()
                                    .execute(
                                            """
                                            update notify.attempts
                                            set started_at = started_at - interval '1 minute'
                                            where attempt = 1
                                              and outcome = 'retrying'
                                            """));
            assertThat(whenDone(stage, id).get("counts").get("failed").asInt()).isEqualTo(1);
            assertThat(stage.web.get("/api/v1/notifications/" + id + "/deliveries").body())
                    .contains("gave up after", "451 try later");
        }
    }

    @Test
    void a_receiver_is_asked_again_when_it_says_in_seconds_or_by_a_date() throws Exception {
        Queue<String> wishes =
                new ConcurrentLinkedQueue<>(
                        List.of(
                                "120",
                                "Sat, 21 Nov 2026 12:02:00 GMT",
                                "Sat, 21 Nov 2026 11:00:00 GMT",
                                "soon"));
        ManualTime time = new ManualTime(Instant.parse("2026-11-21T12:00:00Z"));
        try (RawReceiver receiver =
                        new RawReceiver(out ->
                                out.write(
                                        ("HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: "
                                                        + wishes.remove()
                                                        + "\r\n\r\n")
                                                .getBytes(StandardCharsets.US_ASCII)));
                ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            UUID hook = Notify.ENDPOINT.parse(hook(stage, receiver, "[]"));
            List<Optional<Duration>> pauses = new java.util.ArrayList<>();
            while (!wishes.isEmpty()) {
                Outcome outcome =
                        stage.webhook(time)
                                .attempt(
                                        new Delivery(
                                                UUID.randomUUID(),
                                                UUID.randomUUID(),
                                                Caller.ROOT,
                                                Priority.HIGH,
                                                ChannelKind.WEBHOOK,
                                                hook.toString(),
                                                1),
                                        new Message(Optional.empty(), "t", "b", Instant.EPOCH));
                pauses.add(((Outcome.RetryLater) outcome).pause());
            }
            assertThat(pauses)
                    .containsExactly(
                            Optional.of(Duration.ofMinutes(2)),
                            Optional.of(Duration.ofMinutes(2)),
                            Optional.empty(),
                            Optional.empty());
        }
    }

    @Test
    void a_receiver_that_says_yes_has_taken_it_whatever_follows() throws Exception {
        byte[] long_ = new byte[3 << 20];
        Map<String, Behind> bodies = new HashMap<>();
        bodies.put("Content-Length: " + long_.length, out -> out.write(long_));
        bodies.put("Content-Length: 1000", out -> out.write(new byte[10]));
        bodies.put(
                "Transfer-Encoding: chunked",
                out -> out.write("zz\r\n".getBytes(StandardCharsets.US_ASCII)));
        bodies.put("Content-Length: 100000", NotifyTest::drip);
        for (Map.Entry<String, Behind> each : bodies.entrySet()) {
            AtomicInteger requests = new AtomicInteger();
            try (RawReceiver receiver =
                            new RawReceiver(out -> {
                                requests.incrementAndGet();
                                out.write(
                                        ("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                                        + each.getKey()
                                                        + "\r\n\r\n")
                                                .getBytes(StandardCharsets.US_ASCII));
                                each.getValue().write(out);
                            });
                    ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                    NotifyStage stage = stage(smtp.url())) {
                String id = send(stage, webhookTo(hook(stage, receiver, "[]"), "x"));
                assertThat(whenDone(stage, id).get("counts").get("delivered").asInt())
                        .as(each.getKey())
                        .isEqualTo(1);
                assertThat(outcomes(stage, id)).containsExactly("webhook 1 delivered");
                assertThat(requests).hasValue(1);
            }
        }
    }

    private static void drip(OutputStream out) throws IOException {
        for (int at = 0; at < 1_000; at++) {
            out.write('.');
            out.flush();
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
    }

    private static String hook(NotifyStage stage, RawReceiver receiver, String eventTypes)
            throws Exception {
        return ok(
                        stage.web.post(
                                "/api/v1/webhook-endpoints",
                                "{\"url\":\"%s\",\"eventTypes\":%s}"
                                        .formatted(receiver.url(), eventTypes)),
                        201)
                .get("id")
                .asString();
    }

    @Test
    void an_endpoint_without_types_with_none_or_with_a_star_takes_all() throws Exception {
        try (RawReceiver receiver = RawReceiver.saying("204 No Content");
                ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            for (String types : List.of("null", "[]", "[\"*\"]", "[\"a\",\"*\"]")) {
                String id = send(stage, webhookTo(hook(stage, receiver, types), "order.paid"));
                assertThat(whenDone(stage, id).get("counts").get("delivered").asInt())
                        .as(types)
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void an_endpoint_that_wanted_no_more_can_be_enabled_again_and_each_change_is_on_record()
            throws Exception {
        Queue<String> answers = new ConcurrentLinkedQueue<>(List.of("410 Gone", "204 No Content"));
        try (RawReceiver receiver =
                        new RawReceiver(out ->
                                out.write(
                                        ("HTTP/1.1 "
                                                        + answers.remove()
                                                        + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                                                .getBytes(StandardCharsets.US_ASCII)));
                ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String hook = hook(stage, receiver, "[]");
            String gone = send(stage, webhookTo(hook, "x"));
            assertThat(whenDone(stage, gone).get("counts").get("failed").asInt()).isEqualTo(1);
            String skipped = send(stage, webhookTo(hook, "x"));
            assertThat(whenDone(stage, skipped).get("counts").get("skipped").asInt()).isEqualTo(1);
            assertThat(stage.web.get("/api/v1/notifications/" + skipped + "/deliveries").body())
                    .contains("is disabled: HTTP 410", "can be enabled again");

            JsonNode enabled = ok(patch(stage, hook, "{\"enabled\":true}"), 200);
            assertThat(enabled.get("enabled").asBoolean()).isTrue();
            assertThat(enabled.has("disabledBecause")).isFalse();
            assertThat(enabled.get("url").asString()).isEqualTo(receiver.url());
            String taken = send(stage, webhookTo(hook, "x"));
            assertThat(whenDone(stage, taken).get("counts").get("delivered").asInt()).isEqualTo(1);

            JsonNode moved =
                    ok(
                            patch(
                                    stage,
                                    hook,
                                    "{\"enabled\":false,\"url\":\"https://example.com/secret\",\"eventTypes\":[\"y\"]}"),
                            200);
            assertThat(moved.get("enabled").asBoolean()).isFalse();
            assertThat(moved.get("disabledBecause").asString()).contains("by hand");
            assertThat(moved.get("eventTypes").get(0).asString()).isEqualTo("y");
            CLIENT.send(
                    HttpRequest.newBuilder(stage.web.at("/api/v1/webhook-endpoints/" + hook))
                            .header("Authorization", "Bearer " + TestWeb.ADMIN)
                            .DELETE()
                            .build(),
                    BodyHandlers.ofString());
            List<Act> acts =
                    database
                            .database()
                            .read(tx -> new Audit().after(tx, Caller.ROOT, 0, 200))
                            .stream()
                            .map(Entry::act)
                            .filter(act -> act.target().equals(hook))
                            .toList();
            assertThat(acts)
                    .extracting(Act::action)
                    .containsExactly(
                            "webhook_endpoint.create",
                            "webhook_endpoint.change",
                            "webhook_endpoint.change",
                            "webhook_endpoint.delete");
            assertThat(acts.toString()).contains("example.com").doesNotContain("secret");
        }
    }

    private static HttpResponse<String> patch(NotifyStage stage, String hook, String json)
            throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(stage.web.at("/api/v1/webhook-endpoints/" + hook))
                        .header("Authorization", "Bearer " + TestWeb.ADMIN)
                        .header("Content-Type", "application/json")
                        .method("PATCH", BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void a_mailbox_named_thrice_however_written_gets_one_mail() throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            UUID flo = person("Flo");
            String id =
                    send(
                            stage,
                            """
                            {"to":[{"user":"%s"},{"email":"flo@quintet.test"},{"email":"FLO@Quintet.TEST"},{"email":"flo@q\uff55intet.test"}],"content":{"title":"Once","body":"x"}}\
                            """
                                    .formatted(IdKind.PERSON.show(flo)));
            assertThat(whenDone(stage, id).get("counts").get("total").asInt()).isEqualTo(2);
            assertThat(smtp.seen()).hasSize(1);
        }
    }

    @Test
    void a_mailbox_that_the_server_cannot_name_fails_at_once_and_no_other_gets_the_mail()
            throws Exception {
        try (ScriptedSmtp smtp = new ScriptedSmtp(Behaviour.ACCEPT);
                NotifyStage stage = stage(smtp.url())) {
            String id = send(stage, mailTo("\u0161\u0164\u016d\u0169\u016e@example.com", "high"));
            assertThat(whenDone(stage, id).get("counts").get("failed").asInt()).isEqualTo(1);
            assertThat(outcomes(stage, id)).containsExactly("email 1 failed");
            assertThat(stage.web.get("/api/v1/notifications/" + id + "/deliveries").body())
                    .contains("does not offer SMTPUTF8");
            assertThat(smtp.commands()).noneMatch(line -> line.startsWith("RCPT"));
            assertThat(
                            ok(
                                            stage.web.post(
                                                    "/api/v1/notifications",
                                                    mailTo("a b@example.com", "high")),
                                            400)
                                    .get("code")
                                    .asString())
                    .isEqualTo("BAD_RECIPIENT");
        }
    }

    /** What comes behind the head of an answer. */
    private interface Behind {
        void write(OutputStream out) throws IOException;
    }

    /** An HTTP receiver that answers each request by bytes of its own, and then closes. */
    private static final class RawReceiver implements AutoCloseable {

        private final ServerSocket server =
                new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Behind answer;

        RawReceiver(Behind answer) throws IOException {
            this.answer = answer;
            Thread.ofVirtual().start(this::serve);
        }

        static RawReceiver saying(String status) throws IOException {
            return new RawReceiver(out ->
                    out.write(
                            ("HTTP/1.1 " + status + "\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII)));
        }

        String url() {
            return "http://127.0.0.1:" + server.getLocalPort() + "/hook";
        }

        private void serve() {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> answer(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private void answer(Socket socket) {
            try (socket) {
                readRequest(socket);
                answer.write(socket.getOutputStream());
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException left) {
                // The client has heard enough.
            }
        }

        private static void readRequest(Socket socket) throws IOException {
            var in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            var length =
                    java.util.regex.Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
            if (length.find()) {
                in.readNBytes(Integer.parseInt(length.group(1)));
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
