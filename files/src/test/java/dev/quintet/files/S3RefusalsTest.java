package dev.quintet.files;

import static dev.quintet.files.Samples.member;
import static dev.quintet.files.Samples.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.files.s3.RawRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What no decent S3 client would send, and S3's own word for each. */
class S3RefusalsTest {

    private static final Samples it = new Samples("maxSize", "1m");
    private static final HttpResponse<byte[]> KEY =
            it.call("POST", "/api/v1/files/access-keys").as("server").json("{}").gives(201);
    private static final String PLAIN = "UNSIGNED-PAYLOAD";
    private static final String TRAILED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private static final String OBJECT = "/uploads/k";

    @AfterAll
    static void close() {
        it.close();
    }

    private static RawRequest signer(Instant when) {
        return new RawRequest(
                member(KEY, "accessKeyId"),
                member(KEY, "secretAccessKey"),
                it.node.s3.base(),
                when);
    }

    private static void refused(
            String code,
            String method,
            String path,
            String hash,
            Map<String, String> headers,
            byte[] body) {
        send(code, method, path, signer(it.time.instant()).sign(method, path, hash, headers), body);
    }

    private static void send(
            String code, String method, String path, Map<String, String> headers, byte[] body) {
        Samples.Call call = it.callS3(method, path).body(body);
        headers.forEach(call::with);
        assertThat(text(call.send())).contains("<Code>" + code + "</Code>");
    }

    @Test
    void a_signature_that_is_malformed_old_or_of_another_region_is_named_as_such() {
        Map<String, String> good = signer(it.time.instant()).sign("GET", OBJECT, PLAIN, Map.of());
        Map<String, String> halved = new LinkedHashMap<>(good);
        halved.put("Authorization", "AWS4-HMAC-SHA256 Credential");
        send("AuthorizationHeaderMalformed", "GET", OBJECT, halved, new byte[0]);
        Map<String, String> old =
                signer(it.time.instant().minus(Duration.ofHours(1)))
                        .sign("GET", OBJECT, PLAIN, Map.of());
        send("RequestTimeTooSkewed", "GET", OBJECT, old, new byte[0]);
        send(
                "AuthorizationQueryParametersError",
                "GET",
                OBJECT + "?X-Amz-Algorithm=none",
                Map.of(),
                new byte[0]);
    }

    @Test
    void a_signed_address_ends() {
        String day = "20260101";
        String query =
                "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
                        + member(KEY, "accessKeyId")
                        + "%2F"
                        + day
                        + "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date="
                        + day
                        + "T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature="
                        + "0".repeat(64);
        HttpResponse<byte[]> answer = it.callS3("GET", OBJECT + query).gives(403);
        assertThat(text(answer)).contains("<Code>AccessDenied</Code>", "has expired");
    }

    private static HttpResponse<byte[]> presigned(
            String method, String path, Map<String, String> query, byte[] body) {
        return it.callS3(method, signer(it.time.instant()).presign(method, path, query))
                .body(body)
                .send();
    }

    @Test
    void headers_that_an_sdk_puts_into_a_signed_address_mean_what_the_header_would() {
        byte[] body = "hello".getBytes(StandardCharsets.UTF_8);
        Map<String, String> asTheJavaScriptSdk =
                Map.of(
                        "x-amz-checksum-crc32", "AAAAAA==",
                        "x-amz-sdk-checksum-algorithm", "CRC32",
                        "x-amz-acl", "private",
                        "X-Amz-Storage-Class", "STANDARD",
                        "x-amz-meta-colour", "blue",
                        "x-id", "PutObject");
        HttpResponse<byte[]> put = presigned("PUT", "/uploads/hoisted", asTheJavaScriptSdk, body);
        assertThat(put.statusCode()).as(text(put)).isEqualTo(200);
        HttpResponse<byte[]> read =
                presigned(
                        "GET",
                        "/uploads/hoisted",
                        Map.of("x-amz-checksum-mode", "ENABLED", "x-id", "GetObject"),
                        new byte[0]);
        assertThat(read.statusCode()).as(text(read)).isEqualTo(200);
        assertThat(read.body()).isEqualTo(body);
        assertThat(Samples.header(read, "x-amz-meta-colour")).isEqualTo("blue");

        String crcOfHello = "NhCmhg==";
        HttpResponse<byte[]> checked =
                presigned(
                        "PUT",
                        "/uploads/checked",
                        Map.of("x-amz-checksum-crc32", crcOfHello),
                        body);
        assertThat(checked.statusCode()).as(text(checked)).isEqualTo(200);
        assertThat(Samples.header(checked, "x-amz-checksum-crc32")).isEqualTo(crcOfHello);
        assertThat(
                        text(
                                presigned(
                                        "PUT",
                                        "/uploads/checked",
                                        Map.of("x-amz-checksum-crc32", crcOfHello),
                                        new byte[5])))
                .contains("<Code>BadDigest</Code>");
        for (Map<String, String> foreign :
                List.of(
                        Map.of("x-amz-acl", "public-read"),
                        Map.of("X-Amz-Acl", "public-read"),
                        Map.of("x-amz-tagging", "a=b"),
                        Map.of("x-amz-storage-class", "GLACIER"),
                        Map.of("x-amz-server-side-encryption", "AES256"))) {
            assertThat(text(presigned("PUT", "/uploads/foreign", foreign, body)))
                    .as(foreign.toString())
                    .contains("<Code>NotImplemented</Code>");
        }
    }

    @Test
    void metadata_that_no_header_could_carry_is_named_as_such() throws IOException {
        byte[] body = "body".getBytes(StandardCharsets.UTF_8);
        for (String value : List.of("\u00e4", "a\r\nSet-Cookie: b=c", "\u0000")) {
            assertThat(text(presigned("PUT", "/uploads/meta", Map.of("x-amz-meta-v", value), body)))
                    .contains(
                            value.equals("\u0000")
                                    ? "<Code>InvalidURI</Code>"
                                    : "must be US-ASCII");
        }
        assertThat(text(presigned("PUT", "/uploads/meta", Map.of("x-amz-meta-a b", "c"), body)))
                .contains("<Code>InvalidArgument</Code>");
        StringBuilder head = new StringBuilder("PUT " + OBJECT + " HTTP/1.1\r\n");
        head.append("Host: ").append(it.node.s3.base().getAuthority()).append("\r\n");
        signer(it.time.instant())
                .sign("PUT", OBJECT, PLAIN, Map.of())
                .forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        head.append("x-amz-meta-v: \u00e4\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.node.s3.port())) {
            socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("<Code>InvalidArgument</Code>", "must be US-ASCII");
        }
    }

    @Test
    void a_body_that_is_not_what_was_announced_is_stored_nowhere() {
        byte[] body = "body".getBytes(StandardCharsets.UTF_8);
        refused(
                "BadDigest",
                "PUT",
                OBJECT,
                PLAIN,
                Map.of("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
                body);
        refused("InvalidDigest", "PUT", OBJECT, PLAIN, Map.of("content-md5", "short"), body);
        refused("XAmzContentSHA256Mismatch", "PUT", OBJECT, "0".repeat(64), Map.of(), body);
        refused("InvalidArgument", "PUT", OBJECT, "no-such-rule", Map.of(), body);
        refused("EntityTooLarge", "PUT", OBJECT, PLAIN, Map.of(), new byte[(1 << 20) + 1]);
        refused(
                "MetadataTooLarge",
                "PUT",
                OBJECT,
                PLAIN,
                Map.of("x-amz-meta-a", "x".repeat(2049)),
                body);
        it.call("GET", "/api/v1/files").as("server").gives(200);
        refused("NoSuchKey", "GET", OBJECT, PLAIN, Map.of(), new byte[0]);
    }

    @Test
    void chunks_and_trailers_that_do_not_agree_are_refused() {
        Map<String, String> five =
                Map.of(
                        "x-amz-decoded-content-length",
                        "5",
                        "x-amz-trailer",
                        "x-amz-checksum-crc32");
        refused("IncompleteBody", "PUT", OBJECT, TRAILED, five, chunks("4\r\nbody\r\n0\r\n\r\n"));
        refused(
                "MalformedTrailerError",
                "PUT",
                OBJECT,
                TRAILED,
                five,
                chunks("5\r\nbodyx\r\n0\r\n\r\n"));
        refused("InvalidRequest", "PUT", OBJECT, TRAILED, five, chunks("five\r\nbody\r\n"));
    }

    private static byte[] chunks(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void a_put_without_a_length_is_told_to_name_it() throws IOException {
        Map<String, String> headers =
                signer(it.time.instant()).sign("PUT", OBJECT, PLAIN, Map.of());
        StringBuilder head = new StringBuilder("PUT " + OBJECT + " HTTP/1.1\r\n");
        head.append("Host: ").append(it.node.s3.base().getAuthority()).append("\r\n");
        headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        head.append("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.node.s3.port())) {
            socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
            String answer =
                    new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertThat(answer).isEqualTo("HTTP/1.1 411");
        }
    }

    @Test
    void an_access_key_whose_id_holds_a_nul_is_no_fault_of_ours() {
        it.call("DELETE", "/api/v1/files/access-keys/%00").as("server").gives(400);
    }

    @Test
    void a_path_that_is_none_is_refused_in_xml() throws IOException {
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put("GET /uploads/%zz HTTP/1.1", "InvalidURI");
        codes.put("PUT /uploads/%ff HTTP/1.1", "InvalidURI");
        codes.put("GET /%c3%28/k HTTP/1.1", "InvalidURI");
        codes.put("GET uploads HTTP/1.1", "InvalidURI");
        codes.put("GET /%00/a HTTP/1.1", "InvalidURI");
        codes.put("DELETE /uploads/%00 HTTP/1.1", "InvalidURI");
        codes.put("PUT /a%00b HTTP/1.1", "InvalidURI");
        codes.put("GET /uploads?prefix=%00 HTTP/1.1", "InvalidURI");
        codes.put("GET /uploads?prefix=%zz HTTP/1.1", "InvalidURI");
        codes.put("GET /uploads/../../etc/passwd HTTP/1.1", "AccessDenied");
        codes.put("GET /" + "k".repeat(20_000) + " HTTP/1.1", "InvalidURI");
        codes.put("GET /uploads HTTP/3.0", "InvalidRequest");
        for (Map.Entry<String, String> each : codes.entrySet()) {
            String line = each.getKey();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.node.s3.port())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream()
                        .write(
                                (line + "\r\nHost: s3\r\nConnection: close\r\n\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
                String shown = line.substring(0, Math.min(40, line.length()));
                assertThat(
                                new String(
                                        socket.getInputStream().readAllBytes(),
                                        StandardCharsets.UTF_8))
                        .as(shown)
                        .contains("application/xml", "<Code>" + each.getValue() + "</Code>");
            }
        }
    }

    @Test
    void a_bucket_is_made_by_xml_of_our_region_or_none() {
        byte[] body = "<CreateBucket".getBytes(StandardCharsets.UTF_8);
        refused("MalformedXML", "PUT", "/half-open", PLAIN, Map.of(), body);
        refused("MethodNotAllowed", "PUT", "/", PLAIN, Map.of(), new byte[0]);
    }
}
