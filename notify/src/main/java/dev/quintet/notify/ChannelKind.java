package dev.quintet.notify;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The ways out of this version. */
public enum ChannelKind {
    INAPP,
    EMAIL,
    WEBHOOK;

    /** The word on the wire and in the database, e.g. {@code inapp}. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<ChannelKind> of(String wire) {
        return Arrays.stream(values()).filter(kind -> kind.wire().equals(wire)).findFirst();
    }
}
