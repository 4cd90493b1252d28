package dev.quintet.platform.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events (WHATWG HTML section 9.2) to one client, for as long as its credential counts.
 * Each write blocks while the client lags and fails when it is gone. For one thread.
 */
public final class EventStream {

    private static final Logger log = LoggerFactory.getLogger(EventStream.class);

    // A revocation is heard of within 0.3 s; this is what is left of the second that it promises.
    private static final Duration LOOK = Duration.ofMillis(500);

    private final OutputStream out;
    private final BooleanSupplier admitted;
    private final CountDownLatch written = new CountDownLatch(1);
    private volatile boolean open = true;
    private volatile Runnable wake = () -> {};

    /**
     * @param admitted whether its client still may: without that nothing is told any more
     */
    EventStream(OutputStream out, BooleanSupplier admitted) {
        this.out = out;
        this.admitted = admitted;
    }

    /** An event with an id by which the client resumes ({@code Last-Event-ID}). */
    public void event(String id, String name, String data) throws IOException {
        StringBuilder text = new StringBuilder(data.length() + 64);
        text.append("id: ")
                .append(oneLine(id))
                .append("\nevent: ")
                .append(oneLine(name))
                .append('\n');
        data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
        send(text.append('\n'));
    }

    /** Keeps proxies from closing the connection, and finds out whether the client is there. */
    public void comment(String text) throws IOException {
        send(new StringBuilder(": ").append(oneLine(text)).append("\n\n"));
    }

    /** False once the client is gone or may no more, or the server restarts; the writer returns. */
    public boolean isOpen() {
        return open;
    }

    /** Calls this, once or twice, when the stream shall end: wakes a writer that waits for news. */
    public void whenEnding(Runnable waker) {
        wake = waker;
        if (!open) {
            waker.run();
        }
    }

    /** On any thread. */
    void leave() {
        open = false;
        wake.run();
    }

    /** On the request's thread; ends with the writer, who is told when its client may no more. */
    void tell(Response.EventWriter writer) throws IOException {
        Thread.ofVirtual().name("event-stream-look").start(this::look);
        try {
            writer.write(this);
        } finally {
            written.countDown();
        }
    }

    private void look() {
        try {
            while (!written.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                if (!isAdmitted()) {
                    leave();
                    return;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts", e);
        }
    }

    private boolean isAdmitted() {
        try {
            return admitted.getAsBoolean();
        } catch (RuntimeException unknown) {
            log.debug("whether a stream may go on cannot be asked; it ends", unknown);
            return false;
        }
    }

    private void send(StringBuilder text) throws IOException {
        if (!open || !isAdmitted()) {
            leave();
            return;
        }
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }
}
