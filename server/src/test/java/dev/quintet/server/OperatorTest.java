package dev.quintet.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.quintet.platform.Await;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.StartRefused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What whoever runs the server meets: the way in, the pages, the overview, the description. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OperatorTest {

    @TempDir static Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> spans = new CopyOnWriteArrayList<>();
    private HttpServer collector;
    private LiveServer server;

    @BeforeAll
    void open() throws Exception {
        collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", this::collect);
        collector.start();
        String traces = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";
        server = LiveServer.start(data, Map.of("QUINTET_TELEMETRY_OTLP_URL", traces));
    }

    @AfterAll
    void close() {
        client.close();
        server.close();
        collector.stop(0);
    }

    private void collect(HttpExchange exchange) throws IOException {
        try (exchange) {
            spans.add(new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
        }
    }

    @Test
    void the_load_of_the_launchers_training_run_is_answered_in_all_systems() throws Exception {
        assertThat(
                        TrainingLoad.run(
                                server.quintet().address(),
                                server.adminKey(),
                                Duration.ofMillis(200)))
                .isPositive();
    }

    @Test
    void a_request_is_a_span_of_its_callers_trace_named_by_its_route() throws Exception {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        String path = "/api/v1/people/psn_nobody";
        send(
                server.adminKey(),
                "GET",
                path,
                "",
                Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));
        String inOtlp = new String(HexFormat.of().parseHex(trace), ISO_8859_1);
        Await.until(
                "the collector has it", () -> spans.stream().anyMatch(one -> one.contains(inOtlp)));
        assertThat(spans).noneMatch(one -> one.contains("psn_nobody"));
        assertThat(spans).anyMatch(one -> one.contains("GET /api/v1/people/{"));
    }

    private HttpResponse<String> send(
            String bearer, String method, String path, String json, Map<String, String> headers)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.at(path))
                        .method(
                                method,
                                json.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(json));
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String bearer, String path) throws Exception {
        return send(bearer, "GET", path, "", Map.of());
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    @Test
    void a_console_link_opens_the_console_once_and_shows_all_five_systems() throws Exception {
        QuintetConfig config = QuintetConfig.load(Optional.empty(), Map.of(), Map.of());
        String link = Offline.consoleLink(config, data).replaceAll(".*#link=", "");
        SecretWatch.made(link);
        String body = "{\"link\":\"" + link + "\"}";
        JsonNode session = json(send("", "POST", "/console/session", body, Map.of()));
        String token = session.get("access_token").asString();
        JsonNode overview = json(get(token, "/api/v1/overview"));
        assertThat(overview.get("systems").findValuesAsString("name"))
                .contains("auth", "notify", "chat", "files", "analytics");
        HttpResponse<String> again = send("", "POST", "/console/session", body, Map.of());
        assertThat(again.statusCode()).isEqualTo(403);
        assertThat(again.body()).contains("\"LINK_NOT_VALID\"");
    }

    @Test
    void the_pages_and_all_that_they_name_are_there() throws Exception {
        for (String path :
                List.of(
                        "/console",
                        "/console/console.js",
                        "/demo",
                        "/demo/demo.js",
                        "/login/page.css",
                        "/shared/page.css",
                        "/shared/clients.json",
                        "/vendor/lit/3.3.3/index.js")) {
            assertThat(get("", path).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(json(get(server.adminKey(), "/demo/meter")).has("received")).isTrue();
    }

    @Test
    void the_metrics_hold_pools_the_outbox_and_what_waits_for_slow_clients() throws Exception {
        assertThat(metricsWithAReading())
                .contains("db_connections_busy{pool=\"interactive\"} ")
                .contains("db_connections_busy{pool=\"background\"} ")
                .contains("http_permits_busy{lane=\"streams\"} ")
                .contains("http_requests_open ")
                .contains("http_waiting_bytes{what=\"sockets\"} ")
                .contains("http_clients_cut_total{what=\"sockets\"} ")
                .contains("chat_sockets_slow_total ")
                .containsPattern("outbox_lag_seconds [0-9]")
                .containsPattern("outbox_parked [0-9]")
                .containsPattern("outbox_parked_given_up [0-9]")
                .containsPattern("event_log_cut_bytes [0-9]");
    }

    private String metricsWithAReading() {
        AtomicReference<String> metrics = new AtomicReference<>("");
        Await.until(
                "the outbox is looked at",
                () -> {
                    metrics.set(scrape());
                    return !metrics.get().contains("outbox_lag_seconds NaN");
                });
        return metrics.get();
    }

    private String scrape() {
        try {
            return get(server.adminKey(), "/metrics").body();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void settings_that_cannot_work_are_refused_by_name_before_anything_is_stored() {
        for (Map<String, String> wrong :
                List.of(
                        Map.of("QUINTET_URL", "ftp://x"),
                        Map.of("QUINTET_URL", "http://h/path?x=1"),
                        Map.of("QUINTET_NOTIFY_SMTP_URL", "http://x"),
                        Map.of(
                                "QUINTET_NOTIFY_SMTP_URL", "smtp://x",
                                "QUINTET_NOTIFY_SMTP_FROM", "no address"),
                        Map.of("QUINTET_DATABASE_URL", "mysql://x"))) {
            assertThatThrownBy(() -> QuintetConfig.load(Optional.empty(), wrong, Map.of()))
                    .as("%s", wrong)
                    .isInstanceOf(StartRefused.class);
        }
    }

    @Test
    void a_data_directory_that_is_none_is_refused_by_name() throws Exception {
        QuintetConfig config = QuintetConfig.load(Optional.empty(), Map.of(), Map.of());
        Path file = java.nio.file.Files.createFile(data.resolve("a-file"));
        assertThatThrownBy(() -> Ground.open(config, file))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("a-file")
                .hasMessageContaining("--data");
    }

    @Test
    void the_description_names_each_route_of_the_api() throws Exception {
        JsonNode paths = json(get("", "/api/v1/openapi.json")).get("paths");
        assertThat(server.quintet().routes())
                .filteredOn(route -> route.path().text().startsWith("/api/v1/"))
                .isNotEmpty()
                .allSatisfy(route ->
                        assertThat(
                                        paths.path(route.path().text().replace("...}", "}"))
                                                .has(
                                                        route.method()
                                                                .toLowerCase(
                                                                        java.util.Locale.ROOT)))
                                .as(route.name())
                                .isTrue());
    }

    @Test
    void an_idempotency_key_means_one_request_in_the_whole_server() throws Exception {
        Map<String, String> once = Map.of("Idempotency-Key", "one-request");
        String user = "{\"email\":\"once@quintet.test\",\"name\":\"Once\"}";
        assertThat(send(server.adminKey(), "POST", "/api/v1/users", user, once).statusCode())
                .isEqualTo(201);
        HttpResponse<String> other =
                send(server.adminKey(), "POST", "/api/v1/files/access-keys", "{}", once);
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body()).contains("\"IDEMPOTENCY_KEY_REUSED\"");
    }

    @Test
    void a_server_is_ready_when_it_says_so() {
        Await.until(
                "it is ready",
                () -> {
                    try {
                        return get("", "/health/ready").statusCode() == 200;
                    } catch (Exception failure) {
                        throw new AssertionError(failure);
                    }
                });
    }
}
