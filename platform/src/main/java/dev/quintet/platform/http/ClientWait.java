package dev.quintet.platform.http;

/** Whether, and since when, a request's thread waits for its client. Written by that thread. */
final class ClientWait {

    private volatile long since;

    void begin() {
        // Zero says that nobody waits.
        since = System.nanoTime() | 1;
    }

    void end() {
        since = 0;
    }

    long since() {
        return since;
    }
}
