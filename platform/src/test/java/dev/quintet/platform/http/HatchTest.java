package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.quintet.platform.DataSize;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.LoggerFactory;

/** What a door does with bytes that no client library would send, and what the engine lacks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HatchTest {

    private TestWeb web;

    @BeforeAll
    void open() {
        web =
                new TestWeb(
                        EdgeTest.config("http.h2c", "true"),
                        TestWeb::allRights,
                        Routes.of(
                                "files",
                                Route.patch("/upload")
                                        .open("a test")
                                        .takesBytes(DataSize.mebibytes(256))
                                        .lane(Lane.STREAMS)
                                        .by(request -> {
                                            request.interim(
                                                    104,
                                                    List.of(
                                                            new Response.Header(
                                                                    "Upload-Offset", "0")));
                                            int length =
                                                    request.body().stream().readAllBytes().length;
                                            return Response.text(length + " " + request.trailers());
                                        })));
    }

    @AfterAll
    void close() {
        web.close();
    }

    @Test
    void an_interim_answer_comes_before_the_final_one() throws Exception {
        assertThat(
                        ask(
                                "PATCH /upload HTTP/1.1",
                                "Host: x",
                                "Content-Length: 2",
                                "Connection: close",
                                "",
                                "ab"))
                .startsWith("HTTP/1.1 104 Upload Resumption Supported\r\n")
                .containsIgnoringCase("upload-offset: 0\r\n")
                .contains("HTTP/1.1 200 OK")
                .endsWith("2 {}");
    }

    @Test
    void trailers_are_known_once_the_body_is_read() throws Exception {
        assertThat(
                        ask(
                                "PATCH /upload HTTP/1.1",
                                "Host: x",
                                "Transfer-Encoding: chunked",
                                "Trailer: Upload-Checksum",
                                "Connection: close",
                                "",
                                "3",
                                "abc",
                                "0",
                                "Upload-Checksum: sha1 abc=",
                                "",
                                ""))
                .endsWith("3 {upload-checksum=sha1 abc=}");
    }

    @Test
    void a_bad_request_line_and_a_flood_of_headers_are_refused() throws Exception {
        // A line that names no version is answered in the oldest one.
        assertThat(ask("NONSENSE", "", ""))
                .startsWith("HTTP/1.0 400")
                .contains("MALFORMED_REQUEST");
        assertThat(ask("GET /upload HTTP/1.1", "Host: x", "X: " + "y".repeat(40_000), "", ""))
                .contains(" 431 ")
                .contains("HEADERS_TOO_LARGE");
        assertThat(ask("GET /" + "y".repeat(20_000) + " HTTP/1.1", "Host: x", "", ""))
                .contains(" 414 ")
                .contains("URI_TOO_LONG");
    }

    @Test
    void two_hosts_are_refused() throws Exception {
        assertThat(ask("GET /upload HTTP/1.1", "Host: x", "Host: y", "Connection: close", "", ""))
                .contains(" 400 ")
                .contains("MALFORMED_REQUEST");
    }

    @Test
    void two_framings_of_one_body_are_refused() throws Exception {
        assertThat(
                        ask(
                                "PATCH /upload HTTP/1.1",
                                "Host: x",
                                "Content-Length: 4",
                                "Transfer-Encoding: chunked",
                                "",
                                "0",
                                "",
                                ""))
                .startsWith("HTTP/1.1 400");
        assertThat(
                        ask(
                                "PATCH /upload HTTP/1.1",
                                "Host: x",
                                "Content-Length: 4",
                                "Content-Length: 5",
                                "",
                                "abcde"))
                .startsWith("HTTP/1.1 400");
    }

    @Test
    void a_request_names_its_host() throws Exception {
        for (String host : List.of("X-Host: x", "Host: x@@[", "Host: x/y")) {
            assertThat(ask("PATCH /upload HTTP/1.1", host, "Connection: close", "", ""))
                    .as(host)
                    .startsWith("HTTP/1.1 400")
                    .contains("application/problem+json")
                    .contains("MALFORMED_REQUEST");
        }
        // RFC 9112 section 3.2: empty where the address has no authority; HTTP/1.0 knows no Host.
        assertThat(ask("PATCH /upload HTTP/1.1", "Host:", "Connection: close", "", ""))
                .contains("HTTP/1.1 200");
        assertThat(ask("PATCH /upload HTTP/1.0", "", "")).contains(" 200 ");
        for (String host :
                List.of(
                        "my_service:8080",
                        "[::1]:8080",
                        "a.example.",
                        "10.0.0.1",
                        "xn--bcher-kva.example")) {
            assertThat(ask("PATCH /upload HTTP/1.1", "Host: " + host, "Connection: close", "", ""))
                    .as(host)
                    .contains("HTTP/1.1 200");
        }
    }

    @Test
    void a_chunk_that_is_none_is_answered_before_the_connection_ends() throws Exception {
        for (String body : List.of("zz\r\nabc", "3\r\nabc\r\nzz", "3\r\nabcdef", "-1\r\n")) {
            assertThat(
                            ask(
                                    "PATCH /upload HTTP/1.1",
                                    "Host: x",
                                    "Transfer-Encoding: chunked",
                                    "",
                                    body,
                                    "",
                                    ""))
                    .as(body)
                    .contains("HTTP/1.1 400")
                    .containsIgnoringCase("connection: close")
                    .contains("a chunk of the body");
        }
    }

    @Test
    void a_chunked_body_in_another_coding_is_not_taken_for_the_content() throws Exception {
        assertThat(
                        ask(
                                "PATCH /upload HTTP/1.1",
                                "Host: x",
                                "Transfer-Encoding: gzip, chunked",
                                "Connection: close",
                                "",
                                "0",
                                "",
                                ""))
                .startsWith("HTTP/1.1 400")
                .contains("Transfer-Encoding");
    }

    @Test
    void another_version_of_http_is_named_and_a_later_minor_one_is_ours() throws Exception {
        for (String version : List.of("HTTP/3.0", "HTTP/2.0", "HTTP/0.9")) {
            assertThat(ask("PATCH /upload " + version, "Host: x", "", ""))
                    .as(version)
                    .startsWith("HTTP/1.1 505")
                    .contains("application/problem+json")
                    .contains("OTHER_HTTP_VERSION");
        }
        assertThat(ask("PATCH /upload HTTP/1.2", "Host: x", "Connection: close", "", ""))
                .contains("HTTP/1.1 200");
    }

    @Test
    void what_is_no_http_is_answered_so() throws Exception {
        for (String line :
                List.of(
                        "GET /upload",
                        "G@T /upload HTTP/1.1",
                        "GET /up load HTTP/1.1",
                        "GET /upload FOO/1.1",
                        "\u0016\u0003\u0001\u0002")) {
            assertThat(ask(line, "Host: x", "", ""))
                    .as(line)
                    .contains(" 400 ")
                    .contains("MALFORMED_REQUEST");
        }
    }

    @Test
    void a_broken_http_2_preface_ends_the_connection_and_wakes_nobody() throws Exception {
        var log = (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("ROOT");
        var seen = new ListAppender<ILoggingEvent>();
        seen.start();
        log.addAppender(seen);
        try {
            assertThat(ask("PRI * HTTP/2.0", "", "SM", "", "this is no frame at all"))
                    .doesNotContain("HTTP/1.1");
            // A frame that comes where none may: DATA of a stream that was never opened.
            assertThat(
                            ask(
                                    "PRI * HTTP/2.0",
                                    "",
                                    "SM",
                                    "",
                                    "\0\0\0\u0004\0\0\0\0\0\0\0\u0001\0\0\0\0\0\u0001x"))
                    .doesNotContain("HTTP/1.1");
        } finally {
            log.detachAppender(seen);
        }
        assertThat(List.copyOf(seen.list))
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .isEmpty();
    }

    private String ask(String... lines) throws Exception {
        try (java.net.Socket socket =
                new java.net.Socket(InetAddress.getLoopbackAddress(), web.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(String.join("\r\n", lines).getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
