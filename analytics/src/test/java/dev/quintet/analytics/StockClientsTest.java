package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.platform.Await;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.TroubledDisk;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stock client libraries send a thousand events each, of all calls, while the disk refuses, an
 * answer is lost and the server goes away: each event is there once, with what it said.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StockClientsTest {

    private static final int EVENTS = 1_000;
    private static final Instant BEGIN = Instant.parse("2025-03-30T00:30:00Z");
    private static final Path NODE = Path.of("src/test/node").toAbsolutePath();
    private static final Path PYTHON = Path.of("src/test/python").toAbsolutePath();

    private static final String SAID =
            """
            select type, user_id, anonymous_id, event, name, group_id, previous_id,
                epoch_ms(timestamp), epoch_ms(original_timestamp),
                coalesce(properties, traits)->>'$.n', coalesce(properties, traits)->>'$.price',
                coalesce(properties, traits)->>'$.word', context->>'$.locale',
                abs(epoch(received_at - sent_at)) < 300
            """;

    @TempDir static Path folder;

    private final LocalDisk real = new LocalDisk(2);
    private final TroubledDisk disk = new TroubledDisk(real);
    private TestDatabase database;
    private Rig rig;
    private TestWeb web;

    @BeforeAll
    void open() {
        database = TestDatabase.create("analytics");
        rig =
                new Rig(
                        folder,
                        database,
                        InstantSource.system(),
                        LocalEventLog.Bounds.DEFAULT,
                        inner -> disk,
                        Settings.defaults(AnalyticsConfig.class));
        rig.analytics.start();
        web = web(0);
    }

    private TestWeb web(int port) {
        return TestWeb.at(
                port,
                TestWeb::allRights,
                new SegmentRoutes(rig.analytics).routes(),
                new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        real.close();
        database.close();
    }

    @Test
    void analytics_node_loses_no_event_and_doubles_none() throws Exception {
        judge(
                "@segment/analytics-node",
                NODE.resolve("node_modules/@segment/analytics-node"),
                List.of("node", NODE.resolve("segment.js").toString()));
    }

    @Test
    void rudder_sdk_node_loses_no_event_and_doubles_none() throws Exception {
        judge(
                "@rudderstack/rudder-sdk-node",
                NODE.resolve("node_modules/@rudderstack/rudder-sdk-node"),
                List.of("node", NODE.resolve("rudder.js").toString()));
    }

    @Test
    void segment_analytics_python_loses_no_event_and_doubles_none() throws Exception {
        judge(
                "segment-analytics-python",
                library(),
                List.of(
                        PYTHON.resolve(".venv/bin/python").toString(),
                        PYTHON.resolve("sender.py").toString()));
    }

    /** An environment that was made for PyIceberg alone does not have it. */
    private static Path library() throws IOException {
        Path environment = PYTHON.resolve(".venv/lib");
        if (!Files.exists(environment)) {
            return environment;
        }
        try (Stream<Path> versions = Files.list(environment)) {
            return versions.findFirst()
                    .orElse(environment)
                    .resolve("site-packages/segment/analytics");
        }
    }

    private void judge(String library, Path installed, List<String> sender) throws Exception {
        if (!Files.exists(installed)) {
            System.out.println("SKIPPED: " + library + ": .ci/run installs it");
        }
        assumeTrue(Files.exists(installed), library + " is not installed");
        JsonNode source =
                json(web.post("/api/v1/analytics/sources", json(Map.of("name", library))));
        awaitLoaded();
        JsonNode before = ledger();

        sendThroughTrouble(sender, source.get("writeKey").stringValue());

        awaitLoaded();
        String where = " from events where source = '" + source.get("id").stringValue() + "'";
        assertThat(rows("select count(*), count(distinct message_id)" + where))
                .containsExactly("1000,1000");
        assertThat(rows(SAID + where + " order by timestamp"))
                .containsExactlyElementsOf(
                        IntStream.range(0, EVENTS).mapToObj(StockClientsTest::said).toList());
        JsonNode after = ledger();
        long duplicate = grown("duplicate", before, after);
        assertThat(duplicate).as("of the answer that was lost").isPositive();
        assertThat(grown("received", before, after)).isEqualTo(EVENTS + duplicate);
        assertThat(grown("stored", before, after)).isEqualTo(EVENTS);
        assertThat(grown("rejected", before, after)).isZero();
    }

    private void awaitLoaded() {
        Await.until("all is loaded", () -> ledger().get("pending").longValue() == 0);
    }

    /**
     * The disk confirms nothing at first; the third good answer is lost, so that its events come
     * again; then the server is gone until two have been turned away. Ends when the sender has.
     */
    private void sendThroughTrouble(List<String> sender, String writeKey)
            throws IOException, InterruptedException {
        Path told = folder.resolve("told.txt");
        long refused = refused();
        disk.breakDown();
        try (LostAnswer way = new LostAnswer(web.port(), 3)) {
            Process process =
                    new ProcessBuilder(with(sender, way.url(), writeKey))
                            .redirectErrorStream(true)
                            .redirectOutput(told.toFile())
                            .start();
            try {
                Await.until("the disk has refused", () -> refused() > refused);
                disk.mend();
                Await.until("an answer is lost", way::isAway);
                int port = web.port();
                web.close();
                Await.until("the sender is turned away", () -> way.turnedAway() >= 2);
                web = web(port);
                way.mend();
                assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("it ends").isTrue();
                assertThat(process.exitValue()).as(Files.readString(told)).isZero();
            } finally {
                disk.mend();
                process.destroyForcibly();
            }
        }
    }

    private static List<String> with(List<String> sender, String url, String writeKey) {
        return Stream.concat(sender.stream(), Stream.of(url, writeKey)).toList();
    }

    private long refused() {
        return web.seen().stream()
                .filter(seen -> seen.refusal().stream().anyMatch("EVENT_LOG_FAILED"::equals))
                .count();
    }

    /** The event with that number, by the rule of calls.js. */
    private static String said(int n) {
        String ids =
                switch (n % 6) {
                    case 0 -> "track,u%1$d,a%1$d,Bought,-,-,-";
                    case 1 -> "identify,u%1$d,a%1$d,-,-,-,-";
                    case 2 -> "page,u%1$d,a%1$d,-,Cart,-,-";
                    case 3 -> "screen,u%1$d,a%1$d,-,Cart,-,-";
                    case 4 -> "group,u%1$d,a%1$d,-,-,g%1$d,-";
                    default -> "alias,u%1$d,-,-,-,-,p%1$d";
                };
        String more = n % 6 == 5 ? "-,-,-" : "%1$d,1.5,Grüße 😀";
        return (ids + ",%2$d,%2$d," + more + ",de-AT,true")
                .formatted(n, BEGIN.plusSeconds(n).toEpochMilli());
    }

    private List<String> rows(String sql) throws Exception {
        JsonNode answer = json(web.post("/api/v1/analytics/query", json(Map.of("sql", sql))));
        return answer.get("rows").valueStream().map(StockClientsTest::line).toList();
    }

    private static String line(JsonNode row) {
        return row.valueStream()
                .map(value -> value.isNull() ? "-" : value.asString())
                .collect(Collectors.joining(","));
    }

    private JsonNode ledger() {
        try {
            return json(web.get("/api/v1/analytics/ledger"));
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    private static long grown(String term, JsonNode before, JsonNode after) {
        return after.get(term).longValue() - before.get(term).longValue();
    }

    private static String json(Map<String, String> body) {
        return new String(Json.write(body), StandardCharsets.UTF_8);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return JsonMapper.shared().readTree(answer.body());
    }
}
