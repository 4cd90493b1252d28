package dev.quintet.analytics;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port before a server. One of its good answers is lost, and every connection with it; whoever
 * comes after that is turned away until all is mended.
 */
final class LostAnswer implements AutoCloseable {

    private static final String GOOD = "HTTP/1.1 200";

    private final int server;
    private final int lost;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger good = new AtomicInteger();
    private final AtomicInteger turnedAway = new AtomicInteger();
    private volatile boolean away;

    /**
     * @param lost which of the good answers, from 1
     */
    LostAnswer(int server, int lost) {
        this.server = server;
        this.lost = lost;
        try {
            listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().name("lost-answer").start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    boolean isAway() {
        return away;
    }

    int turnedAway() {
        return turnedAway.get();
    }

    void mend() {
        away = false;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (away) {
                    client.close();
                    turnedAway.incrementAndGet();
                    continue;
                }
                Socket far = new Socket(InetAddress.getLoopbackAddress(), server);
                open.add(client);
                open.add(far);
                Thread.ofVirtual().start(() -> pass(client, far, false));
                Thread.ofVirtual().start(() -> pass(far, client, true));
            }
        } catch (IOException closed) {
            close();
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[16_384];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (answers && isLost(new String(buffer, 0, count, US_ASCII))) {
                    return;
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException ended) {
            closed(from);
        } finally {
            open.remove(from);
            closed(to);
        }
    }

    private boolean isLost(String answer) {
        if (answer.startsWith(GOOD) && good.incrementAndGet() == lost) {
            away = true;
            open.forEach(LostAnswer::closed);
        }
        return away;
    }

    @Override
    public void close() {
        closed(listener);
        open.forEach(LostAnswer::closed);
    }

    private static void closed(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception already) {
            throw new IllegalStateException(already);
        }
    }
}
