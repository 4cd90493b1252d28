package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.DataSize;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a door does with bytes that no client library would send, and what the engine lacks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HatchTest {

    private TestWeb web;

    @BeforeAll
    void open() {
        web =
                TestWeb.of(
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
                                            int length = request.body().bytes().length;
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
