package dev.quintet.auth;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/** A person who signs in here. */
public record User(
        UUID person,
        UUID organisation,
        String email,
        String name,
        Set<String> scopes,
        Instant createdAt) {

    public User {
        scopes = Set.copyOf(scopes);
    }
}
