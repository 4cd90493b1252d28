package dev.quintet.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a run has opened: closed in reverse, each part even when another does not close. */
final class Opened implements AutoCloseable {

    /** Closes one part. */
    interface Part extends AutoCloseable {
        @Override
        void close();
    }

    private final Deque<Part> parts = new ArrayDeque<>();

    void add(Part part) {
        parts.add(part);
    }

    /** Closes all because something failed, which stays the failure that is told. */
    void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException | Error notClosed) {
            failure.addSuppressed(notClosed);
        }
    }

    @Override
    public void close() {
        if (!parts.isEmpty()) {
            // What was opened later is closed in here, before this one.
            try (Part _ = parts.removeFirst()) {
                close();
            }
        }
    }
}
