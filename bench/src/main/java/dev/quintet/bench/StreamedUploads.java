package dev.quintet.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A tus client that sends one file after another, each by a {@code PATCH} that takes seconds. What
 * is cut goes on where the server says that it stands, and is read back in the end.
 */
final class StreamedUploads {

    private static final int PIECE = 64 * 1024;
    private static final int SIZE = 40 * PIECE;
    private static final long BETWEEN_PIECES = 50_000_000;
    // A node has a minute to end and three to start.
    private static final long GIVE_UP = 240_000_000_000L;

    private final URI server;
    private final String token;
    private final byte[] content = new byte[SIZE];
    private int finished;
    private int resumed;

    /**
     * @param server the one node that has files
     */
    StreamedUploads(URI server, String token, Random random) {
        this.server = server;
        this.token = token;
        random.nextBytes(content);
    }

    int finished() {
        return finished;
    }

    int resumed() {
        return resumed;
    }

    /** One whole file; what went wrong, if anything did. */
    Optional<String> upload() {
        String path =
                retried(tus("POST", "/files", "Upload-Length", "" + SIZE), 201)
                        .headers()
                        .getOrDefault("location", "");
        path = path.substring(path.indexOf("/files/"));
        int offset = 0;
        while (offset < SIZE) {
            Sent sent = send(path, offset);
            int stands = sent.acknowledged() ? SIZE : offset(path);
            if (stands < offset || stands > sent.upTo()) {
                return Optional.of(
                        "an upload stands at %d, told were %d and sent %d"
                                .formatted(stands, offset, sent.upTo()));
            }
            offset = stands;
            resumed += sent.acknowledged() ? 0 : 1;
        }
        finished++;
        return Arrays.equals(read(path), content)
                ? Optional.empty()
                : Optional.of("an upload reads back otherwise");
    }

    private record Sent(int upTo, boolean acknowledged) {}

    /** All of the rest, in pieces. */
    private Sent send(String path, int offset) {
        int sent = offset;
        try (Wire wire = new Wire(server)) {
            wire.out().write(patch(path, offset));
            while (sent < SIZE) {
                int piece = Math.min(PIECE, SIZE - sent);
                sent += piece;
                wire.out().write(content, sent - piece, piece);
                LockSupport.parkNanos(BETWEEN_PIECES);
            }
            return new Sent(sent, wire.exchange(new byte[0]).status() == 204);
        } catch (IOException | RuntimeException cut) {
            return new Sent(sent, false);
        }
    }

    private int offset(String path) {
        return Integer.parseInt(
                retried(tus("HEAD", path, "Accept", "*/*"), 200)
                        .headers()
                        .getOrDefault("upload-offset", "-1"));
    }

    private byte[] read(String path) {
        ByteArrayOutputStream back = new ByteArrayOutputStream(SIZE);
        retried(tus("GET", path, "Accept", "*/*"), 200, back);
        return back.toByteArray();
    }

    private Wire.Streamed retried(byte[] request, int wanted) {
        return retried(request, wanted, new ByteArrayOutputStream());
    }

    /** Nobody else has the files while their node restarts: asked until it answers. */
    private Wire.Streamed retried(byte[] request, int wanted, ByteArrayOutputStream body) {
        long giveUp = System.nanoTime() + GIVE_UP;
        String last = "";
        while (System.nanoTime() < giveUp) {
            body.reset();
            try (Wire wire = new Wire(server)) {
                Wire.Streamed answer = wire.exchange(request, body::write);
                if (answer.status() == wanted) {
                    return answer;
                }
                last = answer.status() + " " + body;
            } catch (RuntimeException notNow) {
                last = notNow.toString();
            }
            LockSupport.parkNanos(100_000_000);
        }
        throw new IllegalStateException("the node with the files does not answer: " + last);
    }

    private byte[] patch(String path, int offset) {
        Map<String, String> headers = headers("Upload-Offset", "" + offset);
        headers.put("Content-Type", "application/offset+octet-stream");
        return Wire.head("PATCH", path, headers, SIZE - offset);
    }

    private byte[] tus(String method, String path, String name, String value) {
        return Wire.request(method, path, headers(name, value), new byte[0]);
    }

    private Map<String, String> headers(String name, String value) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + token);
        headers.put("Tus-Resumable", "1.0.0");
        headers.put(name, value);
        return headers;
    }
}
