package dev.quintet.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.audit.Entry;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The life of a source: made, listed, changed, given another key, deleted; here and elsewhere. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SourcesTest {

    private static final String SOURCES = "/api/v1/analytics/sources";
    private static final String UNKNOWN = SOURCES + "/src_01m7zffnt1f5wskc3v85et9g24";

    @TempDir static Path folder;

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-30T12:00:00Z"));
    private TestDatabase database;
    private Rig rig;
    private TestWeb web;

    @BeforeAll
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, now::get);
        web =
                TestWeb.of(
                        new SegmentRoutes(rig.analytics).routes(),
                        new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        database.close();
    }

    @Test
    void sources_are_listed_by_pages_read_and_changed_and_show_no_key() throws Exception {
        JsonNode shop = made("{\"name\":\"shop\",\"allowedOrigins\":[\"https://shop.example\"]}");
        String madeAt = now.getAndUpdate(at -> at.plusMillis(1)).toString();
        JsonNode app = made("{\"name\":\"app\"}");
        String path = SOURCES + "/" + text(shop, "id");
        assertThat(json(web.get(path)).toString())
                .isEqualTo(
                        "{\"id\":\""
                                + text(shop, "id")
                                + "\",\"name\":\"shop\",\"allowedOrigins\":[\"https://shop.example\"],"
                                + "\"createdAt\":\""
                                + madeAt
                                + "\"}");

        JsonNode changed =
                json(
                        send(
                                "PATCH",
                                path,
                                "{\"name\":\"store\",\"allowedOrigins\":[\"http://localhost:3000\",\"http://localhost:3000\"]}"));
        assertThat(text(changed, "name")).isEqualTo("store");
        assertThat(changed.get("allowedOrigins")).hasToString("[\"http://localhost:3000\"]");
        assertThat(json(send("PATCH", path, "{}"))).isEqualTo(changed);
        assertThat(json(web.get(path))).isEqualTo(changed);

        String listed = "";
        String next = "";
        do {
            JsonNode page = json(web.get(SOURCES + "?limit=1" + next));
            listed += page.get("items");
            next = page.has("next") ? "&after=" + text(page, "next") : "";
        } while (!next.isEmpty());
        assertThat(listed)
                .containsSubsequence(text(shop, "id"), text(app, "id"))
                .contains("\"allowedOrigins\":[\"*\"]")
                .doesNotContain(text(shop, "writeKey"), text(app, "writeKey"));
    }

    @Test
    void a_new_key_works_at_once_and_the_old_one_until_its_time() throws Exception {
        JsonNode source = made("{\"name\":\"rotated\"}");
        String rotate = SOURCES + "/" + text(source, "id") + "/rotate";
        JsonNode first = json(web.post(rotate, "{}"));
        assertThat(text(first, "oldKeyUntil"))
                .isEqualTo(now.get().plus(Duration.ofDays(1)).toString());
        assertThat(taken(source)).isEqualTo(200);
        assertThat(taken(first)).isEqualTo(200);
        assertThat(json(web.get(SOURCES + "/" + text(source, "id"))).get("oldKeyUntil"))
                .isEqualTo(first.get("oldKeyUntil"));

        // Of two old keys the older one ends.
        JsonNode second = json(web.post(rotate, "{\"oldKeyExpiresIn\":60}"));
        assertThat(taken(source)).isEqualTo(401);
        assertThat(taken(first)).isEqualTo(200);
        now.updateAndGet(at -> at.plusSeconds(60));
        assertThat(taken(first)).isEqualTo(401);
        assertThat(taken(second)).isEqualTo(200);
        assertThat(json(web.get(SOURCES + "/" + text(source, "id"))).has("oldKeyUntil")).isFalse();

        JsonNode third = json(web.post(rotate, "{\"oldKeyExpiresIn\":0}"));
        assertThat(third.has("oldKeyUntil")).isFalse();
        assertThat(taken(second)).isEqualTo(401);
        assertThat(taken(third)).isEqualTo(200);
    }

    @Test
    void a_rotation_and_a_change_that_are_sent_again_are_done_once() throws Exception {
        JsonNode source = made("{\"name\":\"again\"}");
        String path = SOURCES + "/" + text(source, "id");
        HttpResponse<String> rotated = once("POST", path + "/rotate", "{}");
        assertThat(once("POST", path + "/rotate", "{}").body()).isEqualTo(rotated.body());
        assertThat(taken(source)).isEqualTo(200);
        assertThat(once("POST", path + "/rotate", "{\"oldKeyExpiresIn\":0}").body())
                .contains("IDEMPOTENCY_KEY_REUSED");
        HttpResponse<String> changed = once("PATCH", path, "{\"name\":\"b\"}");
        assertThat(once("PATCH", path, "{\"name\":\"b\"}").body()).isEqualTo(changed.body());
        assertThat(once("PATCH", path, "{\"name\":\"c\"}").body())
                .contains("IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void a_deleted_source_is_gone_with_both_of_its_keys_and_its_events_are_counted_on()
            throws Exception {
        JsonNode source = made("{\"name\":\"gone\"}");
        String path = SOURCES + "/" + text(source, "id");
        JsonNode rotated = json(web.post(path + "/rotate", "{}"));
        assertThat(taken(rotated)).isEqualTo(200);
        long received = rig.ledger().received();
        assertThat(send("DELETE", path, "").body())
                .isEqualTo("{\"id\":\"" + text(source, "id") + "\",\"events\":\"kept\"}");
        assertThat(taken(source)).isEqualTo(401);
        assertThat(taken(rotated)).isEqualTo(401);
        assertThat(rig.ledger().received()).isEqualTo(received);
        refused(send("DELETE", path, ""), 404, "SOURCE_UNKNOWN");
    }

    @Test
    void another_node_knows_each_change_with_its_next_look() throws Exception {
        Sources there = new Sources(database.database(), Rig.keys(), new SecureRandom(), rig.time);
        JsonNode source = made("{\"name\":\"elsewhere\"}");
        String path = SOURCES + "/" + text(source, "id");
        assertThat(there.byWriteKey(text(source, "writeKey"))).isEmpty();
        there.refresh();
        assertThat(there.byWriteKey(text(source, "writeKey")))
                .map(Source::allowedOrigins)
                .hasValue(AllowedOrigins.ALL_PAGES);

        send("PATCH", path, "{\"allowedOrigins\":[]}");
        JsonNode rotated = json(web.post(path + "/rotate", "{\"oldKeyExpiresIn\":0}"));
        there.refresh();
        assertThat(there.byWriteKey(text(source, "writeKey"))).isEmpty();
        assertThat(there.byWriteKey(text(rotated, "writeKey")))
                .map(each -> each.allowedOrigins().origins())
                .hasValue(List.of());

        send("DELETE", path, "");
        assertThat(there.byWriteKey(text(rotated, "writeKey"))).isPresent();
        there.refresh();
        assertThat(there.byWriteKey(text(rotated, "writeKey"))).isEmpty();
        assertThat(rig.analytics.sources().byWriteKey(text(rotated, "writeKey"))).isEmpty();
    }

    @Test
    void what_is_done_to_a_source_is_in_the_audit_trail() throws Exception {
        JsonNode source = made("{\"name\":\"audited\"}");
        String path = SOURCES + "/" + text(source, "id");
        send("PATCH", path, "{\"name\":\"seen\"}");
        web.post(path + "/rotate", "{}");
        send("DELETE", path, "");
        List<Entry> acts =
                database
                        .database()
                        .read(tx -> new Audit().after(tx, Caller.ROOT, 0, 1_000))
                        .stream()
                        .filter(entry -> entry.act().target().equals(text(source, "id")))
                        .toList();
        assertThat(acts)
                .extracting(entry -> entry.act().action())
                .containsExactly(
                        "source.create", "source.change", "source.rotate", "source.delete");
        assertThat(acts.getLast().act().facts()).containsEntry("name", "seen");
    }

    @Test
    void what_is_wrong_with_a_source_is_named() throws Exception {
        JsonNode source = made("{\"name\":\"strict\"}");
        String path = SOURCES + "/" + text(source, "id");
        Map<String, String> wrong =
                Map.ofEntries(
                        Map.entry("https://shop.example/", "slash"),
                        Map.entry("https://shop.example/shop", "without a path"),
                        Map.entry("shop.example", "scheme://host"),
                        Map.entry("https://*.shop.example", "scheme://host"),
                        Map.entry("https://Shop.example", "lower case"),
                        Map.entry("https://b\u00fccher.example", "xn--"),
                        Map.entry("https://shop.example:443", "port"),
                        Map.entry("http://shop.example:80", "port"),
                        Map.entry("http://shop.example:70000", "no port 70000"),
                        Map.entry("https://u@shop.example", "scheme://host"),
                        Map.entry("null", "scheme://host"),
                        Map.entry("", "scheme://host"),
                        Map.entry("https://" + "a".repeat(300), "longer"));
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            String origins = "[\"" + each.getKey() + "\"]";
            HttpResponse<String> answer =
                    send("PATCH", path, "{\"allowedOrigins\":" + origins + "}");
            refused(answer, 400, "ORIGIN_INVALID");
            assertThat(answer.body()).as(each.getKey()).contains(each.getValue());
        }
        String mixed = "{\"name\":\"x\",\"allowedOrigins\":[\"*\",\"https://a.example\"]}";
        refused(web.post(SOURCES, mixed), 400, "ORIGIN_INVALID");
        refused(web.post(SOURCES, "{\"name\":\"x\"," + many(33) + "}"), 400, "ORIGINS_TOO_MANY");
        refused(send("PATCH", path, "{" + many(33) + "}"), 400, "ORIGINS_TOO_MANY");
        assertThat(send("PATCH", path, "{" + many(32) + "}").statusCode()).isEqualTo(200);
        for (String right :
                List.of(
                        "http://127.0.0.1:8080",
                        "http://[::1]:3000",
                        "capacitor://localhost",
                        "chrome-extension://abcdefghijklmnop")) {
            String body = "{\"allowedOrigins\":[\"" + right + "\"]}";
            assertThat(send("PATCH", path, body).statusCode()).as(right).isEqualTo(200);
        }
        refused(send("PATCH", path, "{\"name\":\" \"}"), 400, "SOURCE_NAME_INVALID");
        for (String seconds : List.of("-1", "7776001", "9223372036854775807")) {
            refused(
                    web.post(path + "/rotate", "{\"oldKeyExpiresIn\":" + seconds + "}"),
                    400,
                    "OLD_KEY_EXPIRY_INVALID");
        }
        refused(web.get(UNKNOWN), 404, "SOURCE_UNKNOWN");
        refused(send("PATCH", UNKNOWN, "{}"), 404, "SOURCE_UNKNOWN");
        refused(web.post(UNKNOWN + "/rotate", "{}"), 404, "SOURCE_UNKNOWN");
    }

    private static String many(int origins) {
        return "\"allowedOrigins\":"
                + IntStream.range(0, origins)
                        .mapToObj(n -> "\"https://s" + n + ".example\"")
                        .toList();
    }

    private JsonNode made(String json) throws Exception {
        HttpResponse<String> made = web.post(SOURCES, json);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return json(made);
    }

    private HttpResponse<String> send(String method, String path, String json) throws Exception {
        return web.send(request(method, path, json).build());
    }

    private HttpResponse<String> once(String method, String path, String json) throws Exception {
        return web.send(
                request(method, path, json).header("Idempotency-Key", path + method).build());
    }

    private HttpRequest.Builder request(String method, String path, String json) {
        HttpRequest.Builder request = web.asAdmin(path);
        return json.isEmpty()
                ? request.method(method, BodyPublishers.noBody())
                : request.header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(json));
    }

    /** What an event with the key of this answer is answered. */
    private int taken(JsonNode answer) throws Exception {
        String user =
                Base64.getEncoder()
                        .encodeToString((text(answer, "writeKey") + ":").getBytes(UTF_8));
        return web.send(
                        HttpRequest.newBuilder(web.at("/v1/track"))
                                .header("Authorization", "Basic " + user)
                                .POST(BodyPublishers.ofString("{\"event\":\"E\",\"userId\":\"u\"}"))
                                .build())
                .statusCode();
    }

    private static void refused(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(text(json(response), "code")).isEqualTo(code);
    }

    private static String text(JsonNode json, String field) {
        return json.path(field).stringValue();
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
