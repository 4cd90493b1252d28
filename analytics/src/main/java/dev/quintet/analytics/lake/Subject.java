package dev.quintet.analytics.lake;

import java.util.Arrays;
import java.util.Locale;

/**
 * Whom an erasure is about.
 *
 * @param id as events hold it
 */
public record Subject(Kind kind, String id) {

    /** What the id is one of. */
    public enum Kind {
        /** Segment's userId: the person's own events go, and anonymous ones of the same devices. */
        USER,
        /** Segment's anonymousId: its events go that name no user. */
        DEVICE;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Kind of(String wire) {
            return Arrays.stream(values())
                    .filter(kind -> kind.wire().equals(wire))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no kind of subject: " + wire));
        }
    }
}
