package dev.quintet.analytics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The calls of the Segment HTTP API. The order is written into the log: only add at the end. */
public enum Call {
    BATCH,
    TRACK,
    IDENTIFY,
    PAGE,
    SCREEN,
    GROUP,
    ALIAS;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type of one event; a batch is none. */
    static Optional<Call> ofEvent(String wire) {
        return Arrays.stream(values())
                .filter(call -> call != BATCH && call.wire().equals(wire))
                .findFirst();
    }
}
