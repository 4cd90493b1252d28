package dev.quintet.files;

import static dev.quintet.files.Samples.base64;
import static dev.quintet.files.Samples.bytes;
import static dev.quintet.files.Samples.header;
import static dev.quintet.files.Samples.member;
import static dev.quintet.files.Samples.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TusTest {

    private static final Samples it = new Samples("maxSize", "1m", "maxOpenUploads", "50");

    @AfterAll
    static void close() {
        it.close();
    }

    @Test
    void options_tells_what_there_is_and_nothing_else() {
        HttpResponse<byte[]> answer = it.call("OPTIONS", "/files").gives(204);
        assertThat(header(answer, "tus-version")).isEqualTo("1.0.0");
        assertThat(header(answer, "tus-extension"))
                .isEqualTo("creation,creation-with-upload,expiration,termination");
        assertThat(header(answer, "tus-max-size")).isEqualTo("1048576");
    }

    @Test
    void an_upload_in_pieces_becomes_a_file_with_its_name_and_type() {
        byte[] all = bytes(1, 100_000);
        String path =
                it.open(
                        "ada",
                        all.length,
                        "filename "
                                + base64("Grüße.txt")
                                + ",filetype "
                                + base64("text/plain")
                                + ",secret");
        assertThat(header(it.call("HEAD", path).as("ada").tus().gives(200), "upload-offset"))
                .isEqualTo("0");
        byte[] first = java.util.Arrays.copyOf(all, 40_000);
        HttpResponse<byte[]> half = it.append("ada", path, 0, first).gives(204);
        assertThat(header(half, "upload-offset")).isEqualTo("40000");
        assertThat(header(half, "upload-expires")).endsWith("GMT");
        assertThat(header(half, "tus-resumable")).isEqualTo("1.0.0");
        it.append("ada", path, 40_000, java.util.Arrays.copyOfRange(all, 40_000, all.length))
                .gives(204);

        HttpResponse<byte[]> head = it.call("HEAD", path).as("ada").tus().gives(200);
        assertThat(header(head, "upload-offset")).isEqualTo("100000");
        assertThat(header(head, "upload-length")).isEqualTo("100000");
        assertThat(header(head, "cache-control")).isEqualTo("no-store");
        assertThat(header(head, "upload-metadata")).endsWith(",secret");
        HttpResponse<byte[]> read = it.call("GET", path).as("ada").gives(200);
        assertThat(read.body()).isEqualTo(all);
        assertThat(header(read, "content-type")).isEqualTo("text/plain");
        assertThat(header(read, "content-disposition"))
                .contains("filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt");
        HttpResponse<byte[]> shown = it.call("GET", "/api/v1" + path).as("ada").gives(200);
        assertThat(member(shown, "name")).isEqualTo("Grüße.txt");
        assertThat(member(shown, "bucket")).isEqualTo("uploads");
        assertThat(member(shown, "key"))
                .isEqualTo(path.substring("/files/".length()) + "/Grüße.txt");
        assertThat(it.announced)
                .anySatisfy(event ->
                        assertThat(event)
                                .isInstanceOfSatisfying(
                                        UploadStored.class,
                                        stored ->
                                                assertThat(stored.name()).isEqualTo("Grüße.txt")));
    }

    @Test
    void an_upload_of_nothing_is_whole_at_once() {
        String path = it.open("ada", 0, "");
        assertThat(it.call("GET", path).as("ada").gives(200).body()).isEmpty();
        assertThat(header(it.call("HEAD", path).as("ada").tus().gives(200), "upload-offset"))
                .isEqualTo("0");
    }

    @Test
    void creation_takes_the_first_bytes_along() {
        byte[] all = bytes(2, 1000);
        HttpResponse<byte[]> made =
                it.call("POST", "/files")
                        .as("ada")
                        .tus()
                        .with("Upload-Length", "1000")
                        .with("Content-Type", "application/offset+octet-stream")
                        .body(all)
                        .gives(201);
        assertThat(header(made, "upload-offset")).isEqualTo("1000");
        assertThat(it.call("GET", header(made, "location")).as("ada").gives(200).body())
                .isEqualTo(all);
    }

    @Test
    void another_offset_than_the_durable_one_is_a_conflict_and_changes_nothing() {
        String path = it.open("ada", 10, "");
        it.append("ada", path, 0, new byte[4]).gives(204);
        for (long offset : new long[] {0, 3, 5, 10, 11}) {
            it.append("ada", path, offset, new byte[0]).gives(409);
        }
        assertThat(header(it.call("HEAD", path).as("ada").tus().gives(200), "upload-offset"))
                .isEqualTo("4");
    }

    @Test
    void more_than_the_announced_length_is_refused() {
        String path = it.open("ada", 10, "");
        it.append("ada", path, 0, new byte[11]).gives(413);
        it.append("ada", path, 0, new byte[10]).gives(204);
        it.append("ada", path, 10, new byte[1]).gives(413);
        it.append("ada", path, 10, new byte[0]).gives(204);
    }

    @Test
    void a_length_that_is_no_length_is_refused() {
        for (String length : List.of("-1", "1.5", "1".repeat(41), "abc", "", "0x10")) {
            it.call("POST", "/files").as("ada").tus().with("Upload-Length", length).gives(400);
        }
        it.call("POST", "/files").as("ada").tus().gives(400);
        it.call("POST", "/files").as("ada").tus().with("Upload-Length", "1048577").gives(413);
    }

    @Test
    void metadata_that_could_do_harm_is_refused() {
        for (String metadata :
                List.of(
                        "filename not-base64!",
                        "filename " + base64("a") + ",filename " + base64("b"),
                        "filename " + base64("a") + " " + base64("b"),
                        ", ",
                        "filename " + base64("a\r\nX-Evil: 1"),
                        "filename " + base64("a\0b"),
                        "filename " + Samples.base64("a") + ",",
                        "key " + base64("a\nb"),
                        "filename /w==")) {
            HttpResponse<byte[]> answer =
                    it.call("POST", "/files")
                            .as("ada")
                            .tus()
                            .with("Upload-Length", "1")
                            .with("Upload-Metadata", metadata)
                            .gives(400);
            assertThat(member(answer, "code")).isEqualTo("INVALID_METADATA");
        }
        it.call("POST", "/files")
                .as("ada")
                .tus()
                .with("Upload-Length", "1")
                .with("Upload-Metadata", "x " + base64("y".repeat(5000)))
                .gives(413);
        it.call("POST", "/files")
                .as("ada")
                .tus()
                .with("Upload-Length", "1")
                .with("Upload-Metadata", "bucket " + base64("nobodys"))
                .gives(404);
    }

    @Test
    void a_path_in_a_name_is_cut_off() {
        String path =
                it.upload("ada", "../../etc/pass wd", "text/html; charset=utf-8", new byte[] {1});
        HttpResponse<byte[]> read = it.call("GET", path).as("ada").gives(200);
        assertThat(header(read, "content-disposition"))
                .isEqualTo("attachment; filename=\"pass wd\"; filename*=UTF-8''pass%20wd");
        String windows = it.upload("ada", "C:\\temp\\a\"b;c.exe", "weird", new byte[] {1});
        HttpResponse<byte[]> other = it.call("GET", windows).as("ada").gives(200);
        assertThat(header(other, "content-disposition"))
                .isEqualTo("attachment; filename=\"a_b_c.exe\"; filename*=UTF-8''a%22b%3Bc.exe");
        assertThat(header(other, "content-type")).isEqualTo("application/octet-stream");
    }

    @Test
    void versions_types_and_extensions_that_are_not_there_are_refused_by_name() {
        String path = it.open("ada", 10, "");
        HttpResponse<byte[]> old =
                it.call("HEAD", path).as("ada").with("Tus-Resumable", "0.2.2").gives(412);
        assertThat(header(old, "tus-version")).isEqualTo("1.0.0");
        assertThat(header(old, "tus-resumable")).isEqualTo("1.0.0");
        it.call("POST", "/files").as("ada").with("Upload-Length", "1").gives(412);
        it.call("PATCH", path)
                .as("ada")
                .tus()
                .with("Upload-Offset", "0")
                .with("Content-Type", "text/plain")
                .body(new byte[1])
                .gives(415);
        it.call("POST", "/files").as("ada").tus().with("Upload-Defer-Length", "1").gives(400);
        it.append("ada", path, 0, new byte[1]).with("Upload-Checksum", "sha1 xx").gives(400);
        it.call("PATCH", path)
                .as("ada")
                .tus()
                .with("Content-Type", "application/offset+octet-stream")
                .gives(400);
    }

    @Test
    void a_client_without_patch_says_so_in_a_header() {
        String path = it.open("ada", 3, "");
        it.call("POST", path)
                .as("ada")
                .tus()
                .with("X-HTTP-Method-Override", "PATCH")
                .with("Upload-Offset", "0")
                .with("Content-Type", "application/offset+octet-stream")
                .body(new byte[3])
                .gives(204);
        it.call("POST", path).as("ada").tus().with("X-HTTP-Method-Override", "TRACE").gives(405);
        it.call("POST", path).as("ada").tus().with("X-HTTP-Method-Override", "DELETE").gives(204);
        it.call("GET", path).as("ada").gives(404);
    }

    @Test
    void a_terminated_upload_is_gone_with_its_bytes() {
        String path = it.open("ada", 10, "");
        it.append("ada", path, 0, new byte[4]).gives(204);
        it.call("GET", path).as("ada").gives(409);
        it.call("DELETE", path).as("ada").tus().gives(204);
        it.call("HEAD", path).as("ada").tus().gives(404);
        it.append("ada", path, 4, new byte[6]).gives(404);
        it.call("DELETE", path).as("ada").tus().gives(404);
    }

    @Test
    void what_somebody_else_uploads_does_not_exist() {
        String path = it.open("ada", 10, "");
        String whole = it.upload("ada", "a.txt", "text/plain", new byte[] {1, 2});
        for (String other : List.of("bob", "foreign")) {
            it.append(other, path, 0, new byte[10]).gives(404);
            it.call("HEAD", path).as(other).tus().gives(404);
            it.call("DELETE", path).as(other).tus().gives(404);
            for (String method : List.of("GET", "HEAD", "DELETE")) {
                it.call(method, whole).as(other).gives(404);
            }
            it.call("GET", "/api/v1" + whole).as(other).gives(404);
            it.call("POST", "/api/v1" + whole + "/links").as(other).json("{}").gives(404);
            assertThat(text(it.call("GET", "/api/v1/files").as(other).gives(200)))
                    .doesNotContain(whole.substring(7));
        }
        it.append("server", path, 0, new byte[10]).gives(204);
        it.call("GET", whole).as("server").gives(200);
    }

    @Test
    void each_route_asks_for_its_scope() {
        String path = it.upload("server", "a.txt", "text/plain", new byte[] {1, 2});
        it.call("GET", path).gives(401);
        it.call("HEAD", path).gives(401);
        it.call("GET", path).as("nobody").gives(401);
        it.call("GET", path).as("writer").gives(403);
        it.call("HEAD", path).as("chatter").gives(403);
        it.call("POST", "/files").as("reader").tus().with("Upload-Length", "1").gives(403);
        it.append("reader", path, 0, new byte[1]).gives(403);
        it.call("DELETE", path).as("reader").gives(403);
        it.call("POST", "/api/v1/files/access-keys").as("reader").json("{}").gives(403);
        it.call("HEAD", path).as("writer").tus().gives(200);
    }

    @Test
    void an_upload_that_nobody_resumed_in_time_is_gone() {
        try (Samples own = new Samples("uploadExpiry", "1h", "orphanAge", "2h")) {
            String path = own.open("ada", 10, "");
            own.append("ada", path, 0, new byte[4]).gives(204);
            own.time.advance(Duration.ofHours(1));
            own.append("ada", path, 4, new byte[6]).gives(410);
            own.call("HEAD", path).as("ada").tus().gives(410);
            own.node.files.sweep().endExpired();
            own.call("HEAD", path).as("ada").tus().gives(404);
            List<Object> left = new java.util.ArrayList<>();
            own.node.blobs.eachReceiving(left::add);
            assertThat(left).isEmpty();
        }
    }

    @Test
    void nobody_opens_uploads_without_end() {
        try (Samples own = new Samples("maxOpenUploads", "3")) {
            for (int count = 0; count < 3; count++) {
                own.open("ada", 10, "");
            }
            own.call("POST", "/files").as("ada").tus().with("Upload-Length", "1").gives(429);
            own.open("bob", 10, "");
        }
    }

    @Test
    void the_server_keys_of_an_organisation_share_a_bound_in_number_and_in_bytes() {
        try (Samples own =
                new Samples("maxOpenUploads", "1", "maxOpenUploadsOfKeys", "3", "maxSize", "1m")) {
            for (String key : List.of("server", "writer", "server")) {
                own.open(key, 10, "");
            }
            refusedCreation(own, "writer", "1", "TOO_MANY_UPLOADS");
            own.open("ada", 10, "");
            own.open("foreign", 10, "");
        }
        try (Samples own = new Samples("maxOpenBytesOfKeys", "1000", "maxSize", "1m")) {
            own.open("server", 600, "");
            refusedCreation(own, "writer", "401", "TOO_MANY_UNFINISHED_BYTES");
            own.open("writer", 400, "");
            own.open("ada", 2000, "");
        }
    }

    private static void refusedCreation(Samples own, String who, String length, String code) {
        HttpResponse<byte[]> refused =
                own.call("POST", "/files").as(who).tus().with("Upload-Length", length).gives(429);
        assertThat(member(refused, "code")).isEqualTo(code);
    }

    @Test
    void an_upload_expires_so_long_after_its_last_bytes_and_not_after_its_beginning() {
        try (Samples own = new Samples("uploadExpiry", "24h", "maxUploadTime", "3d")) {
            HttpResponse<byte[]> made =
                    own.call("POST", "/files")
                            .as("ada")
                            .tus()
                            .with("Upload-Length", "9")
                            .gives(201);
            String path = header(made, "location");
            String before = header(made, "upload-expires");
            for (int day = 0; day < 3; day++) {
                own.time.advance(Duration.ofHours(20));
                own.node.files.sweep().endExpired();
                HttpResponse<byte[]> more = own.append("ada", path, day, new byte[1]).gives(204);
                assertThat(header(more, "upload-expires")).isNotEqualTo(before);
                before = header(more, "upload-expires");
            }
            assertThat(header(own.call("HEAD", path).as("ada").tus().gives(200), "upload-expires"))
                    .isEqualTo(before);
            // 60 hours are over: twelve are left of the three days that any upload has.
            own.time.advance(Duration.ofHours(12));
            own.append("ada", path, 3, new byte[1]).gives(410);
            own.node.files.sweep().endExpired();
            own.call("HEAD", path).as("ada").tus().gives(404);
        }
    }

    @Test
    void an_upload_that_is_broken_on_the_disk_keeps_no_other_from_its_end() throws Exception {
        try (Samples own = new Samples("uploadExpiry", "24h")) {
            String broken = own.open("ada", 9, "");
            own.append("ada", broken, 0, new byte[5]).gives(204);
            try (var all = java.nio.file.Files.walk(own.folder)) {
                for (Path file : all.filter(java.nio.file.Files::isRegularFile).toList()) {
                    if (java.nio.file.Files.size(file) == 5) {
                        java.nio.file.Files.write(file, new byte[0]);
                    }
                }
            }
            own.time.advance(Duration.ofHours(1));
            String other = own.open("ada", 9, "");
            own.append("ada", other, 0, new byte[7]).gives(204);
            own.time.advance(Duration.ofHours(30));
            own.node.files.sweep().endExpired();
            own.call("HEAD", other).as("ada").tus().gives(404);
        }
    }

    @Test
    void a_body_that_comes_for_days_keeps_its_upload_also_when_it_breaks_off() {
        try (Samples own = new Samples("uploadExpiry", "24h")) {
            String path = own.open("ada", 10, "");
            InputStream slow =
                    new InputStream() {
                        private int given;

                        @Override
                        public int read() throws IOException {
                            own.time.advance(Duration.ofHours(10));
                            if (given++ == 5) {
                                throw new IOException("the connection was cut");
                            }
                            return 7;
                        }

                        @Override
                        public int read(byte[] target, int offset, int length) throws IOException {
                            target[offset] = (byte) read();
                            return 1;
                        }
                    };
            Reach ada = Reach.of(Objects.requireNonNull(FilesNode.CALLERS.get("ada")));
            assertThatThrownBy(() ->
                            own.node
                                    .files
                                    .uploads()
                                    .append(
                                            ada,
                                            Files.ID.parse(path.substring("/files/".length())),
                                            0,
                                            -1,
                                            slow))
                    .hasMessageContaining("cut");
            own.time.advance(Duration.ofHours(13));
            own.node.files.sweep().endExpired();
            assertThat(header(own.call("HEAD", path).as("ada").tus().gives(200), "upload-offset"))
                    .isEqualTo("5");
        }
    }

    @Test
    void no_sweep_ends_a_request_that_still_appends() throws IOException {
        try (Samples own = new Samples("uploadExpiry", "24h", "orphanAge", "0s")) {
            String path = own.open("ada", 20_000, "");
            byte[] all = bytes(7, 20_000);
            try (Socket slow = hang(own, path, 20_000, java.util.Arrays.copyOf(all, 10_000))) {
                Await.until("the first bytes have come", () -> own.arrived(path) == 10_000);
                own.time.advance(Duration.ofHours(25));
                own.node.files.sweep().endExpired();
                own.node.files.sweep().dropOrphans();
                slow.getOutputStream().write(all, 10_000, 10_000);
                String answer =
                        new String(slow.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                assertThat(answer).isEqualTo("HTTP/1.1 204");
            }
            assertThat(own.call("GET", path).as("ada").gives(200).body()).isEqualTo(all);
        }
    }

    @Test
    void an_address_of_nothing_here_is_not_found_and_a_head_without_tus_learns_the_version() {
        for (String nothing : List.of("/files/nope", "/files/24e533e02ec3bc40c387f1a0e460e216")) {
            it.append("ada", nothing, 0, new byte[1]).gives(404);
            it.call("HEAD", nothing).as("ada").tus().gives(404);
            it.call("GET", nothing).as("ada").gives(404);
            it.call("DELETE", nothing).as("ada").tus().gives(404);
        }
        String path = it.open("ada", 10, "");
        HttpResponse<byte[]> plain = it.call("HEAD", path).as("ada").gives(412);
        assertThat(header(plain, "tus-version")).isEqualTo("1.0.0");
    }

    @Test
    void a_conflict_tells_the_offset_to_go_on_from() {
        String path = it.open("ada", 10, "");
        it.append("ada", path, 0, new byte[4]).gives(204);
        assertThat(header(it.append("ada", path, 9, new byte[1]).gives(409), "upload-offset"))
                .isEqualTo("4");
    }

    @Test
    void who_reconnects_ends_the_connection_that_still_hangs() throws IOException {
        String path = it.open("ada", 100_000, "");
        try (Socket hanging = hang(path, 100_000, bytes(5, 30_000))) {
            Await.until("the first bytes have come", () -> it.arrived(path) == 30_000);
            long start = System.nanoTime();
            HttpResponse<byte[]> head = it.call("HEAD", path).as("ada").tus().gives(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(10));
            long offset = Long.parseLong(header(head, "upload-offset"));
            assertThat(offset).isBetween(0L, 30_000L);
            byte[] rest = java.util.Arrays.copyOfRange(bytes(5, 100_000), (int) offset, 100_000);
            it.append("ada", path, offset, rest).gives(204);
            assertThat(hanging.isClosed()).isFalse();
        }
        assertThat(it.call("GET", path).as("ada").gives(200).body().length).isEqualTo(100_000);
    }

    @Test
    void a_patch_that_comes_while_another_hangs_takes_over_or_learns_the_offset()
            throws IOException {
        String path = it.open("ada", 50_000, "");
        byte[] all = bytes(6, 50_000);
        try (Socket hanging = hang(path, 50_000, java.util.Arrays.copyOf(all, 20_000))) {
            Await.until("the first bytes have come", () -> it.arrived(path) == 20_000);
            HttpResponse<byte[]> second = it.append("ada", path, 0, all).send();
            assertThat(second.statusCode()).isIn(204, 409);
            if (second.statusCode() == 409) {
                long offset =
                        Long.parseLong(
                                header(
                                        it.call("HEAD", path).as("ada").tus().gives(200),
                                        "upload-offset"));
                it.append(
                                "ada",
                                path,
                                offset,
                                java.util.Arrays.copyOfRange(all, (int) offset, 50_000))
                        .gives(204);
            }
            assertThat(hanging.isClosed()).isFalse();
        }
        assertThat(it.call("GET", path).as("ada").gives(200).body()).isEqualTo(all);
    }

    @Test
    void two_appends_at_once_never_mix_their_bytes() throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            String path = it.open("ada", 200_000, "");
            byte[] ones = new byte[200_000];
            java.util.Arrays.fill(ones, (byte) 1);
            Thread other = Thread.ofVirtual().start(() -> it.append("ada", path, 0, ones).send());
            it.append("ada", path, 0, ones).send();
            other.join();
            long offset =
                    Long.parseLong(
                            header(
                                    it.call("HEAD", path).as("ada").tus().gives(200),
                                    "upload-offset"));
            if (offset < 200_000) {
                it.append(
                                "ada",
                                path,
                                offset,
                                java.util.Arrays.copyOf(ones, (int) (200_000 - offset)))
                        .gives(204);
            }
            assertThat(it.call("GET", path).as("ada").gives(200).body()).isEqualTo(ones);
        }
    }

    @Test
    void a_length_beyond_all_limits_is_refused_with_the_limit() {
        for (String length : List.of("9223372036854775807", "99999999999999999999")) {
            assertThat(text(create().with("Upload-Length", length).gives(413)))
                    .contains("TOO_LARGE", length, it.node.files.config().maxSize().toString());
        }
        Samples.Call append =
                it.call("PATCH", it.open("ada", 1, ""))
                        .as("ada")
                        .tus()
                        .with("Content-Type", "application/offset+octet-stream")
                        .with("Upload-Offset", "99999999999999999999")
                        .body(new byte[1]);
        assertThat(text(append.gives(400))).contains("INVALID_HEADER", "no upload is longer");
    }

    private static Samples.Call create() {
        return it.call("POST", "/files").as("ada").tus();
    }

    @Test
    void a_file_is_read_only_as_the_one_that_was_meant() {
        String path = it.open("ada", 3, "");
        it.append("ada", path, 0, new byte[3]).gives(204);
        String tag =
                it.call("GET", path)
                        .as("ada")
                        .gives(200)
                        .headers()
                        .firstValue("ETag")
                        .orElseThrow();
        for (String method : List.of("GET", "HEAD")) {
            Samples.Call read = it.call(method, path).as("ada");
            read.with("If-Match", tag).gives(200);
            it.call(method, path).as("ada").with("If-Match", "*").gives(200);
            it.call(method, path).as("ada").with("If-Match", "\"other\"").gives(412);
            it.call(method, path).as("ada").with("If-None-Match", tag).gives(304);
        }
    }

    /** A client that sends a part of its body and then nothing more. */
    private static Socket hang(String path, int length, byte[] part) throws IOException {
        return hang(it, path, length, part);
    }

    private static Socket hang(Samples at, String path, int length, byte[] part)
            throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.node.main.port());
        OutputStream out = socket.getOutputStream();
        String head =
                "PATCH "
                        + path
                        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ada\r\nTus-Resumable: 1.0.0\r\n"
                        + "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: "
                        + length
                        + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(part);
        out.flush();
        return socket;
    }
}
