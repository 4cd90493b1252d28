package dev.quintet.files;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A key for the S3 door: acts for one organisation, with scopes that its maker had, in the name of
 * its maker's person if there was one.
 */
public record AccessKey(
        String id, UUID organisation, Optional<UUID> person, Set<Scope> scopes, Instant createdAt) {

    public AccessKey {
        scopes = Set.copyOf(scopes);
    }

    Caller caller() {
        return new Caller("s3:" + id, organisation, person, scopes);
    }
}
