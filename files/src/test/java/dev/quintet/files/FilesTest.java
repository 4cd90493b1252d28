package dev.quintet.files;

import static dev.quintet.files.Samples.bytes;
import static dev.quintet.files.Samples.header;
import static dev.quintet.files.Samples.member;
import static dev.quintet.files.Samples.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.files.s3.RawRequest;
import dev.quintet.platform.Await;
import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.caller.Caller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FilesTest {

    private static final Samples it = new Samples();
    private static final HttpResponse<byte[]> KEY =
            it.call("POST", "/api/v1/files/access-keys").as("server").json("{}").gives(201);

    private static RawRequest raw() {
        return new RawRequest(
                member(KEY, "accessKeyId"),
                member(KEY, "secretAccessKey"),
                it.node.s3.base(),
                it.time.instant());
    }

    @AfterAll
    static void close() {
        it.close();
    }

    @Test
    void a_link_opens_one_file_until_it_expires_or_the_file_is_gone() {
        byte[] all = bytes(1, 1000);
        String path = it.upload("ada", "Größe.svg", "image/svg+xml", all);
        HttpResponse<byte[]> made =
                it.call("POST", "/api/v1" + path + "/links")
                        .as("ada")
                        .json("{\"expiresIn\":60}")
                        .gives(201);
        String url = member(made, "url");
        HttpResponse<byte[]> read = it.call("GET", url).gives(200);
        assertThat(read.body()).isEqualTo(all);
        assertThat(header(read, "content-disposition")).startsWith("attachment; ");
        assertThat(header(read, "content-security-policy")).startsWith("sandbox");
        assertThat(header(read, "x-content-type-options")).isEqualTo("nosniff");
        assertThat(it.call("GET", url).with("Range", "bytes=10-19").gives(206).body())
                .isEqualTo(java.util.Arrays.copyOfRange(all, 10, 20));
        String other = it.upload("ada", "b", "text/plain", new byte[] {1});
        it.call("GET", url.replace(path.substring(7), other.substring(7))).gives(403);
        it.call("GET", url.replaceFirst("expires=\\d", "expires=9")).gives(403);
        it.call("GET", url + "_").gives(403);
        it.call("GET", url.replaceFirst("&signature=.*", "")).gives(403);
        it.call("POST", "/api/v1" + path + "/links").as("ada").json("{\"expiresIn\":0}").gives(400);
        it.call("POST", "/api/v1" + path + "/links")
                .as("ada")
                .json("{\"expiresIn\":604801}")
                .gives(400);
        it.call("DELETE", path).as("ada").gives(204);
        it.call("GET", url).gives(404);
        it.time.advance(Duration.ofMinutes(1));
        it.call("GET", url).gives(410);
    }

    @Test
    void only_what_cannot_run_is_shown_in_place_and_only_on_the_host_of_user_content() {
        try (Samples own = new Samples("contentUrl", "http://127.0.0.1:1/")) {
            String picture = own.upload("ada", "a.png", "image/png", new byte[] {1});
            HttpResponse<byte[]> made =
                    own.call("POST", "/api/v1" + picture + "/links")
                            .as("ada")
                            .json("{}")
                            .gives(201);
            assertThat(member(made, "url")).startsWith("http://127.0.0.1:1/f/file_");
            String here = member(made, "url").replace("http://127.0.0.1:1", "");
            assertThat(header(own.call("GET", here).gives(200), "content-disposition"))
                    .startsWith("attachment");
        }
        for (String type :
                List.of(
                        "image/svg+xml",
                        "text/html",
                        "application/pdf",
                        "text/xml",
                        "application/xhtml+xml",
                        "image/svg+xml; x=1")) {
            assertThat(MediaTypes.mayShowInPlace(type)).as(type).isFalse();
        }
        assertThat(MediaTypes.mayShowInPlace("image/PNG; a=b")).isTrue();
    }

    @Test
    void files_are_listed_newest_first_page_by_page() {
        List<String> stored = new ArrayList<>();
        for (int count = 0; count < 5; count++) {
            stored.addFirst(
                    it.upload("bob", "n" + count, "text/plain", new byte[] {1})
                            .substring("/files/".length()));
        }
        List<String> listed = new ArrayList<>();
        String after = "";
        do {
            HttpResponse<byte[]> page =
                    it.call("GET", "/api/v1/files?limit=2" + after).as("bob").gives(200);
            java.util.regex.Matcher id =
                    java.util.regex.Pattern.compile("\"id\":\"(file_[^\"]+)\"").matcher(text(page));
            while (id.find()) {
                listed.add(id.group(1));
            }
            after = text(page).contains("\"next\"") ? "&after=" + member(page, "next") : "";
        } while (!after.isEmpty());
        assertThat(listed).isEqualTo(stored);
        it.call("GET", "/api/v1/files?limit=201").as("bob").gives(400);
        it.call("GET", "/api/v1/files?after=x").as("bob").gives(400);
    }

    @Test
    void conditions_and_ranges_hold_for_the_bearers_door_too() {
        byte[] all = bytes(2, 1000);
        String path = it.upload("ada", "a", "text/plain", all);
        String tag = header(it.call("GET", path).as("ada").gives(200), "etag");
        it.call("GET", path).as("ada").with("If-None-Match", tag).gives(304);
        HttpResponse<byte[]> same =
                it.call("GET", path)
                        .as("ada")
                        .with("Range", "bytes=0-9")
                        .with("If-Range", tag)
                        .gives(206);
        assertThat(header(same, "content-range")).isEqualTo("bytes 0-9/1000");
        it.call("GET", path)
                .as("ada")
                .with("Range", "bytes=0-9")
                .with("If-Range", "\"other\"")
                .gives(200);
        it.call("GET", path).as("ada").with("Range", "bytes=1000-").gives(416);
        assertThat(header(it.call("HEAD", path).as("ada").gives(200), "content-length"))
                .isEqualTo("1000");
    }

    @Test
    void a_forged_signature_stores_nothing_in_any_framing() {
        for (String framing :
                List.of(
                        "UNSIGNED-PAYLOAD",
                        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")) {
            Map<String, String> headers =
                    raw().sign(
                                    "PUT",
                                    "/uploads/forged",
                                    framing,
                                    Map.of("x-amz-decoded-content-length", "3"));
            headers.put(
                    "Authorization",
                    String.valueOf(headers.get("Authorization"))
                            .replaceAll("Signature=.{8}", "Signature=00000000"));
            assertThat(
                            text(
                                    put(
                                                    "/uploads/forged",
                                                    headers,
                                                    "3\r\nabc\r\n0\r\n\r\n"
                                                            .getBytes(
                                                                    java.nio.charset
                                                                            .StandardCharsets
                                                                            .US_ASCII))
                                            .gives(403)))
                    .contains("SignatureDoesNotMatch");
        }
        assertThat(object("forged")).isEmpty();
    }

    @Test
    void a_chunk_that_was_changed_on_its_way_stores_nothing() {
        Map<String, String> headers =
                raw().sign(
                                "PUT",
                                "/uploads/chunked",
                                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                                Map.of("x-amz-decoded-content-length", "5"));
        put("/uploads/chunked", headers, raw().signedChunks(headers, "hello", "hellO")).gives(403);
        assertThat(object("chunked")).isEmpty();
        put("/uploads/chunked", headers, raw().signedChunks(headers, "hello", "hello")).gives(200);
        assertThat(object("chunked")).hasSize(1);
    }

    @Test
    void a_repeated_request_for_a_key_gets_the_same_key() {
        String first = member(askForKey("once-1"), "accessKeyId");
        assertThat(member(askForKey("once-1"), "accessKeyId")).isEqualTo(first);
        assertThat(member(askForKey("once-2"), "accessKeyId")).isNotEqualTo(first);
    }

    private static HttpResponse<byte[]> askForKey(String key) {
        return it.call("POST", "/api/v1/files/access-keys")
                .as("server")
                .with("Idempotency-Key", key)
                .json("{}")
                .gives(201);
    }

    @Test
    void buckets_have_tame_names() {
        for (String name :
                List.of(
                        "a",
                        "a..b",
                        "192.168.0.1",
                        "-ab",
                        "a_b",
                        "Upper",
                        "..",
                        "%2e%2e",
                        "x".repeat(64))) {
            Map<String, String> headers =
                    raw().sign("PUT", "/" + name, "UNSIGNED-PAYLOAD", Map.of());
            String sent = "/" + name.replace("%", "%25");
            Samples.Call call = it.callS3("PUT", sent);
            headers.forEach(call::with);
            assertThat(text(call.gives(400))).as(name).contains("InvalidBucketName");
        }
    }

    private static Samples.Call put(String path, Map<String, String> headers, byte[] body) {
        Samples.Call call = it.callS3("PUT", path).body(body);
        headers.forEach(call::with);
        return call;
    }

    private static List<StoredFile> object(String key) {
        Reach all = new Reach(Caller.ROOT, java.util.Optional.empty());
        return it.node.files.object(all, "uploads", key).stream().toList();
    }

    @Test
    void bytes_without_a_row_are_swept_when_they_are_old_and_no_others() throws IOException {
        try (Samples own = new Samples("orphanAge", "24h")) {
            String path = own.upload("ada", "kept", "text/plain", new byte[] {1, 2, 3});
            String open = own.open("ada", 10, "");
            own.append("ada", open, 0, new byte[4]).gives(204);
            // As a crash leaves it that comes between the bytes and their row.
            own.blobs.store(new ByteArrayInputStream(new byte[] {9}));
            own.node.files.sweep().dropOrphans();
            assertThat(count(own)).isEqualTo(2);
            own.time.advance(Duration.ofHours(25));
            own.node.files.sweep().dropOrphans();
            assertThat(count(own)).isEqualTo(1);
            own.call("GET", path).as("ada").gives(200);
            List<Object> receiving = new ArrayList<>();
            own.blobs.eachReceiving(receiving::add);
            assertThat(receiving).hasSize(1);
        }
    }

    @Test
    void no_sweep_takes_a_byte_of_a_put_that_is_still_on_its_way() throws IOException {
        try (Samples own = new Samples("orphanAge", "0s")) {
            byte[] all = bytes(9, 400_000);
            int middle = 200_000;
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), own.node.s3.port())) {
                StringBuilder head = new StringBuilder("PUT /uploads/slow HTTP/1.1\r\n");
                head.append("Host: ").append(own.node.s3.base().getAuthority()).append("\r\n");
                head.append("Content-Length: ").append(all.length).append("\r\n");
                rawOf(own)
                        .sign("PUT", "/uploads/slow", "UNSIGNED-PAYLOAD", Map.of())
                        .forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
                socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(all, 0, middle);
                Await.until("its first bytes are on the disk", () -> incoming(own) > 0);
                own.time.advance(Duration.ofHours(25));
                own.node.files.sweep().dropOrphans();
                socket.getOutputStream().write(all, middle, all.length - middle);
                assertThat(
                                new String(
                                        socket.getInputStream().readNBytes(12),
                                        StandardCharsets.US_ASCII))
                        .isEqualTo("HTTP/1.1 200");
            }
            HttpResponse<byte[]> listed = own.call("GET", "/api/v1/files").as("server").gives(200);
            assertThat(
                            own.call("GET", "/files/" + member(listed, "id"))
                                    .as("server")
                                    .gives(200)
                                    .body())
                    .isEqualTo(all);
        }
    }

    private static RawRequest rawOf(Samples own) {
        HttpResponse<byte[]> key =
                own.call("POST", "/api/v1/files/access-keys").as("server").json("{}").gives(201);
        return new RawRequest(
                member(key, "accessKeyId"),
                member(key, "secretAccessKey"),
                own.node.s3.base(),
                own.time.instant());
    }

    private static long incoming(Samples own) {
        java.io.File[] parts = own.folder.resolve("incoming").toFile().listFiles();
        return parts == null
                ? 0
                : java.util.Arrays.stream(parts).mapToLong(java.io.File::length).sum();
    }

    @Test
    void no_sweep_takes_whole_bytes_whose_row_is_about_to_be_written() throws IOException {
        try (Samples own = new Samples("orphanAge", "0s")) {
            Caller server = java.util.Objects.requireNonNull(FilesNode.CALLERS.get("server"));
            FileDraft draft =
                    new FileDraft("uploads", "k", FileName.of("k"), "text/plain", Map.of(), "");
            StoredFile stored =
                    own.node.files.store(
                            server,
                            draft,
                            new WriteCondition.Always(),
                            new ByteArrayInputStream(new byte[] {1, 2, 3}),
                            () -> {
                                own.time.advance(Duration.ofHours(25));
                                own.node.files.sweep().dropOrphans();
                                return new Files.Received(3, "tag", Map.of());
                            });
            own.node.files.sweep().dropOrphans();
            assertThat(
                            own.call("GET", "/files/" + Files.ID.show(stored.id()))
                                    .as("server")
                                    .gives(200)
                                    .body())
                    .containsExactly(1, 2, 3);
        }
    }

    @Test
    void bytes_of_a_slow_sender_count_from_their_last_and_not_from_their_id() throws IOException {
        try (Samples own = new Samples("orphanAge", "24h")) {
            // Begun in 1970, as its id says; its last byte came now.
            BlobId old = new BlobId(new java.util.UUID(0x7000L, Long.MIN_VALUE));
            own.blobs.receive(old).store(new ByteArrayInputStream(new byte[] {1}));
            own.node.files.sweep().dropOrphans();
            assertThat(count(own)).isEqualTo(1);
            own.time.advance(Duration.ofHours(25));
            own.node.files.sweep().dropOrphans();
            assertThat(count(own)).isZero();
        }
    }

    @Test
    void an_upload_whose_last_step_was_cut_becomes_a_file_when_somebody_asks() {
        String path = it.open("ada", 4, "");
        Reach ada = Reach.of(java.util.Objects.requireNonNull(FilesNode.CALLERS.get("ada")));
        Upload upload =
                it.node
                        .files
                        .uploads()
                        .find(ada, Files.ID.parse(path.substring("/files/".length())))
                        .orElseThrow();
        appendBehindItsBack(upload);
        it.blobs.receive(upload.blob()).commit();
        assertThat(header(it.call("HEAD", path).as("ada").tus().gives(200), "upload-offset"))
                .isEqualTo("4");
        assertThat(it.call("GET", path).as("ada").gives(200).body()).containsExactly(1, 2, 3, 4);
    }

    private static void appendBehindItsBack(Upload upload) {
        try {
            it.blobs
                    .receive(upload.blob())
                    .append(0, new ByteArrayInputStream(new byte[] {1, 2, 3, 4}));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void a_person_who_is_erased_leaves_neither_rows_nor_bytes_nor_keys() {
        try (Samples own = new Samples()) {
            String ada = own.upload("ada", "a", "text/plain", new byte[] {1});
            String bob = own.upload("bob", "b", "text/plain", new byte[] {2});
            String open = own.open("ada", 10, "");
            own.append("ada", open, 0, new byte[4]).gives(204);
            own.call("POST", "/api/v1/files/access-keys").as("ada").json("{}").gives(201);
            own.node.files.erase(FilesNode.ADA);
            own.node.files.erase(FilesNode.ADA);
            own.call("GET", ada).as("server").gives(404);
            own.call("HEAD", open).as("server").tus().gives(404);
            own.call("GET", bob).as("server").gives(200);
            assertThat(
                            own.node
                                    .files
                                    .accessKeys()
                                    .list(
                                            java.util.Objects.requireNonNull(
                                                    FilesNode.CALLERS.get("server"))))
                    .isEmpty();
            assertThat(count(own)).isEqualTo(1);
            List<Object> receiving = new ArrayList<>();
            own.blobs.eachReceiving(receiving::add);
            assertThat(receiving).isEmpty();
        }
    }

    private static int count(Samples own) {
        List<Object> stored = new ArrayList<>();
        own.blobs.eachStored(stored::add);
        return stored.size();
    }
}
