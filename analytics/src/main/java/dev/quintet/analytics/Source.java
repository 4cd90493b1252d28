package dev.quintet.analytics;

import dev.quintet.platform.IdKind;
import java.util.UUID;

/** Something that sends events (a web page, an app, a server), known by its write key. */
public record Source(UUID id, UUID organisation, String name, AllowedOrigins allowedOrigins) {

    public static final IdKind KIND = new IdKind("src", "source");

    public Source {
        if (name.isBlank() || name.length() > 100) {
            throw AnalyticsRefusal.SOURCE_NAME_INVALID.because(name.length());
        }
    }

    /** The sender of what the server itself records for this organisation. */
    static Source server(UUID organisation) {
        return new Source(organisation, organisation, "server", AllowedOrigins.ALL_PAGES);
    }
}
