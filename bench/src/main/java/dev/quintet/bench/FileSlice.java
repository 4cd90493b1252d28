package dev.quintet.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** One large file by tus, there or back. */
final class FileSlice implements Slice {

    private static final int PIECE = 128 * 1024;

    private final QuintetProcess server;
    private final Wire wire;
    private final long mebibytes;
    private final boolean back;
    private final Deque<String> stored = new ArrayDeque<>();

    /**
     * @param back whether downloads are counted, instead of uploads
     */
    FileSlice(QuintetProcess server, long mebibytes, boolean back) {
        this.server = server;
        this.wire = new Wire(server.base());
        this.mebibytes = mebibytes;
        this.back = back;
    }

    @Override
    public String counts() {
        return back ? "MiB downloaded" : "MiB uploaded by tus, durable";
    }

    @Override
    public String load() {
        return "one connection, " + mebibytes + " MiB";
    }

    @Override
    public void prepare(Duration time) {
        if (back && stored.isEmpty()) {
            upload();
        }
    }

    @Override
    public Work run(Duration time) {
        long began = System.nanoTime();
        if (back) {
            download();
        } else {
            upload();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        if (!back) {
            delete();
        }
        return new Work(mebibytes, seconds, "");
    }

    private void upload() {
        Wire.Answer made =
                wire.exchange(
                                Wire.request(
                                        "POST",
                                        "/files",
                                        headers("Upload-Length", "" + (mebibytes << 20)),
                                        new byte[0]))
                        .require(201);
        String location = made.headers().getOrDefault("location", "");
        String path = location.substring(location.indexOf("/files/"));
        Map<String, String> headers = headers("Upload-Offset", "0");
        headers.put("Content-Type", "application/offset+octet-stream");
        byte[] noise = new byte[PIECE];
        new Random(PIECE).nextBytes(noise);
        try {
            OutputStream out = wire.out();
            out.write(Wire.head("PATCH", path, headers, mebibytes << 20));
            for (long sent = 0; sent < mebibytes << 20; sent += PIECE) {
                out.write(noise);
            }
            Wire.Streamed answer = wire.receive((bytes, from, length) -> {});
            if (answer.status() != 204) {
                throw new IllegalStateException("the upload got " + answer);
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        stored.push(path);
    }

    private void download() {
        long[] received = {0};
        Wire.Streamed answer =
                wire.exchange(
                        Wire.request(
                                "GET", stored.element(), headers("Accept", "*/*"), new byte[0]),
                        (bytes, from, length) -> received[0] += length);
        if (answer.status() != 200 || received[0] != mebibytes << 20) {
            throw new IllegalStateException(received[0] + " bytes came with " + answer);
        }
    }

    private void delete() {
        wire.exchange(Wire.request("DELETE", stored.pop(), headers("Accept", "*/*"), new byte[0]))
                .require(204);
    }

    private Map<String, String> headers(String name, String value) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + server.adminKey());
        headers.put("Tus-Resumable", "1.0.0");
        headers.put(name, value);
        return headers;
    }

    @Override
    public void close() {
        while (!stored.isEmpty()) {
            delete();
        }
        wire.close();
    }
}
