package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpConfig.ForwardedHeader.FORWARDED;
import static dev.quintet.platform.http.HttpConfig.ForwardedHeader.X_FORWARDED_FOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.LogLines;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.StartRefused;
import dev.quintet.platform.config.Settings;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What lies between a handler and the wire: ranges, compression, origins, cookies, bounds. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EdgeTest {

    record Root(HttpConfig http) {}

    record Nothing() {}

    private static final String LONG = "Quintet ".repeat(1000);

    private static final Routes THINGS =
            Routes.of(
                    "things",
                    Route.get("/api/v1/things")
                            .open("a test")
                            .query("limit", "a test")
                            .by(request -> Response.text("" + request.query("limit"))));

    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final TestWeb web =
            new TestWeb(
                    config(
                            "http.bodyTimeout", "300ms",
                            "http.corsOrigins", "https://app.example",
                            "http.h2c", "true",
                            "http.trustedProxies", "127.0.0.1",
                            "http.lanes.queries", "1",
                            "http.lanes.patience", "100ms"),
                    TestWeb::allRights,
                    THINGS,
                    Routes.of(
                            "test",
                            Route.get("/content")
                                    .open("a test")
                                    .by(request ->
                                            Response.ranged(
                                                    Content.bytes(
                                                            "0123456789"
                                                                    .getBytes(
                                                                            StandardCharsets
                                                                                    .US_ASCII),
                                                            "text/plain",
                                                            "v1"))),
                            Route.get("/dated")
                                    .open("a test")
                                    .by(request ->
                                            Response.ranged(
                                                    new Content(
                                                            1,
                                                            "text/plain",
                                                            Optional.of("v1"),
                                                            Optional.of(
                                                                    Instant.parse(
                                                                            "2026-02-01T00:00:00Z")),
                                                            (offset, length, to) ->
                                                                    to.write(
                                                                            ByteBuffer.wrap(
                                                                                    new byte
                                                                                            [1]))))),
                            Route.post("/json")
                                    .open("a test")
                                    .takes(Nothing.class)
                                    .by(request ->
                                            Response.text(request.json(Nothing.class).toString())),
                            Route.post("/urlencoded")
                                    .open("a test")
                                    .takesBytes(
                                            DataSize.kibibytes(1),
                                            "application/x-www-form-urlencoded")
                                    .by(request -> Response.text("" + request.form())),
                            Route.get("/echo-path/{n}")
                                    .open("a test")
                                    .by(request -> Response.text("n=" + request.path("n") + "!")),
                            Route.get("/long")
                                    .open("a test")
                                    .by(request -> Response.json(Map.of("text", LONG))),
                            Route.get("/who")
                                    .open("a test")
                                    .by(request ->
                                            Response.text(
                                                    request.head().client()
                                                            + ' '
                                                            + request.head().origin())),
                            Route.put("/echo")
                                    .open("a test")
                                    .takesBytes(DataSize.kibibytes(64))
                                    .by(request -> Response.text("got " + request.bytes().length)),
                            Route.get("/query")
                                    .open("a test")
                                    .lane(Lane.QUERIES)
                                    .by(request -> {
                                        entered.countDown();
                                        assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
                                        return Response.text("done");
                                    })),
                    Routes.of(
                                    "pages",
                                    Route.post("/form")
                                            .open("a test")
                                            .by(request ->
                                                    Response.text("in")
                                                            .cookie(
                                                                    Cookie.of(
                                                                            "sid",
                                                                            "1",
                                                                            Duration.ofHours(1),
                                                                            request.head()
                                                                                    .https()))))
                            .withCookies(),
                    Routes.of(
                                    "for all pages",
                                    Route.get("/beacon/{key}/settings")
                                            .open("a test")
                                            .hidesPath()
                                            .by(request -> Response.text(request.path("key"))))
                            .withAllPages());

    @AfterAll
    void close() {
        gate.countDown();
        web.close();
    }

    @Test
    void a_port_that_is_taken_is_said_in_a_sentence() {
        Routes none = Routes.of("test");
        assertThatThrownBy(() -> web.web().open("127.0.0.1", web.port(), none))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith("cannot listen at 127.0.0.1:" + web.port())
                .hasMessageContaining("Address already in use");
    }

    @Test
    void one_range_is_answered_by_that_part() throws Exception {
        range("bytes=2-4", 206, "234", "bytes 2-4/10");
        range("bytes=7-", 206, "789", "bytes 7-9/10");
        range("bytes=-3", 206, "789", "bytes 7-9/10");
        range("bytes=8-99", 206, "89", "bytes 8-9/10");
        range("bytes=0-0", 206, "0", "bytes 0-0/10");
        range("BYTES=0-1", 206, "01", "bytes 0-1/10");
        range("bytes=8-99999999999999999999", 206, "89", "bytes 8-9/10");
        range("bytes=-99999999999999999999", 206, "0123456789", "bytes 0-9/10");
    }

    @Test
    void a_range_that_is_none_or_several_is_answered_with_the_whole() throws Exception {
        for (String range :
                List.of("bytes=4-2", "bytes=1-2,4-5", "lines=1-2", "bytes=-", "bytes=a-")) {
            range(range, 200, "0123456789", "");
        }
    }

    @Test
    void a_range_behind_the_end_is_refused_with_the_length() throws Exception {
        HttpResponse<String> answer = ask("/content", "Range", "bytes=10-");
        assertThat(answer.statusCode()).isEqualTo(416);
        assertThat(answer.headers().firstValue("Content-Range")).hasValue("bytes */10");
        assertThat(answer.body()).contains("RANGE_NOT_SATISFIABLE");
        assertThat(ask("/content", "Range", "bytes=-0").statusCode()).isEqualTo(416);
        assertThat(ask("/content", "Range", "bytes=99999999999999999999-").statusCode())
                .isEqualTo(416);
    }

    @Test
    void if_range_gives_the_part_of_the_same_content_only() throws Exception {
        assertThat(ask("/content", "Range", "bytes=2-4", "If-Range", "\"v1\"").body())
                .isEqualTo("234");
        assertThat(ask("/content", "Range", "bytes=2-4", "If-Range", "\"v0\"").body())
                .isEqualTo("0123456789");
        assertThat(ask("/content", "Range", "bytes=2-4", "If-Range", "W/\"v1\"").body())
                .isEqualTo("0123456789");
        assertThat(ask("/content", "Range", "bytes=99-", "If-Range", "\"v0\"").statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_read_is_held_against_its_conditions_in_the_order_of_the_rfc() throws Exception {
        condition(200, "If-Match", "\"v1\"");
        condition(200, "If-Match", "\"v0\", \"v1\"");
        condition(200, "If-Match", "*");
        condition(412, "If-Match", "\"v0\"");
        condition(412, "If-Match", "W/\"v1\"");
        condition(412, "If-Match", "\"v0\"", "If-None-Match", "\"v1\"");
        condition(304, "If-Match", "\"v1\"", "If-None-Match", "\"v1\"");
        condition(304, "If-None-Match", "\"v1\"");
        condition(304, "If-None-Match", "W/\"v1\"");
        condition(304, "If-None-Match", "*");
        condition(200, "If-None-Match", "\"v0\"");
        // Conditions go before the range (RFC 9110 section 13.2.2).
        condition(304, "If-None-Match", "\"v1\"", "Range", "bytes=99-");
        condition(412, "If-Match", "\"v0\"", "Range", "bytes=99-");
        condition(412, "If-Unmodified-Since", "Thu, 01 Jan 2026 00:00:00 GMT");
        condition(200, "If-Unmodified-Since", "Sun, 01 Mar 2026 00:00:00 GMT");
        condition(200, "If-Unmodified-Since", "no date");
        condition(304, "If-Modified-Since", "Sun, 01 Mar 2026 00:00:00 GMT");
    }

    private void condition(int status, String... headers) throws Exception {
        for (String method : List.of("GET", "HEAD")) {
            assertThat(
                            web.send(
                                            HttpRequest.newBuilder(web.at("/dated"))
                                                    .method(method, BodyPublishers.noBody())
                                                    .headers(headers)
                                                    .build())
                                    .statusCode())
                    .as(method + " " + List.of(headers))
                    .isEqualTo(status);
        }
    }

    @Test
    void a_coded_json_body_or_form_is_refused_by_its_coding() throws Exception {
        for (String type : List.of("application/json", "application/x-www-form-urlencoded")) {
            String path = type.endsWith("json") ? "/json" : "/urlencoded";
            HttpResponse<String> answer = coded(path, type, "gzip");
            assertThat(answer.statusCode()).as(type).isEqualTo(415);
            assertThat(answer.headers().firstValue("Accept-Encoding")).hasValue("identity");
            assertThat(answer.body()).contains("WRONG_CONTENT_CODING", "'gzip'");
            assertThat(coded(path, type, "identity").statusCode()).isEqualTo(200);
        }
    }

    private HttpResponse<String> coded(String path, String type, String coding) throws Exception {
        return web.send(
                HttpRequest.newBuilder(web.at(path))
                        .headers("Content-Type", type, "Content-Encoding", coding)
                        .POST(BodyPublishers.ofString("{}"))
                        .build());
    }

    @Test
    void a_long_json_is_compressed_and_the_observer_sees_it_plain() throws Exception {
        HttpResponse<byte[]> answer =
                web.client()
                        .send(
                                HttpRequest.newBuilder(web.at("/long"))
                                        .header("Accept-Encoding", "gzip")
                                        .build(),
                                BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        String json = "{\"text\":\"" + LONG + "\"}";
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(json);
        }
        assertThat(ask("/long", "Accept-Encoding", "gzip;q=0").body()).isEqualTo(json);
        assertThat(web.seen())
                .filteredOn(seen -> seen.route().map(Route::name).equals(Optional.of("GET /long")))
                .allMatch(seen -> seen.body().equals(Optional.of(json)));
    }

    @Test
    void only_pages_of_named_origins_may_call() throws Exception {
        HttpResponse<String> preflight = preflight("https://app.example");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                .hasValue("https://app.example");
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Methods"))
                .hasValue("OPTIONS, PUT");
        assertThat(preflight("https://evil.example").headers().map())
                .doesNotContainKey("access-control-allow-origin")
                .doesNotContainKey("access-control-allow-methods");
        assertThat(ask("/who", "Origin", "https://app.example").headers().map())
                .containsKey("access-control-allow-origin");
    }

    @Test
    void routes_for_all_pages_may_be_asked_by_any_and_read_when_they_refuse() throws Exception {
        HttpResponse<String> preflight = preflight("/beacon/k/settings", "https://evil.example");
        assertThat(preflight.headers().map())
                .containsEntry("access-control-allow-origin", List.of("*"))
                .containsEntry("access-control-allow-methods", List.of("GET, HEAD, OPTIONS"))
                .doesNotContainKey("access-control-allow-credentials");
        HttpResponse<String> refused =
                web.send(
                        HttpRequest.newBuilder(web.at("/beacon/k/settings"))
                                .header("Origin", "null")
                                .DELETE()
                                .build());
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
        assertThat(ask("/beacon/k/settings").headers().firstValue("Access-Control-Allow-Origin"))
                .as("a cache may keep it for a page")
                .hasValue("*");
    }

    @Test
    void the_access_line_of_a_path_that_holds_a_secret_tells_its_template() throws Exception {
        try (LogLines lines = LogLines.of("access")) {
            String secret = SecretWatch.made("a-key-in-an-address");
            ask("/beacon/" + secret + "/settings");
            ask("/%62eacon/" + secret + "/settings");
            preflight("/beacon/" + secret + "/settings", "https://evil.example");
            web.send(
                    HttpRequest.newBuilder(web.at("/beacon/" + secret + "/settings"))
                            .DELETE()
                            .build());
            Await.until(
                    "all are told",
                    () ->
                            lines.events().stream()
                                            .map(ILoggingEvent::getFormattedMessage)
                                            .filter(line -> line.contains("/beacon/{key}/settings"))
                                            .count()
                                    == 4);
            assertThat(lines.events())
                    .allSatisfy(line -> {
                        assertThat(line.getFormattedMessage()).doesNotContain(secret);
                        assertThat(line.getKeyValuePairs().toString()).doesNotContain(secret);
                    });
        }
    }

    @Test
    void a_form_with_cookies_is_taken_from_our_own_pages_only() throws Exception {
        assertThat(form("Cookie", "sid=1", "Sec-Fetch-Site", "cross-site").body())
                .contains("CROSS_SITE");
        assertThat(form("Cookie", "sid=1", "Origin", "https://evil.example").statusCode())
                .isEqualTo(403);
        assertThat(form("Cookie", "sid=1", "Sec-Fetch-Site", "same-origin").body()).isEqualTo("in");
        assertThat(form("Cookie", "sid=1", "Origin", "http://127.0.0.1:" + web.port()).body())
                .isEqualTo("in");
    }

    @Test
    void a_cookie_is_bound_to_the_host_under_https() throws Exception {
        assertThat(form().headers().firstValue("Set-Cookie"))
                .hasValue("sid=1; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");
        assertThat(form("X-Forwarded-Proto", "https").headers().firstValue("Set-Cookie"))
                .hasValue("__Host-sid=1; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure");
    }

    @Test
    void a_trusted_proxy_is_believed_as_far_as_it_vouches() throws Exception {
        assertThat(ask("/who", "X-Forwarded-For", "6.6.6.6, 9.9.9.9").body())
                .startsWith("9.9.9.9 http://");
        assertThat(ask("/who", "X-Forwarded-For", "junk").body()).startsWith("127.0.0.1 ");
        assertThat(ask("/who", "X-Forwarded-Proto", "https").body()).contains(" https://");
        assertThat(client(X_FORWARDED_FOR, "10.1.2.3", "7.7.7.7, 10.9.9.9")).isEqualTo("7.7.7.7");
        assertThat(client(X_FORWARDED_FOR, "10.1.2.3", "::ffff:198.51.100.7"))
                .isEqualTo("198.51.100.7");
        assertThat(client(X_FORWARDED_FOR, "11.1.2.3", "7.7.7.7")).isEqualTo("11.1.2.3");
        assertThat(client(X_FORWARDED_FOR, "::1", "7.7.7.7", "8.8.8.8")).isEqualTo("8.8.8.8");
    }

    @Test
    void a_forwarded_address_loses_its_port_and_brackets() {
        for (String forwarded :
                List.of("203.0.113.9", "203.0.113.9:5678", "203.0.113.9:80", " 203.0.113.9:1 ")) {
            assertThat(client(X_FORWARDED_FOR, "10.0.0.1", forwarded)).isEqualTo("203.0.113.9");
        }
        for (String forwarded : List.of("2001:db8::1", "[2001:db8::1]", "[2001:DB8:0::1]:443")) {
            assertThat(client(X_FORWARDED_FOR, "10.0.0.1", forwarded)).isEqualTo("2001:db8::1");
            assertThat(client(FORWARDED, "10.0.0.1", "for=\"" + forwarded + "\";proto=https"))
                    .isEqualTo("2001:db8::1");
        }
        assertThat(client(FORWARDED, "10.0.0.1", "for=192.0.2.43, for=\"10.0.0.9:81\""))
                .isEqualTo("192.0.2.43");
        // What is no address vouches for nobody, and is never looked up.
        for (String junk :
                List.of("unknown", "_hidden", "localhost", "", "1.2.3.4/8", "0x7f.1", "1.2.3.*")) {
            assertThat(client(X_FORWARDED_FOR, "10.0.0.1", junk)).as(junk).isEqualTo("10.0.0.1");
            assertThat(client(FORWARDED, "10.0.0.1", "for=" + junk)).isEqualTo("10.0.0.1");
        }
    }

    @Test
    void only_the_header_that_the_proxies_write_is_read() {
        Map<String, List<String>> both =
                Map.of(
                        "x-forwarded-for", List.of("6.6.6.6"),
                        "x-forwarded-proto", List.of("https"),
                        "forwarded", List.of("for=9.9.9.9"));
        TrustedProxies standard = new TrustedProxies(List.of("10.0.0.0/8"), FORWARDED);
        assertThat(standard.client("10.0.0.1", false, both))
                .isEqualTo(new TrustedProxies.Client("9.9.9.9", false));
        TrustedProxies usual = new TrustedProxies(List.of("10.0.0.0/8"), X_FORWARDED_FOR);
        assertThat(usual.client("10.0.0.1", false, both))
                .isEqualTo(new TrustedProxies.Client("6.6.6.6", true));
    }

    private static String client(
            HttpConfig.ForwardedHeader header, String peer, String... forwarded) {
        String name = header == FORWARDED ? "forwarded" : "x-forwarded-for";
        return new TrustedProxies(List.of("10.0.0.0/8", "::1"), header)
                .client(peer, false, Map.of(name, List.of(forwarded)))
                .address();
    }

    @Test
    void a_body_that_stands_still_is_refused() throws Exception {
        try (java.net.Socket socket =
                new java.net.Socket(InetAddress.getLoopbackAddress(), web.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 408")
                    .contains("BODY_TOO_SLOW")
                    .containsIgnoringCase("connection: close");
        }
    }

    @Test
    void a_full_lane_is_busy_and_the_others_go_on() throws Exception {
        CompletableFuture<HttpResponse<String>> first =
                web.client()
                        .sendAsync(
                                HttpRequest.newBuilder(web.at("/query")).build(),
                                BodyHandlers.ofString());
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        HttpResponse<String> second = ask("/query");
        assertThat(second.statusCode()).isEqualTo(503);
        assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(second.body()).contains("\"code\":\"BUSY\"");
        assertThat(ask("/content").statusCode()).isEqualTo(200);
        gate.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @Test
    void http_2_takes_a_body_without_length_and_refuses_without_harm_to_its_neighbours()
            throws Exception {
        try (PriorKnowledge two = new PriorKnowledge()) {
            assertThat(two.send("GET", web.at("/content"), Map.of(), new byte[0]).version())
                    .isEqualTo(HttpVersion.HTTP_2);
            assertThat(put(two, 60_000).body()).asString().isEqualTo("got 60000");
            PriorKnowledge.Answer refused = put(two, 1_000_000);
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(refused.headers()).doesNotContainKey("connection");
            assertThat(put(two, 5).body()).asString().isEqualTo("got 5");
        }
    }

    @Test
    void an_upgrade_to_http_2_is_never_taken() throws Exception {
        // Where HTTP/2 is spoken, the connection ends behind the 101 that the engine writes.
        assertThat(upgraded(web.port())).doesNotContain("HTTP/1.1 200").hasSizeLessThan(200);
        try (TestWeb plain = TestWeb.of(THINGS);
                PriorKnowledge two = new PriorKnowledge()) {
            // Elsewhere the client stays with HTTP/1.1, and nobody begins with HTTP/2.
            assertThat(upgraded(plain.port()).split("HTTP/1.1 200", -1)).hasSize(3);
            assertThatThrownBy(() ->
                            two.send("GET", plain.at("/api/v1/things"), Map.of(), new byte[0]))
                    .isInstanceOf(ExecutionException.class);
        }
    }

    private static String upgraded(int port) throws Exception {
        String upgrade =
                """
                GET /api/v1/things HTTP/1.1\r
                Host: x\r
                Upgrade: h2c\r
                Connection: Upgrade, HTTP2-Settings\r
                HTTP2-Settings: AAMAAABkAAQAAP__\r
                \r
                GET /api/v1/things HTTP/1.1\r
                Host: x\r
                Connection: close\r
                \r
                """;
        try (java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "reset";
        }
    }

    @Test
    void json_is_utf_8_and_nothing_else() throws Exception {
        for (java.nio.charset.Charset other :
                List.of(
                        StandardCharsets.UTF_16,
                        StandardCharsets.UTF_16BE,
                        StandardCharsets.UTF_16LE,
                        StandardCharsets.UTF_32)) {
            HttpResponse<String> refused =
                    web.send(
                            HttpRequest.newBuilder(web.at("/json"))
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString("{}", other))
                                    .build());
            assertThat(refused.statusCode()).as(other.name()).isEqualTo(400);
            assertThat(refused.body()).contains("MALFORMED_JSON").contains("it is not UTF-8");
        }
    }

    @Test
    void a_parameter_that_the_route_does_not_read_is_refused_by_name() throws Exception {
        assertThat(ask("/api/v1/things?limit=3").statusCode()).isEqualTo(200);
        HttpResponse<String> near = ask("/api/v1/things?limt=3");
        assertThat(near.statusCode()).isEqualTo(400);
        assertThat(near.body())
                .contains("UNKNOWN_PARAMETER")
                .contains("'limt' is not a parameter here; known are limit; did you mean 'limit'?");
        assertThat(ask("/api/v1/things?limit=3&before=2").body()).contains("'before'");
        assertThat(ask("/api/v1/things?limit=3&limit=4").body())
                .contains("INVALID_PARAMETER", "'limit' is not valid: it comes 2 times");
        // Other protocols have parameters that we need not know.
        assertThat(ask("/content?utm=1").statusCode()).isEqualTo(200);
    }

    @Test
    void a_long_pipeline_is_answered_in_order() throws Exception {
        try (java.net.Socket socket =
                new java.net.Socket(InetAddress.getLoopbackAddress(), web.port())) {
            socket.setSoTimeout(20_000);
            StringBuilder all = new StringBuilder();
            for (int n = 0; n < 1000; n++) {
                all.append("GET /echo-path/").append(n).append(" HTTP/1.1\r\nHost: x\r\n");
                all.append(n == 999 ? "Connection: close\r\n\r\n" : "\r\n");
            }
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            socket.getOutputStream()
                                    .write(all.toString().getBytes(StandardCharsets.US_ASCII));
                        } catch (java.io.IOException broken) {
                            throw new java.io.UncheckedIOException(broken);
                        }
                    });
            String answers =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            List<String> bodies =
                    java.util.regex.Pattern.compile("n=(\\d+)!")
                            .matcher(answers)
                            .results()
                            .map(match -> match.group(1))
                            .toList();
            assertThat(bodies)
                    .isEqualTo(
                            java.util.stream.IntStream.range(0, 1000)
                                    .mapToObj(Integer::toString)
                                    .toList());
        }
    }

    @Test
    void the_time_of_each_route_is_a_histogram() throws Exception {
        assertThat(ask("/content").statusCode()).isEqualTo(200);
        // It is measured when the answer is out, so it may come after the client has it.
        Await.until(
                "its ten buckets",
                () ->
                        web
                                .meters()
                                .find("http.server.requests")
                                .tag("route", "GET /content")
                                .tag("status", "200")
                                .timers()
                                .stream()
                                .anyMatch(timer ->
                                        timer.takeSnapshot().histogramCounts().length == 10));
    }

    private PriorKnowledge.Answer put(PriorKnowledge client, int length) throws Exception {
        return client.send("PUT", web.at("/echo"), Map.of(), new byte[length]);
    }

    /** The defaults with some settings changed: name, value, name, value. */
    static HttpConfig config(String... settings) {
        Map<String, String> given = new HashMap<>();
        for (int at = 0; at < settings.length; at += 2) {
            given.put(settings[at], settings[at + 1]);
        }
        return new Settings<>(Root.class, List.of()).load("", Map.of(), given).http();
    }

    private void range(String range, int status, String body, String contentRange)
            throws Exception {
        HttpResponse<String> answer = ask("/content", "Range", range);
        assertThat(answer.statusCode()).as(range).isEqualTo(status);
        assertThat(answer.body()).as(range).isEqualTo(body);
        assertThat(answer.headers().firstValue("Content-Range").orElse("")).isEqualTo(contentRange);
    }

    private HttpResponse<String> ask(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(web.at(path));
        return web.send((headers.length == 0 ? request : request.headers(headers)).build());
    }

    private HttpResponse<String> form(String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(web.at("/form")).POST(BodyPublishers.noBody());
        return web.send((headers.length == 0 ? request : request.headers(headers)).build());
    }

    private HttpResponse<String> preflight(String origin) throws Exception {
        return preflight("/echo", origin);
    }

    private HttpResponse<String> preflight(String path, String origin) throws Exception {
        return web.send(
                HttpRequest.newBuilder(web.at(path))
                        .headers("Origin", origin, "Access-Control-Request-Method", "PUT")
                        .method("OPTIONS", BodyPublishers.noBody())
                        .build());
    }
}
