package dev.quintet.auth;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What an access token says (RFC 9068).
 *
 * @param id its {@code jti}
 * @param client its {@code client_id}; for a token made by a server key, that key's name
 * @param family its {@code sid}: the sign-in that it belongs to; empty for a token without one
 * @param actor its {@code act.sub} (RFC 8693 section 4.1): who made it in the person's name
 */
public record AccessToken(
        String id,
        String client,
        UUID organisation,
        Optional<UUID> person,
        Optional<UUID> family,
        Optional<String> actor,
        Set<String> scopes,
        Instant issuedAt,
        Instant expiresAt) {

    public AccessToken {
        scopes = Set.copyOf(scopes);
    }

    /** Its {@code sub}: the person, else the client itself. */
    public String subject() {
        return person.map(dev.quintet.platform.IdKind.PERSON::show).orElse(client);
    }
}
