package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What pages of other origins may send and read, and what they ask first. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BrowserIntakeTest {

    private static final String SHOP = "https://shop.example";
    private static final String OTHER = "https://other.example";
    private static final String SOURCES = "/api/v1/analytics/sources";

    @TempDir static Path folder;

    private TestDatabase database;
    private Rig rig;
    private TestWeb web;
    private List<Route> segment = List.of();

    @BeforeAll
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, InstantSource.system());
        Routes routes = new SegmentRoutes(rig.analytics).routes();
        segment = routes.routes();
        web = TestWeb.of(routes, new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        database.close();
    }

    @Test
    void a_page_of_any_origin_may_ask_the_intake_and_none_the_api() throws Exception {
        for (Route route : segment) {
            HttpResponse<String> answer =
                    preflight(route.path().text().replace("{writeKey}", "wk_x"), route.method());
            assertThat(answer.statusCode()).as(route.name()).isEqualTo(204);
            assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(header(answer, "Access-Control-Allow-Methods")).contains(route.method());
            assertThat(header(answer, "Access-Control-Allow-Headers"))
                    .isEqualTo("authorization,x-retry-count");
            assertThat(header(answer, "Access-Control-Max-Age")).isEqualTo("86400");
            assertThat(header(answer, "Vary")).isEqualTo("Origin");
            assertThat(answer.headers().map())
                    .doesNotContainKey("access-control-allow-credentials");
        }
        for (String path : List.of(SOURCES, "/api/v1/analytics/query")) {
            assertThat(preflight(path, "POST").headers().map())
                    .doesNotContainKey("access-control-allow-origin");
        }
    }

    private HttpResponse<String> preflight(String path, String method) throws Exception {
        return web.send(
                HttpRequest.newBuilder(web.at(path))
                        .header("Origin", OTHER)
                        .header("Access-Control-Request-Method", method)
                        .header("Access-Control-Request-Headers", "authorization,x-retry-count")
                        .method("OPTIONS", BodyPublishers.noBody())
                        .build());
    }

    @Test
    void a_source_takes_events_from_its_own_pages_and_from_whoever_is_no_page() throws Exception {
        String key = source("[\"https://shop.example\",\"http://localhost:3000\"]");
        for (Route route : segment) {
            if (!route.refusals().contains(AnalyticsRefusal.ORIGIN_NOT_ALLOWED)) {
                continue;
            }
            String path = route.path().text();
            long received = rig.ledger().received();
            for (String stranger :
                    List.of(OTHER, "null", SHOP + ".other.example", SHOP + ":8443")) {
                HttpResponse<String> answer = send(path, key, stranger);
                assertThat(answer.statusCode()).as(path).isEqualTo(403);
                assertThat(answer.body()).contains("ORIGIN_NOT_ALLOWED", stranger);
                // A client that could not read it would send it again and again.
                assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
            }
            assertThat(rig.ledger().received()).isEqualTo(received);
            for (String own : List.of(SHOP, "http://localhost:3000", "")) {
                HttpResponse<String> answer = send(path, key, own);
                assertThat(answer.statusCode()).as(path + answer.body()).isEqualTo(200);
            }
            assertThat(rig.ledger().received()).isEqualTo(received + 3);
        }
    }

    @Test
    void a_source_may_take_all_pages_or_none() throws Exception {
        assertThat(send("/v1/t", source("[\"*\"]"), OTHER).statusCode()).isEqualTo(200);
        assertThat(send("/v1/t", source("[\"*\"]"), "null").statusCode()).isEqualTo(200);
        assertThat(send("/v1/t", source("[]"), OTHER).statusCode()).isEqualTo(403);
        assertThat(send("/v1/t", source("[]"), "").statusCode()).isEqualTo(200);
    }

    /** As a beacon: text, and the key in the body. */
    private HttpResponse<String> send(String path, String key, String origin) throws Exception {
        String event =
                "\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"previousId\":\"p\",\"groupId\":\"g\",\"name\":\"n\"";
        boolean many = path.matches("/v1/(b|batch|import/?)");
        String body =
                "{\"writeKey\":\""
                        + key
                        + "\","
                        + (many ? "\"batch\":[{" + event + "}]" : event)
                        + "}";
        HttpRequest.Builder request =
                HttpRequest.newBuilder(web.at(path))
                        .header("Content-Type", "text/plain;charset=UTF-8")
                        .POST(BodyPublishers.ofString(body));
        return web.send(
                origin.isEmpty() ? request.build() : request.header("Origin", origin).build());
    }

    @Test
    void a_known_key_is_told_where_to_send_and_an_unknown_one_is_not() throws Exception {
        String key = source("[\"https://shop.example\"]");
        HttpResponse<String> answer = settings(key);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(header(answer, "Cache-Control")).isEqualTo("public, max-age=60");
        JsonNode ours = json(answer).get("integrations");
        assertThat(ours.propertyNames()).containsExactly("Segment.io");
        JsonNode segmentIo = ours.get("Segment.io");
        assertThat(segmentIo.get("apiKey").stringValue()).isEqualTo(key);
        assertThat(segmentIo.get("apiHost").stringValue())
                .isEqualTo(web.base().getAuthority() + "/v1");
        assertThat(segmentIo.get("protocol").stringValue()).isEqualTo("http");
        assertThat(json(answer).get("plan").get("track").get("__default").get("enabled"))
                .hasToString("true");

        HttpResponse<String> unknown = settings("wk_nobodys");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("SETTINGS_UNKNOWN");
        assertThat(header(unknown, "Access-Control-Allow-Origin")).isEqualTo("*");
    }

    private HttpResponse<String> settings(String key) throws Exception {
        return web.send(
                HttpRequest.newBuilder(web.at("/v1/projects/" + key + "/settings"))
                        .header("Origin", OTHER)
                        .build());
    }

    @Test
    void what_the_library_counts_of_itself_is_taken_and_forgotten() throws Exception {
        long received = rig.ledger().received();
        HttpResponse<String> answer =
                web.send(
                        HttpRequest.newBuilder(web.at("/v1/m"))
                                .header("Origin", OTHER)
                                .header("Content-Type", "text/plain")
                                .POST(
                                        BodyPublishers.ofString(
                                                "{\"series\":[{\"type\":\"Counter\",\"metric\":\"analytics_js.invoke\"}]}"))
                                .build());
        assertThat(answer.body()).isEqualTo("{\"success\":true}");
        assertThat(rig.ledger().received()).isEqualTo(received);
    }

    private String source(String origins) throws Exception {
        HttpResponse<String> made =
                web.post(SOURCES, "{\"name\":\"page\",\"allowedOrigins\":" + origins + "}");
        return json(made).get("writeKey").stringValue();
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("none");
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
