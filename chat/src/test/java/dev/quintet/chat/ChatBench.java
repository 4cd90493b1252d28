package dev.quintet.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.Await;
import dev.quintet.platform.caller.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Durable sends over 500 rooms, and deliveries in a room of 1,000; run by hand. */
final class ChatBench {

    private static final int ROOMS = 500;
    private static final int SENDERS = 200;
    private static final int READERS = 1000;
    private static final long SECONDS = 6;

    private ChatBench() {}

    public static void main(String[] arguments) throws Exception {
        try (Stage stage = new Stage()) {
            Stage.Node node = stage.node();
            sends(stage, node);
            deliveries(stage, node);
        }
        System.exit(0);
    }

    private static void sends(Stage stage, Stage.Node node) throws Exception {
        Stage.Person ada = stage.person();
        List<UUID> rooms = new ArrayList<>();
        for (int at = 0; at < ROOMS; at++) {
            rooms.add(stage.group(node, ada));
        }
        List<long[]> all = new ArrayList<>();
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int at = 0; at < SENDERS; at++) {
                int sender = at;
                threads.execute(() -> {
                    long[] took = new long[100_000];
                    int sent = 0;
                    while (System.nanoTime() < end) {
                        long began = System.nanoTime();
                        UUID room = rooms.get((sender * 7 + sent * 13) % ROOMS);
                        node.chat.send(
                                ada.caller(),
                                room,
                                sender + "-" + sent,
                                "a message of usual length",
                                List.of());
                        took[sent++] = System.nanoTime() - began;
                    }
                    synchronized (all) {
                        all.add(Arrays.copyOf(took, sent));
                    }
                });
            }
        }
        long[] took = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        System.out.printf(
                "sends/s %d, ack p50 %.1f ms, p99 %.1f ms%n",
                took.length / SECONDS,
                took[took.length / 2] / 1e6,
                took[took.length * 99 / 100] / 1e6);
    }

    private static void deliveries(Stage stage, Stage.Node node) throws Exception {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        AtomicLong bytes = new AtomicLong();
        List<Socket> sockets = new ArrayList<>();
        for (int at = 0; at < READERS; at++) {
            sockets.add(reader(node.web.port(), ada.token(), bytes));
        }
        Await.until(
                "all connected",
                Duration.ofSeconds(60),
                () -> node.chat.figures(Caller.ROOT).getOrDefault("sockets", 0L) == READERS);
        quiet(bytes);
        bytes.set(0);
        node.chat.send(ada.caller(), room, "first", "a message of usual length", List.of());
        Await.until("the first came", () -> bytes.get() > 0);
        quiet(bytes);
        double each = bytes.get() / (double) READERS;
        bytes.set(0);
        long began = System.nanoTime();
        int sent = 0;
        while (System.nanoTime() - began < SECONDS * 1_000_000_000L) {
            List<Pending> waiting = new ArrayList<>();
            for (int one = 0; one < 10; one++) {
                waiting.add(
                        node.chat.submit(
                                ada.caller(),
                                room,
                                "n" + sent++,
                                "a message of usual length",
                                List.of()));
            }
            waiting.forEach(Pending::sent);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(
                "room of %d: %d messages sent, about %.0f deliveries/s%n",
                READERS, sent, bytes.get() / each / seconds);
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** Waits until nothing has come for a second. */
    private static void quiet(AtomicLong bytes) {
        long before = -1;
        while (before != bytes.get()) {
            before = bytes.get();
            LockSupport.parkNanos(1_000_000_000L);
        }
    }

    private static Socket reader(int port, String token, AtomicLong bytes) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream()
                .write(
                        """
                        GET /connection/websocket HTTP/1.1\r
                        Host: 127.0.0.1:%d\r
                        Upgrade: websocket\r
                        Connection: Upgrade\r
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                        Sec-WebSocket-Version: 13\r
                        \r
                        """
                                .formatted(port)
                                .getBytes(UTF_8));
        socket.getOutputStream().write(StuckClient.connectFrame(token));
        Thread.ofVirtual()
                .start(() -> {
                    byte[] buffer = new byte[16384];
                    try (InputStream in = socket.getInputStream()) {
                        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                            bytes.addAndGet(got);
                        }
                    } catch (IOException closed) {
                        // The bench is over.
                    }
                });
        return socket;
    }
}
