package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** A webhook receiver that takes everything and answers 204 at once. */
final class Sink implements AutoCloseable {

    private static final byte[] TAKEN =
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII);

    private final ServerSocket listener;
    private final AtomicLong taken = new AtomicLong();

    Sink() {
        try {
            listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort() + "/hook";
    }

    long taken() {
        return taken.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream(), 8192)) {
            for (int length = head(in); length >= 0; length = head(in)) {
                in.skipNBytes(length);
                // First: whoever has the answer may look at the count.
                taken.incrementAndGet();
                socket.getOutputStream().write(TAKEN);
            }
        } catch (IOException gone) {
            // The server closes idle connections; what it did not get an answer to comes again.
        }
    }

    /** The length of the body that follows; -1 at the end of the connection. */
    private static int head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder(512);
        for (int ends = 0; ends < 4; ) {
            int next = in.read();
            if (next < 0) {
                return -1;
            }
            head.append((char) next);
            ends = next == '\r' || next == '\n' ? ends + 1 : 0;
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length:") + "\r\ncontent-length:".length();
        return Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
