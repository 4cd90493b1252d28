package dev.quintet.analytics.lake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What a child writes to its standard error: a platform thread of its own reads it to the end, so
 * that the child is never held up, and hands it on line by line.
 */
final class ErrorLines {

    private static final int LONGEST = 500;
    private static final int KEPT = 20;

    private final InputStream from;
    private final Consumer<String> to;
    private final Thread thread;

    // Guarded by itself.
    private final Deque<String> last = new ArrayDeque<>();

    /**
     * @param to is told each line, cut at 500 characters
     */
    ErrorLines(InputStream from, String thread, Consumer<String> to) {
        this.from = from;
        this.to = to;
        this.thread = Thread.ofPlatform().daemon().name(thread).start(this::read);
    }

    /** The last lines of a child that has ended, or what is known of them within a second. */
    String ofEnded() throws InterruptedException {
        thread.join(Duration.ofSeconds(1));
        synchronized (last) {
            return String.join(" | ", last);
        }
    }

    private void read() {
        StringBuilder line = new StringBuilder();
        try (Reader in = new BufferedReader(new InputStreamReader(from, UTF_8))) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next == '\n') {
                    take(line);
                } else if (line.length() < LONGEST) {
                    line.append(Character.isISOControl(next) ? ' ' : (char) next);
                }
            }
        } catch (IOException ended) {
            // What came before it counts.
        }
        take(line);
    }

    private void take(StringBuilder characters) {
        String line = characters.toString().strip();
        characters.setLength(0);
        if (line.isEmpty()) {
            return;
        }
        synchronized (last) {
            if (last.size() == KEPT) {
                last.removeFirst();
            }
            last.addLast(line);
        }
        to.accept(line);
    }
}
