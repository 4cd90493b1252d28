package dev.quintet.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What no intake can go below: HTTP by the same engine, an append and one force for all that waits.
 * It reads nothing of what it takes. The main class of a process of its own.
 */
final class IntakeFloor {

    static final String READY = "listens at ";

    private static final int BATCH = 512;
    private static final long FILE_BYTES = 1L << 30;

    private record Waiting(Buffer body, HttpServerRequest request) {}

    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final FileChannel file;

    private IntakeFloor(Path path) throws IOException {
        this.file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    public static void main(String[] arguments) throws IOException {
        IntakeFloor floor = new IntakeFloor(Path.of(arguments[0]));
        Thread.ofPlatform().start(floor::write);
        int port =
                Vertx.vertx()
                        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                        .requestHandler(floor::take)
                        .listen()
                        .await()
                        .actualPort();
        System.out.println(READY + port);
    }

    private void take(HttpServerRequest request) {
        var _ = request.body().onSuccess(body -> queue.add(new Waiting(body, request)));
    }

    private void write() {
        List<Waiting> batch = new ArrayList<>();
        while (true) {
            try {
                batch.add(queue.take());
                queue.drainTo(batch, BATCH - 1);
                ByteBuffer[] parts =
                        batch.stream()
                                .map(each -> ByteBuffer.wrap(each.body.getBytes()))
                                .toArray(ByteBuffer[]::new);
                if (file.position() > FILE_BYTES) {
                    // Over what is there already, as a log uses its space again.
                    file.position(0);
                }
                while (parts[parts.length - 1].hasRemaining()) {
                    file.write(parts);
                }
                file.force(false);
            } catch (IOException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
            for (Waiting each : batch) {
                each.request
                        .response()
                        .putHeader("Content-Type", "application/json")
                        .end("{\"success\":true}");
            }
            batch.clear();
        }
    }
}
