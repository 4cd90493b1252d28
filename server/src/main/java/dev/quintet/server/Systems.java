package dev.quintet.server;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.http.Routes;
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

    /** Stands for this system where it is off: its paths answer 404 SYSTEM_OFF. */
    Routes off() {
        return switch (this) {
            case AUTH ->
                    Routes.off(
                            wire(),
                            "/api/v1/users/{rest...}",
                            "/api/v1/clients/{rest...}",
                            "/oauth2/{rest...}",
                            "/.well-known/{rest...}",
                            "/login",
                            "/logout");
            case NOTIFY ->
                    Routes.off(
                            wire(),
                            "/api/v1/notifications/{rest...}",
                            "/api/v1/inbox/{rest...}",
                            "/api/v1/webhook-endpoints/{rest...}");
            case CHAT -> Routes.off(wire(), "/api/v1/chat/{rest...}", "/connection/{rest...}");
            case FILES ->
                    Routes.off(
                            wire(), "/api/v1/files/{rest...}", "/files/{rest...}", "/f/{rest...}");
            case ANALYTICS ->
                    Routes.off(
                            wire(),
                            "/api/v1/analytics/{rest...}",
                            "/v1/{rest...}",
                            "/iceberg/{rest...}");
        };
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
                            .orElseThrow(() ->
                                    new StartRefused(
                                            "'"
                                                    + word
                                                    + "' is not a system; --only takes auth, notify, chat, files, analytics")));
        }
        return chosen;
    }
}
