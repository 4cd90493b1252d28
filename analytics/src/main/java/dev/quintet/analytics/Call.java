package dev.quintet.analytics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The calls of the Segment HTTP API. */
public enum Call {
    BATCH(0),
    TRACK(1),
    IDENTIFY(2),
    PAGE(3),
    SCREEN(4),
    GROUP(5),
    ALIAS(6);

    private final int inLog;

    /**
     * @param inLog how records of the log name it; never changed
     */
    Call(int inLog) {
        this.inLog = inLog;
    }

    int inLog() {
        return inLog;
    }

    static Call logged(int inLog) {
        return Arrays.stream(values())
                .filter(call -> call.inLog == inLog)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("the log holds a call of kind " + inLog));
    }

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
