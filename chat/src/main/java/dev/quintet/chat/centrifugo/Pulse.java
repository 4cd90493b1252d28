package dev.quintet.chat.centrifugo;

import java.time.Duration;
import java.time.Instant;

/** When a socket is pinged, and whether it answered. Used by its commands and by the clock. */
final class Pulse {

    /** What a pulse asks of the clock that looks at it. */
    enum Due {
        NOTHING,
        PING,
        CUT_STALE,
        CUT_SILENT
    }

    private static final Duration TO_CONNECT = Duration.ofSeconds(10);

    private final Duration every;
    private Instant next;
    private boolean connected;
    private boolean waiting;

    Pulse(Instant now, Duration every) {
        this.every = every;
        this.next = now.plus(TO_CONNECT);
    }

    int seconds() {
        return (int) Math.max(1, every.toSeconds());
    }

    synchronized void begin(Instant now) {
        connected = true;
        next = now.plus(every);
    }

    synchronized void answered() {
        waiting = false;
    }

    /** One ping later without an answer the socket is silent. */
    synchronized Due look(Instant now) {
        if (now.isBefore(next)) {
            return Due.NOTHING;
        }
        if (!connected) {
            return Due.CUT_STALE;
        }
        if (waiting) {
            return Due.CUT_SILENT;
        }
        waiting = true;
        next = now.plus(every);
        return Due.PING;
    }
}
