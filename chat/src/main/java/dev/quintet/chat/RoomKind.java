package dev.quintet.chat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a room is for: two people, a closed circle, or a topic that an administrator opened. */
public enum RoomKind {
    DIRECT,
    GROUP,
    CHANNEL;

    /** As it stands on the wire and in the database. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<RoomKind> of(String wire) {
        return Arrays.stream(values()).filter(kind -> kind.wire().equals(wire)).findFirst();
    }
}
