package dev.quintet.server;

import dev.quintet.platform.StartRefused;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The five systems, and which of them exist in this process. */
enum Systems {
    AUTH,
    NOTIFY,
    CHAT,
    FILES,
    ANALYTICS;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All of them, or those named by {@code --only}. */
    static Set<Systems> of(List<String> only) {
        if (only.isEmpty()) {
            return EnumSet.allOf(Systems.class);
        }
        EnumSet<Systems> chosen = EnumSet.noneOf(Systems.class);
        for (String word : only) {
            chosen.add(
                    Arrays.stream(values())
                            .filter(system -> system.wire().equals(word.strip()))
                            .findFirst()
                            .orElseThrow(() -> new StartRefused("'" + word + "' is not a system; --only takes auth, notify, chat, files, analytics")));
        }
        return chosen;
    }
}
