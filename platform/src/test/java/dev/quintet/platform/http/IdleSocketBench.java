package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Heap per idle WebSocket: opens the given number (5,000) against a server in this JVM and compares
 * the heap after collection with that before. The clients' plain sockets are counted too, so the
 * truth is lower.
 */
final class IdleSocketBench {

    private static final int WARM_UP = 200;

    private IdleSocketBench() {}

    public static void main(String... args) throws Exception {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 5_000;
        measure(count, System.out);
    }

    /** Bytes of heap per socket. */
    static long measure(int count, PrintStream out) throws Exception {
        Waiter listener = new Waiter(count + WARM_UP);
        Routes routes =
                Routes.of(
                        "bench",
                        Route.get("/idle")
                                .open("a bench")
                                .opens(
                                        request -> listener,
                                        DataSize.kibibytes(64),
                                        DataSize.mebibytes(1)));
        List<java.net.Socket> clients = new ArrayList<>(count + WARM_UP);
        try (TestWeb web = TestWeb.of(routes)) {
            for (int at = 0; at < WARM_UP; at++) {
                clients.add(open(web.port()));
            }
            long before = heap();
            for (int at = 0; at < count; at++) {
                clients.add(open(web.port()));
            }
            listener.opened.await();
            long each = (heap() - before) / count;
            out.printf("%d idle sockets: %d bytes of heap each%n", count, each);
            return each;
        } finally {
            for (java.net.Socket client : clients) {
                client.close();
            }
        }
    }

    private static long heap() {
        for (int round = 0; round < 3; round++) {
            ManagementFactory.getMemoryMXBean().gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static java.net.Socket open(int port) throws IOException {
        java.net.Socket socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port);
        String ask =
                String.join(
                        "\r\n",
                        "GET /idle HTTP/1.1",
                        "Host: x",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "",
                        "");
        socket.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        for (int line = 0, ends = 0; ends < 4; line++) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the handshake ended after " + line + " bytes");
            }
            ends = next == '\r' || next == '\n' ? ends + 1 : 0;
        }
        return socket;
    }

    /** Does nothing, as most sockets do most of the time. */
    private static final class Waiter implements Listener {

        private final CountDownLatch opened;

        Waiter(int count) {
            opened = new CountDownLatch(count);
        }

        @Override
        public void opened(Socket socket) {
            opened.countDown();
        }

        @Override
        public void received(Socket socket, Message message) {}

        @Override
        public void closed(Socket socket, int code) {}
    }
}
