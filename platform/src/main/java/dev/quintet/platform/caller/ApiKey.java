package dev.quintet.platform.caller;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A server's credential, without its secret.
 *
 * @param lastUsedAt to the minute
 */
public record ApiKey(
        UUID id,
        UUID organisation,
        String name,
        Set<Scope> scopes,
        Instant madeAt,
        Optional<Instant> lastUsedAt) {

    public ApiKey {
        scopes = Set.copyOf(scopes);
    }

    /** A new key with the only copy of its text. */
    public record Made(UUID id, String secret) {

        @Override
        public String toString() {
            return "Made[id=" + id + ", secret=***]";
        }
    }
}
