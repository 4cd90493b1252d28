package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A browser's event stream of one person's inbox: it connects again when it is cut, and resumes
 * with {@code Last-Event-ID}. The positions of an inbox have no gaps, so none may be missing.
 */
final class InboxReader {

    private static final long GIVE_UP = 60_000_000_000L;

    private final URI server;
    private final String token;
    private final Thread thread = Thread.ofVirtual().name("inbox").unstarted(this::read);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile boolean done;
    private volatile boolean connected;
    private volatile long position;
    private volatile String wrong = "";
    private final AtomicInteger streams = new AtomicInteger();

    /** Follows an inbox that is empty. */
    InboxReader(URI server, String token) {
        this.server = server;
        this.token = token;
        thread.start();
        while (!connected && wrong.isEmpty()) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** Waits for the inbox's last position; what went wrong, if anything did. */
    Optional<String> finish(long last) {
        long end = System.nanoTime() + GIVE_UP;
        while (position < last && wrong.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
        }
        done = true;
        if (position != last && wrong.isEmpty()) {
            return Optional.of("the inbox's stream stands at " + position + " of " + last);
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(wrong);
    }

    /** How often it connected. */
    int streams() {
        return streams.get();
    }

    private void read() {
        while (!done && wrong.isEmpty()) {
            try (Wire wire = new Wire(server)) {
                line.reset();
                int status = wire.exchange(request(), this::take).status();
                if (status != 200) {
                    wrong = "the inbox's stream was refused with " + status;
                }
            } catch (RuntimeException cut) {
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private byte[] request() {
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + token);
        headers.put("Last-Event-ID", String.valueOf(position));
        return Wire.request("GET", "/api/v1/inbox/stream", headers, new byte[0]);
    }

    private void take(byte[] bytes, int from, int length) {
        for (int at = from; at < from + length; at++) {
            if (bytes[at] == '\n') {
                take(line.toString(US_ASCII));
                line.reset();
            } else {
                line.write(bytes[at]);
            }
        }
    }

    private void take(String text) {
        if (text.equals(": connected")) {
            connected = true;
            streams.incrementAndGet();
        }
        if (text.startsWith("id: ")) {
            long next = Long.parseLong(text.substring("id: ".length()));
            if (next != position + 1) {
                wrong = "the inbox's " + next + " came after " + position;
            }
            position = next;
        }
    }
}
