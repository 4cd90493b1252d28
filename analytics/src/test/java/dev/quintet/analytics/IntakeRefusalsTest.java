package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.TroubledDisk;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What every address of the Segment API says to what it cannot take, on a disk in trouble too. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IntakeRefusalsTest {

    // What may wait for the disk is one request of three kilobytes.
    private static final LocalEventLog.Bounds SMALL =
            new LocalEventLog.Bounds(
                    DataSize.mebibytes(1), DataSize.kibibytes(4), DataSize.kibibytes(4));

    @TempDir static Path folder;

    private final LocalDisk real = new LocalDisk(2);
    private final TroubledDisk disk = new TroubledDisk(real);
    private TestDatabase database;
    private Rig rig;
    private TestWeb web;
    private List<Route> intake = List.of();
    private String writeKey = "";

    @BeforeAll
    void open() throws Exception {
        database = TestDatabase.create("analytics");
        rig =
                new Rig(
                        folder,
                        database,
                        InstantSource.system(),
                        SMALL,
                        inner -> disk,
                        Settings.defaults(AnalyticsConfig.class));
        Routes segment = new SegmentRoutes(rig.analytics).routes();
        intake = segment.routes().stream().filter(IntakeRefusalsTest::takesEvents).toList();
        web = TestWeb.of(segment, new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
        writeKey =
                json(web.post("/api/v1/analytics/sources", "{\"name\":\"s\"}"))
                        .get("writeKey")
                        .stringValue();
    }

    @AfterEach
    void mend() {
        disk.mend();
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        real.close();
        database.close();
    }

    /** A good request of a route, with more members in its event. */
    private static String good(Route route, String more) {
        String event =
                "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"previousId\":\"p\",\"groupId\":\"g\",\"name\":\"n\""
                        + more
                        + "}";
        return takesMany(route) ? "{\"batch\":[" + event + "]}" : event;
    }

    private static boolean takesEvents(Route route) {
        return route.refusals().contains(AnalyticsRefusal.WRITE_KEY_UNKNOWN);
    }

    private static boolean takesMany(Route route) {
        return route.refusals().contains(AnalyticsRefusal.EVENTS_TOO_MANY);
    }

    private HttpResponse<String> send(Route route, String key, String body) {
        String user =
                Base64.getEncoder().encodeToString((key + ":").getBytes(StandardCharsets.UTF_8));
        try {
            return web.send(
                    HttpRequest.newBuilder(web.at(route.path().text()))
                            .header("Authorization", "Basic " + user)
                            .POST(BodyPublishers.ofString(body))
                            .build());
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    private void refused(Route route, String body, int status, String code) {
        HttpResponse<String> answer = send(route, writeKey, body);
        assertThat(answer.statusCode()).as(route.name() + answer.body()).isEqualTo(status);
        assertThat(json(answer).get("code").stringValue()).as(route.name()).isEqualTo(code);
    }

    @Test
    void each_address_takes_what_is_good_and_names_what_is_not() {
        for (Route route : intake) {
            assertThat(send(route, writeKey, good(route, "")).body())
                    .as(route.name())
                    .isEqualTo("{\"success\":true}");
            assertThat(send(route, "wk_wrong", good(route, "")).statusCode()).isEqualTo(401);
            refused(route, "{", 400, "EVENTS_MALFORMED");
            if (takesMany(route)) {
                refused(route, "{\"batch\":[" + "1,".repeat(2_500) + "1]}", 413, "EVENTS_TOO_MANY");
            } else {
                refused(route, "{\"type\":\"track\"}", 400, "EVENT_INVALID");
            }
        }
    }

    @Test
    void a_small_packed_body_that_unpacks_to_too_much_is_refused() throws Exception {
        byte[] bomb = packed(" ".repeat(600_000));
        for (Route route : intake) {
            HttpResponse<String> answer =
                    web.send(
                            HttpRequest.newBuilder(web.at(route.path().text()))
                                    .header("Content-Encoding", "gzip")
                                    .POST(BodyPublishers.ofByteArray(bomb))
                                    .build());
            assertThat(json(answer).get("code").stringValue())
                    .as(route.name())
                    .isEqualTo("EVENTS_TOO_LARGE");
        }
    }

    @Test
    void a_body_in_any_other_coding_or_in_too_many_is_refused_by_it() throws Exception {
        for (String coding : List.of("compress", "gzip, snappy", "gzip, br, gzip", "*")) {
            HttpResponse<String> answer =
                    web.send(
                            HttpRequest.newBuilder(web.at("/v1/batch"))
                                    .header("Content-Encoding", coding)
                                    .POST(BodyPublishers.ofString("{}"))
                                    .build());
            assertThat(answer.statusCode()).as(coding).isEqualTo(415);
            assertThat(answer.headers().firstValue("Accept-Encoding"))
                    .hasValue("br, gzip, deflate, zstd, identity");
            assertThat(answer.body()).contains("WRONG_CONTENT_CODING", coding);
        }
    }

    private static byte[] packed(String text) throws IOException {
        var packed = new java.io.ByteArrayOutputStream();
        try (var out = new java.util.zip.GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    @Test
    void while_the_disk_hangs_little_may_wait_and_the_rest_is_refused_at_once() {
        String padding = ",\"properties\":{\"x\":\"" + "x".repeat(2_500) + "\"}";
        Route first = intake.getFirst();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            disk.hang();
            // One is being written, one waits behind it.
            List.of(1, 2)
                    .forEach(n ->
                            senders.execute(() -> send(first, writeKey, good(first, padding))));
            Await.until(
                    "no more may wait",
                    () -> {
                        senders.execute(() -> send(first, writeKey, good(first, padding)));
                        return web.seen().stream()
                                .anyMatch(seen ->
                                        seen.refusal().stream().anyMatch("EVENT_LOG_BUSY"::equals));
                    });
            for (Route route : intake) {
                refused(route, good(route, padding), 503, "EVENT_LOG_BUSY");
            }
            disk.mend();
        }
        assertThat(send(first, writeKey, good(first, padding)).statusCode()).isEqualTo(200);
    }

    @Test
    void what_the_disk_did_not_confirm_was_not_taken() {
        for (Route route : intake) {
            disk.breakDown();
            refused(route, good(route, ""), 503, "EVENT_LOG_FAILED");
            disk.mend();
            assertThat(send(route, writeKey, good(route, "")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_full_disk_takes_no_event() {
        disk.fill();
        Route first = intake.getFirst();
        // The guard looks once a second.
        Await.until("it is seen", () -> send(first, writeKey, good(first, "")).statusCode() == 503);
        for (Route route : intake) {
            refused(route, good(route, ""), 503, "DISK_FULL");
        }
        disk.mend();
        Await.until(
                "there is room again",
                () -> send(first, writeKey, good(first, "")).statusCode() == 200);
    }

    @Test
    void a_source_has_a_name_and_there_is_an_end_to_them() throws Exception {
        assertThat(json(web.post("/api/v1/analytics/sources", "{\"name\":\"\"}")).get("code"))
                .hasToString("\"SOURCE_NAME_INVALID\"");
        try (TestDatabase many = TestDatabase.create("analytics");
                Rig full =
                        new Rig(
                                folder.resolve("full"),
                                many,
                                InstantSource.system(),
                                LocalEventLog.Bounds.DEFAULT);
                TestWeb door =
                        TestWeb.of(
                                new AnalyticsRoutes(full.analytics, full.idempotency()).routes())) {
            many.database()
                    .run(tx ->
                            tx.handle()
                                    .execute(
                                            """
                                            insert into analytics.sources (id, organisation, name, write_key_hash, created_at)
                                            select gen_random_uuid(), gen_random_uuid(), 'n', sha256(n::text::bytea), now()
                                            from generate_series(1, ?) n
                                            """,
                                            Sources.MOST));
            HttpResponse<String> refused =
                    door.post("/api/v1/analytics/sources", "{\"name\":\"one more\"}");
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(json(refused).get("code").stringValue()).isEqualTo("SOURCES_FULL");
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
