package dev.quintet.platform.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events (WHATWG HTML section 9.2) to one client. Each write blocks while the client
 * lags and fails when it is gone. For one thread.
 */
public final class EventStream {

    private final OutputStream out;
    private volatile boolean open = true;
    private volatile Runnable wake = () -> {};

    EventStream(OutputStream out) {
        this.out = out;
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

    /** False once the client is gone or the server restarts; the writer then returns. */
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

    private void send(StringBuilder text) throws IOException {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }
}
