package dev.quintet.files;

import static dev.quintet.files.Samples.base64;
import static dev.quintet.files.Samples.member;
import static dev.quintet.files.Samples.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.files.s3.RawRequest;
import dev.quintet.platform.Await;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.TroubledDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the tus door and the API refuse, each by both ways of appending. */
class FilesRefusalsTest {

    private static final Samples it = new Samples("maxSize", "1m", "maxOpenUploads", "1000");

    /** PATCH as it is, and as POST for clients that cannot. */
    private enum Verb {
        PATCH,
        POST
    }

    @AfterAll
    static void close() {
        it.close();
    }

    private static Samples.Call append(Verb verb, Samples at, String path) {
        Samples.Call call = at.call(verb.name(), path).as("ada");
        return (verb == Verb.POST ? call.with("X-HTTP-Method-Override", "PATCH") : call)
                .with("Content-Type", "application/offset+octet-stream");
    }

    private static void refused(String code, Samples.Call call) {
        assertThat(text(call.send())).contains("\"code\":\"" + code + "\"");
    }

    @Test
    void an_append_says_what_is_wrong_with_it() {
        for (Verb verb : Verb.values()) {
            String path = it.open("ada", 10, "");
            refused(
                    "UNSUPPORTED_VERSION",
                    append(verb, it, path)
                            .with("Tus-Resumable", "0.2")
                            .with("Upload-Offset", "0")
                            .body(new byte[1]));
            refused("MISSING_HEADER", append(verb, it, path).tus().body(new byte[1]));
            refused(
                    "INVALID_HEADER",
                    append(verb, it, path).tus().with("Upload-Offset", "one").body(new byte[1]));
            refused(
                    "EXTENSION_NOT_OFFERED",
                    append(verb, it, path)
                            .tus()
                            .with("Upload-Offset", "0")
                            .with("Upload-Checksum", "sha1 x")
                            .body(new byte[1]));
            refused("WRONG_OFFSET", at(verb, path, 5, 1));
            refused("UPLOAD_TOO_LONG", at(verb, path, 0, 11));
            refused("NO_SUCH_FILE", at(verb, path.substring(0, path.length() - 4) + "0000", 0, 1));
            it.call("POST", path)
                    .as("ada")
                    .tus()
                    .with("X-HTTP-Method-Override", "DELETE")
                    .gives(204);
        }
        refused(
                "UNSUPPORTED_VERSION",
                it.call("DELETE", it.open("ada", 1, "")).as("ada").with("Tus-Resumable", "2.0"));
    }

    private static Samples.Call at(Verb verb, String path, long offset, int length) {
        return append(verb, it, path)
                .tus()
                .with("Upload-Offset", "" + offset)
                .body(new byte[length]);
    }

    @Test
    void an_upload_that_expired_takes_no_more() {
        try (Samples own = new Samples("uploadExpiry", "1h")) {
            String path = own.open("ada", 10, "");
            own.time.advance(Duration.ofHours(2));
            for (Verb verb : Verb.values()) {
                refused(
                        "UPLOAD_EXPIRED",
                        append(verb, own, path).tus().with("Upload-Offset", "0").body(new byte[1]));
            }
        }
    }

    @Test
    void the_last_byte_does_not_take_a_key_from_somebody_else() {
        String bobs = "key " + base64("taken");
        it.append("bob", it.open("bob", 1, bobs), 0, new byte[1]).gives(204);
        for (Verb verb : Verb.values()) {
            refused("KEY_TAKEN", at(verb, it.open("ada", 1, bobs), 0, 1));
        }
        refused("KEY_TAKEN", creation(1, bobs, 1));
    }

    @Test
    void a_creation_says_what_is_wrong_with_it() {
        refused("INVALID_KEY", creation(1, "key " + base64("\u00fc".repeat(1024)), 0));
        refused("UPLOAD_TOO_LONG", creation(1, "filename " + base64("a"), 2));
    }

    private static Samples.Call creation(int length, String metadata, int bytes) {
        return it.call("POST", "/files")
                .as("ada")
                .tus()
                .with("Upload-Length", "" + length)
                .with("Upload-Metadata", metadata)
                .with("Content-Type", "application/offset+octet-stream")
                .body(new byte[bytes]);
    }

    @Test
    void bytes_that_became_whole_before_a_crash_could_write_the_row_are_appended_to_no_more() {
        for (Verb verb : Verb.values()) {
            String path = it.open("ada", 3, "");
            commit(path, 3);
            refused("ALREADY_COMMITTED", at(verb, path, 0, 3));
            it.call("HEAD", path).as("ada").tus().gives(200);
            assertThat(it.call("GET", path).as("ada").gives(200).body()).hasSize(3);
        }
    }

    /** Past the front door, as a crash between bytes and row leaves it. */
    private static void commit(String path, int length) {
        var receiving = it.node.blobs.receive(it.blob(path));
        try {
            receiving.append(0, new ByteArrayInputStream(new byte[length]));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        receiving.commit();
    }

    @Test
    void who_hangs_is_ended_by_who_comes_next() throws Exception {
        for (Verb verb : Verb.values()) {
            String path = it.open("ada", 50_000, "");
            try (Socket hanging = hang(verb, path, 50_000, new byte[20_000])) {
                Await.until("the first bytes have come", () -> it.arrived(path) == 20_000);
                it.call("HEAD", path).as("ada").tus().gives(200);
                String answer =
                        new String(hanging.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
                assertThat(answer).isEqualTo("HTTP/1.1 409");
            }
        }
    }

    /** A client that sends a part of its body and then nothing more. */
    private static Socket hang(Verb verb, String path, int length, byte[] part) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.node.main.port());
        OutputStream out = socket.getOutputStream();
        String head =
                verb
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ada\r\nTus-Resumable: 1.0.0\r\n"
                        + "X-HTTP-Method-Override: PATCH\r\n"
                        + "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: "
                        + length
                        + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(part);
        out.flush();
        return socket;
    }

    @Test
    void who_stands_before_a_disk_that_hangs_cannot_be_ended_and_the_others_are_told()
            throws Exception {
        try (LocalDisk real = new LocalDisk(2)) {
            TroubledDisk disk = new TroubledDisk(real);
            try (Samples own = new Samples(disk);
                    ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                String path = own.open("ada", 10, "");
                disk.hang();
                Future<HttpResponse<byte[]>> first =
                        clients.submit(() -> own.append("ada", path, 0, new byte[4]).send());
                Await.until("its bytes stand before the disk", () -> own.arrived(path) == 4);
                List<Future<HttpResponse<byte[]>>> others =
                        List.of(
                                clients.submit(
                                        () -> own.append("ada", path, 4, new byte[1]).send()),
                                clients.submit(() ->
                                        append(Verb.POST, own, path)
                                                .tus()
                                                .with("Upload-Offset", "4")
                                                .body(new byte[1])
                                                .send()),
                                clients.submit(() -> own.call("HEAD", path).as("ada").tus().send()),
                                clients.submit(
                                        () -> own.call("DELETE", path).as("ada").tus().send()));
                for (Future<HttpResponse<byte[]>> other : others) {
                    assertThat(other.get().statusCode()).isEqualTo(409);
                }
                disk.mend();
                assertThat(first.get().statusCode()).isIn(204, 409);
                assertThat(own.call("HEAD", path).as("ada").tus().send().statusCode())
                        .as("a DELETE that was refused has deleted nothing")
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void a_full_disk_takes_nothing_by_any_door_and_what_is_there_is_read() throws Exception {
        try (LocalDisk real = new LocalDisk(2)) {
            TroubledDisk disk = new TroubledDisk(real);
            try (Samples own = new Samples(disk)) {
                String file = own.upload("ada", "a", "text/plain", new byte[] {7});
                String path = own.open("ada", 10, "");
                disk.fill();
                // The guard looks once a second.
                Await.until(
                        "no more is taken",
                        () ->
                                own.call("POST", "/files")
                                                .as("ada")
                                                .tus()
                                                .with("Upload-Length", "1")
                                                .send()
                                                .statusCode()
                                        == 503);
                for (Verb verb : Verb.values()) {
                    refused(
                            "DISK_FULL",
                            append(verb, own, path)
                                    .tus()
                                    .with("Upload-Offset", "0")
                                    .body(new byte[1]));
                }
                assertThat(text(put(own))).contains("<Code>SlowDown</Code>");
                assertThat(own.call("GET", file).as("ada").gives(200).body()).containsExactly(7);
            }
        }
    }

    private static HttpResponse<byte[]> put(Samples own) {
        HttpResponse<byte[]> key =
                own.call("POST", "/api/v1/files/access-keys").as("server").json("{}").gives(201);
        Map<String, String> signed =
                new RawRequest(
                                member(key, "accessKeyId"),
                                member(key, "secretAccessKey"),
                                own.node.s3.base(),
                                own.time.instant())
                        .sign("PUT", "/uploads/k", "UNSIGNED-PAYLOAD", Map.of());
        Samples.Call call = own.callS3("PUT", "/uploads/k").body(new byte[1]);
        signed.forEach(call::with);
        return call.send();
    }

    @Test
    void an_organisation_has_so_many_access_keys_and_no_more() {
        try (Samples own = new Samples()) {
            for (int n = 0; n < 2; n++) {
                own.call("POST", "/api/v1/files/access-keys").as("server").json("{}").gives(201);
            }
            own.database
                    .database()
                    .run(tx ->
                            tx.handle()
                                    .execute(
                                            """
                                            insert into files.access_keys (id, organisation, person, scopes, secret, created_at)
                                            select 'copy' || n, organisation, person, scopes, secret, created_at
                                            from (select * from files.access_keys limit 1) one, generate_series(3, ?) n
                                            """,
                                            AccessKeys.MOST));
            refused(
                    "TOO_MANY_KEYS",
                    own.call("POST", "/api/v1/files/access-keys").as("server").json("{}"));
        }
    }
}
