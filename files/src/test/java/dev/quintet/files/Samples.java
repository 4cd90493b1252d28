package dev.quintet.files;

import dev.quintet.platform.ManualTime;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.blobs.LocalBlobs;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.TroubledDisk;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.Assertions;

/** A node with its own database for a test class, and short words for what its clients do. */
final class Samples implements AutoCloseable {

    final List<Event> announced = new CopyOnWriteArrayList<>();
    final TestDatabase database =
            TestDatabase.create((tx, events) -> announced.addAll(events), "files");
    final ManualTime time = FilesNode.now();
    final Path folder;
    final LocalBlobs blobs;
    final FilesNode node;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Samples(String... settings) {
        this(temporaryFolder(), settings);
    }

    private Samples(Path folder, String... settings) {
        this(folder, FilesNode.blobs(new LocalDisk(2), folder, LocalBlobs.STRETCH), settings);
    }

    Samples(LocalBlobs blobs) {
        this(temporaryFolder(), blobs);
    }

    /** On a disk that the test can trouble. */
    Samples(TroubledDisk disk) {
        this(temporaryFolder(), disk);
    }

    private Samples(Path folder, TroubledDisk disk) {
        this(folder, FilesNode.blobs(disk, folder, LocalBlobs.STRETCH));
    }

    private Samples(Path folder, LocalBlobs blobs, String... settings) {
        this.folder = folder;
        this.blobs = blobs;
        node = new FilesNode(database.database(), blobs, time, FilesNode.config(settings));
    }

    private static Path temporaryFolder() {
        try {
            Path target = Path.of("target").toAbsolutePath();
            return java.nio.file.Files.createTempDirectory(target, "blobs-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request on its way to be sent. */
    final class Call {
        private final List<String> headers = new ArrayList<>();
        private final String method;
        private final URI to;
        private byte[] body = new byte[0];

        private Call(String method, URI to) {
            this.method = method;
            this.to = to;
        }

        Call as(String bearer) {
            return with("Authorization", "Bearer " + bearer);
        }

        Call tus() {
            return with("Tus-Resumable", "1.0.0");
        }

        Call with(String name, String value) {
            headers.add(name);
            headers.add(value);
            return this;
        }

        Call body(byte[] bytes) {
            body = bytes;
            return this;
        }

        Call json(String text) {
            return with("Content-Type", "application/json")
                    .body(text.getBytes(StandardCharsets.UTF_8));
        }

        HttpResponse<byte[]> send() {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(to).method(method, BodyPublishers.ofByteArray(body));
            if (!headers.isEmpty()) {
                request.headers(headers.toArray(String[]::new));
            }
            try {
                return http.send(request.build(), BodyHandlers.ofByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts", e);
            }
        }

        HttpResponse<byte[]> gives(int status) {
            HttpResponse<byte[]> answer = send();
            Assertions.assertThat(answer.statusCode())
                    .as("%s %s: %s", method, to, text(answer))
                    .isEqualTo(status);
            return answer;
        }
    }

    Call call(String method, String path) {
        return new Call(
                method,
                path.startsWith("http") ? URI.create(path) : node.main.base().resolve(path));
    }

    Call callS3(String method, String path) {
        return new Call(method, node.s3.base().resolve(path));
    }

    /** Opens an upload and answers its path. */
    String open(String bearer, long length, String metadata) {
        Call call = call("POST", "/files").as(bearer).tus().with("Upload-Length", "" + length);
        return header(
                (metadata.isEmpty() ? call : call.with("Upload-Metadata", metadata)).gives(201),
                "location");
    }

    Call append(String bearer, String path, long offset, byte[] bytes) {
        return call("PATCH", path)
                .as(bearer)
                .tus()
                .with("Upload-Offset", "" + offset)
                .with("Content-Type", "application/offset+octet-stream")
                .body(bytes);
    }

    /** How many bytes of an open upload have reached the disk, durable or not. */
    long arrived(String path) {
        String blob = blob(path).toString();
        try (var walk = java.nio.file.Files.walk(folder)) {
            return walk.filter(file -> file.getFileName().toString().contains(blob))
                    .mapToLong(file -> file.toFile().length())
                    .max()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the bytes of an open upload go. */
    BlobId blob(String path) {
        Reach all = new Reach(Caller.ROOT, Optional.empty());
        return node.files
                .uploads()
                .find(all, Files.ID.parse(path.substring("/files/".length())))
                .map(Upload::blob)
                .orElseThrow(() -> new AssertionError(path + " is no open upload"));
    }

    /** Uploads by tus and answers the path. */
    String upload(String bearer, String name, String type, byte[] bytes) {
        String path =
                open(
                        bearer,
                        bytes.length,
                        "filename " + base64(name) + ",filetype " + base64(type));
        append(bearer, path, 0, bytes).gives(204);
        return path;
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static String header(HttpResponse<?> answer, String name) {
        return answer.headers()
                .firstValue(name)
                .orElseThrow(
                        () -> new AssertionError("no " + name + " in " + answer.headers().map()));
    }

    static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** A member of a JSON answer, by a search that is enough for tests. */
    static String member(HttpResponse<byte[]> answer, String name) {
        String json = text(answer);
        int start = json.indexOf("\"" + name + "\":\"") + name.length() + 4;
        return json.substring(start, json.indexOf('"', start));
    }

    @Override
    public void close() {
        http.close();
        node.close();
        database.close();
        SecretWatch.search(folder);
    }
}
