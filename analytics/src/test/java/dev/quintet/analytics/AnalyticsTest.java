package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import com.segment.analytics.Callback;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.TrackMessage;
import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.platform.Await;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The life of events as those see it who send them and those who ask about them, over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AnalyticsTest {

    @TempDir static Path folder;

    private TestDatabase database;
    private Rig rig;
    private TestWeb web;

    @BeforeAll
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, InstantSource.system());
        rig.analytics.start();
        web =
                TestWeb.of(
                        AnalyticsTest::callers,
                        new SegmentRoutes(rig.analytics).routes(),
                        new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        database.close();
    }

    private static Optional<Caller> callers(String bearer) {
        return bearer.equals("them") ? Optional.of(Rig.THEM) : TestWeb.allRights(bearer);
    }

    @Test
    void ten_thousand_events_of_the_stock_segment_client_are_there_exactly_once() throws Exception {
        JsonNode source = source("stock client");
        String writeKey = source.get("writeKey").stringValue();
        JsonNode before = ledger();
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        com.segment.analytics.Analytics client =
                com.segment.analytics.Analytics.builder(writeKey)
                        .endpoint(web.base().toString())
                        .flushQueueSize(250)
                        .flushInterval(1, java.util.concurrent.TimeUnit.SECONDS)
                        .callback(
                                new Callback() {
                                    @Override
                                    public void success(Message message) {
                                        acknowledged.add(message.messageId());
                                    }

                                    @Override
                                    public void failure(Message message, Throwable throwable) {
                                        throw new AssertionError(throwable);
                                    }
                                })
                        .build();
        for (int at = 0; at < 10_000; at++) {
            client.enqueue(
                    TrackMessage.builder("Bought")
                            .userId("user-" + at % 100)
                            .properties(Map.of("price", at)));
        }
        client.flush();
        Await.until("all are acknowledged", () -> acknowledged.size() == 10_000);
        long lastAck = System.nanoTime();
        String where = " from events where source = '" + source.get("id").stringValue() + "'";
        Await.until("all are visible", () -> number("select count(*)" + where) >= 10_000);
        System.out.printf(
                "10,000 events visible %d ms after the last 2xx%n",
                (System.nanoTime() - lastAck) / 1_000_000);
        client.shutdown();

        assertThat(number("select count(distinct message_id)" + where)).isEqualTo(10_000);
        assertThat(number("select sum((properties->>'$.price')::int)" + where))
                .isEqualTo(10_000L * 9_999 / 2);
        Set<Object> read =
                SecondReader.rows(database.url(), "events").stream()
                        .filter(row -> source.get("id").stringValue().equals(row.get("source")))
                        .map(row -> row.get("message_id"))
                        .collect(Collectors.toSet());
        assertThat(read).hasSize(10_000).containsAll(acknowledged);
        JsonNode after = ledger();
        assertThat(grown("received", before, after)).isEqualTo(10_000);
        assertThat(grown("stored", before, after)).isEqualTo(10_000);
        assertThat(after.get("pending").longValue()).isZero();
    }

    @Test
    void a_batch_gives_its_good_events_and_shows_the_bad_ones() throws Exception {
        JsonNode source = source("mixed");
        JsonNode before = ledger();
        assertThat(
                        send(
                                        source,
                                        "/v1/batch",
                                        """
                                        {"batch":[
                                          {"type":"track","event":"A","userId":"u","messageId":"good-1"},
                                          {"type":"track","userId":"u","messageId":"no-event"},
                                          {"type":"jump","userId":"u","messageId":"no-type"},
                                          {"type":"page","messageId":"nobody"},
                                          {"type":"track","event":"A","userId":"u","timestamp":"soon"},
                                          {"type":"track","event":"A","userId":"u","properties":7},
                                          17,
                                          {"type":"identify","anonymousId":"a","traits":{"x":"\\ud800 \\u0000"}}
                                        ]}
                                        """)
                                .statusCode())
                .isEqualTo(200);
        Await.until("it is loaded", () -> ledger().get("pending").longValue() == 0);
        JsonNode after = ledger();
        assertThat(grown("received", before, after)).isEqualTo(8);
        assertThat(grown("stored", before, after)).isEqualTo(2);
        assertThat(grown("rejected", before, after)).isEqualTo(6);
        JsonNode first = json(web.get("/api/v1/analytics/rejected?limit=4"));
        JsonNode second =
                json(
                        web.get(
                                "/api/v1/analytics/rejected?after="
                                        + first.get("next").stringValue()));
        assertThat(first.get("items").size()).isEqualTo(4);
        assertThat(first.get("items").findValuesAsString("path"))
                .containsExactly("/event", "/type", "/userId", "/timestamp");
        assertThat(second.get("items").findValuesAsString("path"))
                .containsExactly("/properties", "");
        assertThat(second.has("next") && !second.get("next").isNull()).isFalse();
        assertThat(first.get("items").get(0).get("messageId").stringValue()).isEqualTo("no-event");
        assertThat(first.get("items").get(0).get("body").stringValue()).contains("no-event");
        assertThat(web.get("/api/v1/analytics/rejected?after=x").statusCode()).isEqualTo(400);
    }

    @Test
    void ids_that_no_column_can_hold_are_refused_and_take_no_other_event_with_them()
            throws Exception {
        JsonNode source = source("halves");
        JsonNode before = ledger();
        String event = "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"messageId\":\"%s\"}";
        assertThat(
                        send(
                                        source,
                                        "/v1/batch",
                                        "{\"batch\":["
                                                + Stream.of(
                                                                "m\\u0000",
                                                                "m\\ud800",
                                                                "m\\udc00",
                                                                "m\\ufffd",
                                                                "m\\ud83d\\ude00")
                                                        .map(event::formatted)
                                                        .collect(Collectors.joining(","))
                                                + "]}")
                                .statusCode())
                .isEqualTo(200);
        Await.until("it is loaded", () -> ledger().get("pending").longValue() == 0);
        JsonNode after = ledger();
        assertThat(grown("stored", before, after)).isEqualTo(2);
        assertThat(grown("rejected", before, after)).isEqualTo(3);
        assertThat(
                        query(
                                        "select message_id from events where source = '"
                                                + source.get("id").stringValue()
                                                + "' order by message_id")
                                .get("rows")
                                .toString())
                .isEqualTo("[[\"m\ufffd\"],[\"m\ud83d\ude00\"]]");
        HttpResponse<String> alone =
                send(source, "/v1/track", "{'event':'A','userId':'u','messageId':'m\\u0000'}");
        assertThat(alone.statusCode()).isEqualTo(400);
        assertThat(alone.body()).contains("EVENT_INVALID", "/messageId");
    }

    @Test
    void every_call_has_its_columns() throws Exception {
        JsonNode source = source("calls");
        send(
                source,
                "/v1/track",
                "{'event':'Signed up','userId':'u1','messageId':'c1','properties':{'a':1e400}}");
        send(
                source,
                "/v1/identify",
                "{'userId':'u1','anonymousId':'a1','messageId':'c2','traits':{'n':'Ada'}}");
        send(source, "/v1/page", "{'userId':'u1','name':'Home','messageId':'c3'}");
        send(
                source,
                "/v1/screen",
                "{'userId':7,'name':'Main','messageId':'c4','context':{'ip':'::1'}}");
        send(source, "/v1/group", "{'userId':'u1','groupId':'g1','messageId':'c5'}");
        send(source, "/v1/alias", "{'userId':'u1','previousId':'a1','messageId':'c6'}");
        String where = " from events where source = '" + source.get("id").stringValue() + "'";
        Await.until("all are visible", () -> number("select count(*)" + where) == 6);
        assertThat(
                        query(
                                        "select type, event, user_id, anonymous_id, group_id, previous_id, name,"
                                                + " properties, traits, context"
                                                + where
                                                + " order by message_id")
                                .get("rows")
                                .toString()
                                .replace("null", "-")
                                .replace("],", "]\n"))
                .isEqualTo(
                        """
                        [["track","Signed up","u1",-,-,-,-,"{\\"a\\":1e400}",-,-]
                        ["identify",-,"u1","a1",-,-,-,-,"{\\"n\\":\\"Ada\\"}",-]
                        ["page",-,"u1",-,-,-,"Home",-,-,-]
                        ["screen",-,"7",-,-,-,"Main",-,-,"{\\"ip\\":\\"::1\\"}"]
                        ["group",-,"u1",-,"g1",-,-,-,-,-]
                        ["alias",-,"u1",-,-,"a1",-,-,-,-]]\
                        """);
    }

    @Test
    void a_wrong_clock_of_the_sender_is_set_right() throws Exception {
        JsonNode source = source("clock");
        send(
                source,
                "/v1/batch",
                "{'sentAt':'2019-05-05T10:00:10Z','batch':[{'type':'track','event':'E','userId':'u',"
                        + "'timestamp':'2019-05-05T10:00:00Z'}]}");
        String where = " from events where source = '" + source.get("id").stringValue() + "'";
        Await.until("it is visible", () -> number("select count(*)" + where) == 1);
        assertThat(number("select epoch(received_at - timestamp)::bigint" + where)).isEqualTo(10);
        assertThat(number("select epoch(sent_at - original_timestamp)::bigint" + where))
                .isEqualTo(10);
    }

    @Test
    void a_write_key_comes_in_the_header_or_in_the_body_and_is_stored_nowhere() throws Exception {
        JsonNode source = source("keys");
        String key = source.get("writeKey").stringValue();
        String body =
                "{'writeKey':'"
                        + key
                        + "','batch':[{'type':'track','event':'E','userId':'u','writeKey':'"
                        + key
                        + "'}]}";
        HttpResponse<String> beacon =
                web.send(
                        HttpRequest.newBuilder(web.at("/v1/batch"))
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString(body.replace('\'', '"')))
                                .build());
        assertThat(beacon.statusCode()).isEqualTo(200);
        HttpResponse<String> packed =
                web.send(
                        basic(key, "/v1/track")
                                .header("Content-Encoding", "gzip")
                                .POST(
                                        BodyPublishers.ofByteArray(
                                                gzip(
                                                        "{'event':'E','userId':'u'}"
                                                                .replace('\'', '"'))))
                                .build());
        assertThat(packed.statusCode()).isEqualTo(200);
        String where = " from events where source = '" + source.get("id").stringValue() + "'";
        Await.until("both are visible", () -> number("select count(*)" + where) == 2);
        assertThat(RawSearch.holds(folder, key)).isFalse();
    }

    @Test
    void what_is_no_event_is_refused_precisely() throws Exception {
        JsonNode source = source("refusals");
        JsonNode before = ledger();
        assertRefused(
                web.send(
                        basic("wk_wrong", "/v1/track").POST(BodyPublishers.ofString("{}")).build()),
                401,
                "WRITE_KEY_UNKNOWN");
        assertRefused(send(source, "/v1/track", "{'event':"), 400, "EVENTS_MALFORMED");
        assertRefused(send(source, "/v1/track", "[]"), 400, "EVENTS_MALFORMED");
        assertRefused(send(source, "/v1/batch", "{}"), 400, "EVENTS_MALFORMED");
        assertRefused(send(source, "/v1/batch", "{'batch':[]}"), 400, "EVENTS_MALFORMED");
        assertRefused(send(source, "/v1/track", "{'userId':'u'}"), 400, "EVENT_INVALID");
        String deep = "[".repeat(600) + "]".repeat(600);
        assertRefused(
                send(source, "/v1/track", "{'event':'E','userId':'u','traits':{'a':" + deep + "}}"),
                400,
                "EVENT_INVALID");
        assertRefused(send(source, "/v1/track", deep.repeat(20)), 400, "EVENTS_MALFORMED");
        assertRefused(
                send(source, "/v1/batch", "{'batch':[" + "1,".repeat(2_500) + "1]}"),
                413,
                "EVENTS_TOO_MANY");
        assertThat(
                        send(source, "/v1/batch", "{'batch':['" + "x".repeat(600_000) + "']}")
                                .statusCode())
                .isEqualTo(413);
        HttpResponse<String> bomb =
                web.send(
                        basic(source.get("writeKey").stringValue(), "/v1/track")
                                .header("Content-Encoding", "gzip")
                                .POST(BodyPublishers.ofByteArray(gzip(" ".repeat(50_000_000))))
                                .build());
        assertRefused(bomb, 413, "EVENTS_TOO_LARGE");
        assertThat(ledger()).isEqualTo(before);
    }

    @Test
    void another_organisation_sees_nothing_of_ours() throws Exception {
        JsonNode source = source("isolation");
        send(source, "/v1/track", "{'event':'Secret','userId':'u'}");
        String where = " from events where event = 'Secret'";
        Await.until("we see it", () -> number("select count(*)" + where) == 1);
        HttpResponse<String> theirs =
                web.send(
                        HttpRequest.newBuilder(web.at("/api/v1/analytics/query"))
                                .header("Authorization", "Bearer them")
                                .POST(
                                        BodyPublishers.ofString(
                                                "{\"sql\":\"select count(*) from events\"}"))
                                .header("Content-Type", "application/json")
                                .build());
        assertThat(json(theirs).get("rows").toString()).isEqualTo("[[0]]");
    }

    @Test
    void a_query_is_answered_with_what_is_wrong_with_it() throws Exception {
        assertRefused(ask("selct 1", ""), 400, "QUERY_INVALID");
        assertRefused(ask("select * from read_csv('/etc/passwd')", ""), 403, "QUERY_NOT_ALLOWED");
        assertRefused(ask("select 1", ",\"limit\":0"), 400, "QUERY_LIMIT_INVALID");
    }

    @Test
    void a_source_is_made_once_under_one_idempotency_key() throws Exception {
        HttpResponse<String> made = source("once", "{\"name\":\"once\"}");
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(source("once", "{\"name\":\"once\"}").body()).isEqualTo(made.body());
        assertThat(source("once", "{\"name\":\"twice\"}").body())
                .contains("IDEMPOTENCY_KEY_REUSED");
    }

    private HttpResponse<String> source(String key, String json) throws Exception {
        return web.send(
                web.asAdmin("/api/v1/analytics/sources")
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .POST(BodyPublishers.ofString(json))
                        .build());
    }

    private JsonNode source(String name) throws Exception {
        HttpResponse<String> made =
                web.post("/api/v1/analytics/sources", "{\"name\":\"" + name + "\"}");
        assertThat(made.statusCode()).isEqualTo(201);
        return json(made);
    }

    /** Sends a body that is written with single quotes. */
    private HttpResponse<String> send(JsonNode source, String path, String body) throws Exception {
        return web.send(
                basic(source.get("writeKey").stringValue(), path)
                        .POST(BodyPublishers.ofString(body.replace('\'', '"')))
                        .build());
    }

    private HttpRequest.Builder basic(String key, String path) {
        String user =
                Base64.getEncoder().encodeToString((key + ":").getBytes(StandardCharsets.UTF_8));
        return HttpRequest.newBuilder(web.at(path)).header("Authorization", "Basic " + user);
    }

    private HttpResponse<String> ask(String sql, String more) throws Exception {
        return web.post("/api/v1/analytics/query", "{\"sql\":\"" + sql + "\"" + more + "}");
    }

    private JsonNode query(String sql) {
        try {
            return json(ask(sql, ""));
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private long number(String sql) {
        JsonNode value = query(sql).path("rows").path(0).path(0);
        return value.isNumber() ? value.longValue() : -1;
    }

    private JsonNode ledger() {
        try {
            return json(web.get("/api/v1/analytics/ledger"));
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static long grown(String term, JsonNode before, JsonNode after) {
        return after.get(term).longValue() - before.get(term).longValue();
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    private static byte[] gzip(String text) throws Exception {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static void assertRefused(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(json(response).get("code").stringValue()).isEqualTo(code);
    }
}
