package dev.quintet.files;

import static dev.quintet.files.Samples.bytes;
import static dev.quintet.files.Samples.sha256;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.sql.TestDatabase;
import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusURLMemoryStore;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A 20 MB upload by tus-java-client is cut at seeded byte positions: by closing the socket, and by
 * kill -9 of the server. After each cut HEAD tells no more than is durable, the client resumes, and
 * every door gives the same bytes.
 */
class CutUploadTest {

    private static final int LENGTH = 20 * 1024 * 1024;
    private static final int CUTS = 20;
    private static final String SERVER = "Bearer server";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void an_upload_survives_twenty_cuts_of_the_socket() throws Exception {
        long seed = seed("quintet.files.socketCuts");
        try (TestDatabase database = TestDatabase.create("files");
                NodeProcess node = NodeProcess.start(url(database), folder())) {
            Journey journey = new Journey(seed, node);
            journey.run(cut -> node);
            // A server that throws a cut request away whole would pass all else.
            assertThat(journey.advanced)
                    .as("seed %d: cuts that left more than before", seed)
                    .isPositive();
        }
    }

    @Test
    void an_upload_survives_twenty_kills_of_the_server() throws Exception {
        long seed = seed("quintet.files.kills");
        try (TestDatabase database = TestDatabase.create("files")) {
            Path folder = folder();
            NodeProcess first = NodeProcess.start(url(database), folder);
            NodeProcess[] running = {first};
            try {
                new Journey(seed, first)
                        .run(cut -> {
                            running[0].kill();
                            running[0] = NodeProcess.start(url(database), folder);
                            return running[0];
                        });
            } finally {
                running[0].kill();
            }
        }
    }

    private static long seed(String property) {
        long seed = Long.getLong(property, System.nanoTime());
        System.out.println("repeat with -D" + property + "=" + seed);
        return seed;
    }

    private static Path folder() throws IOException {
        return java.nio.file.Files.createTempDirectory(Path.of("target").toAbsolutePath(), "cut-");
    }

    private static String url(TestDatabase database) {
        String address = database.url().jdbc().substring("jdbc:postgresql://".length());
        String password =
                URLEncoder.encode(database.url().password(), StandardCharsets.UTF_8)
                        .replace("+", "%20");
        return "postgresql://" + database.url().user() + ":" + password + "@" + address;
    }

    @FunctionalInterface
    private interface Break {
        /** Breaks what it breaks, and answers the node to go on with. */
        NodeProcess at(Socket connection) throws IOException;
    }

    private final class Journey {
        private final byte[] all;
        private final Random random;
        private final long seed;
        private NodeProcess node;
        private int advanced;

        Journey(long seed, NodeProcess node) {
            this.seed = seed;
            this.random = new Random(seed);
            this.all = bytes(seed, LENGTH);
            this.node = node;
        }

        void run(Break breaking) throws Exception {
            String path = created();
            long before = 0;
            // Bytes of an earlier cut may settle late, but never more than were sent.
            long reach = 0;
            for (int cut = 0; cut < CUTS; cut++) {
                // Each request goes on to a seeded position behind the durable offset, then breaks.
                int room = (int) (LENGTH - before) * 2 / (CUTS - cut + 1);
                int sent = 1 + random.nextInt(Math.max(1, room));
                try (Socket connection = patch(path, before, sent)) {
                    node = breaking.at(connection);
                }
                long now = offset(path);
                reach = Math.max(reach, before + sent);
                assertThat(now).as("seed %d, cut %d", seed, cut).isBetween(before, reach);
                advanced += now > before ? 1 : 0;
                before = now;
                if (before == LENGTH) {
                    break;
                }
            }
            resume(path);
            check(path);
        }

        private String created() throws Exception {
            TusClient client = client();
            client.createUpload(upload());
            return URI.create(String.valueOf(urls.get("it"))).getPath();
        }

        private final Map<String, String> urls = new HashMap<>();

        private TusClient client() throws IOException {
            TusClient client = new TusClient();
            client.setUploadCreationURL(node.main.resolve("/files").toURL());
            client.setHeaders(Map.of("Authorization", SERVER));
            client.enableResuming(
                    new TusURLMemoryStore() {
                        @Override
                        public void set(String fingerprint, java.net.URL url) {
                            super.set(fingerprint, url);
                            urls.put(fingerprint, url.toString());
                        }
                    });
            return client;
        }

        private TusUpload upload() {
            TusUpload upload = new TusUpload();
            upload.setInputStream(new ByteArrayInputStream(all));
            upload.setSize(LENGTH);
            upload.setFingerprint("it");
            upload.setMetadata(
                    new HashMap<>(Map.of("filename", "cut.bin", "filetype", "application/x-cut")));
            return upload;
        }

        /**
         * The stock client finishes what was cut: HEAD, then PATCH by PATCH. What the server still
         * held of the last cut may become durable after the HEAD; then the offset is a conflict
         * (409), and a client asks again, as tus 1.0 has it.
         */
        private void resume(String path) throws Exception {
            for (int tries = 1; ; tries++) {
                try {
                    resumeOnce(path);
                    return;
                } catch (ProtocolException conflict) {
                    if (tries == 3 || !String.valueOf(conflict.getMessage()).contains("409")) {
                        throw conflict;
                    }
                }
            }
        }

        private void resumeOnce(String path) throws Exception {
            TusUploader uploader =
                    client().beginOrResumeUploadFromURL(upload(), node.main.resolve(path).toURL());
            uploader.setChunkSize(256 * 1024);
            uploader.setRequestPayloadSize(4 * 1024 * 1024);
            while (uploader.uploadChunk() > -1) {
                // until all is sent
            }
            uploader.finish();
        }

        /** Announces all that is left, sends a part, and leaves the connection open. */
        private Socket patch(String path, long offset, int sent) throws IOException {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.main.getPort());
            OutputStream out = socket.getOutputStream();
            String head =
                    "PATCH "
                            + path
                            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                            + SERVER
                            + "\r\nTus-Resumable: 1.0.0\r\n"
                            + "Upload-Offset: "
                            + offset
                            + "\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: "
                            + (LENGTH - offset)
                            + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(all, (int) offset, sent);
            out.flush();
            return socket;
        }

        private long offset(String path) throws Exception {
            HttpResponse<byte[]> head =
                    http.send(
                            request(path)
                                    .header("Tus-Resumable", "1.0.0")
                                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            BodyHandlers.ofByteArray());
            assertThat(head.statusCode()).as("seed %d", seed).isEqualTo(200);
            return Long.parseLong(Samples.header(head, "upload-offset"));
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(node.main.resolve(path)).header("Authorization", SERVER);
        }

        private void check(String path) throws Exception {
            String right = sha256(all);
            byte[] read = http.send(request(path).build(), BodyHandlers.ofByteArray()).body();
            assertThat(sha256(read)).as("seed %d, GET", seed).isEqualTo(right);
            byte[] parts = new byte[LENGTH];
            int at = 0;
            while (at < LENGTH) {
                int end = Math.min(LENGTH, at + 1 + random.nextInt(5_000_000));
                HttpResponse<byte[]> part =
                        http.send(
                                request(path)
                                        .header("Range", "bytes=" + at + "-" + (end - 1))
                                        .build(),
                                BodyHandlers.ofByteArray());
                assertThat(part.statusCode()).isEqualTo(206);
                System.arraycopy(part.body(), 0, parts, at, end - at);
                at = end;
            }
            assertThat(sha256(parts)).as("seed %d, ranges", seed).isEqualTo(right);
            assertThat(sha256(byS3(path))).as("seed %d, S3", seed).isEqualTo(right);
        }

        private byte[] byS3(String path) throws Exception {
            HttpResponse<byte[]> made =
                    http.send(
                            request("/api/v1/files/access-keys")
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                    .build(),
                            BodyHandlers.ofByteArray());
            var credentials =
                    AwsBasicCredentials.create(
                            Samples.member(made, "accessKeyId"),
                            Samples.member(made, "secretAccessKey"));
            try (S3Client s3 =
                    S3Client.builder()
                            .endpointOverride(node.s3)
                            .region(Region.US_EAST_1)
                            .forcePathStyle(true)
                            .credentialsProvider(StaticCredentialsProvider.create(credentials))
                            .build()) {
                String key = path.substring("/files/".length()) + "/cut.bin";
                return s3.getObjectAsBytes(b -> b.bucket("uploads").key(key)).asByteArray();
            }
        }
    }
}
