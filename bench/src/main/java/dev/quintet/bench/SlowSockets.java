package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sockets of strangers that hold on to the server: a third sends its head byte by byte, a third its
 * body, a third asks for much and does not read. One that is cut comes back.
 */
final class SlowSockets implements AutoCloseable {

    private static final byte[] BYTE = {'a'};

    private final URI server;
    private final int count;
    private final long start = System.nanoTime();
    private final long coming;
    private final List<SocketChannel> sockets = new ArrayList<>();
    private final Thread dripping = Thread.ofPlatform().name("slow").unstarted(this::comeAndDrip);
    private volatile boolean done;

    /**
     * @param coming in which they come, one after another
     */
    SlowSockets(URI server, int count, Duration coming) {
        this.server = server;
        this.count = count;
        this.coming = coming.toNanos();
        dripping.start();
    }

    private void comeAndDrip() {
        for (int at = 0; at < count && !done; at++) {
            LockSupport.parkNanos(start + at * coming / count - System.nanoTime());
            sockets.add(open(at));
        }
        drip();
    }

    private SocketChannel open(int at) {
        try {
            SocketChannel socket = SocketChannel.open();
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
            socket.write(ByteBuffer.wrap(beginning(at).getBytes(US_ASCII)));
            socket.configureBlocking(false);
            return socket;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String beginning(int at) {
        return switch (at % 6) {
            case 0, 3 -> "GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ";
            case 1 -> post("/login");
            case 4 -> post("/oauth2/token");
            // Twenty times a document of more than a hundred KB.
            default -> "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20);
        };
    }

    private static String post(String path) {
        return "POST "
                + path
                + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 3000\r\n\r\n";
    }

    private void drip() {
        while (!done) {
            for (int at = 0; at < sockets.size() && !done; at++) {
                if (at % 3 != 2) {
                    try {
                        sockets.get(at).write(ByteBuffer.wrap(BYTE));
                    } catch (IOException cut) {
                        close(sockets.get(at));
                        sockets.set(at, open(at));
                    }
                }
            }
            LockSupport.parkNanos(4_000_000_000L);
        }
    }

    private static void close(SocketChannel socket) {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        done = true;
        LockSupport.unpark(dripping);
        try {
            dripping.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        sockets.forEach(SlowSockets::close);
    }
}
