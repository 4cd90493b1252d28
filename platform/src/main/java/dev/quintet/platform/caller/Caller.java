package dev.quintet.platform.caller;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Who asks: a credential that acts for exactly one organisation, perhaps in the name of a person.
 *
 * @param credential a stable name of the credential that is safe to log and to key on ({@code
 *     key:<uuid>}, {@code client:<id>}, {@code session:<id>}); idempotency keys and rate limits are
 *     counted per credential
 * @param person the person in whose name the credential acts; empty for a server key or a client's
 *     own token
 */
public record Caller(
        String credential, UUID organisation, Optional<UUID> person, Set<Scope> scopes) {

    /**
     * The organisation of everything that the operator owns; the only one until another is made.
     */
    public static final UUID ROOT = new UUID(0x0000_0000_0000_7000L, 0x8000_0000_0000_0001L);

    public Caller {
        scopes = Set.copyOf(scopes);
    }

    public boolean may(Scope scope) {
        return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
    }

    /** Of the organisation that runs the server. */
    public boolean isRoot() {
        return organisation.equals(ROOT);
    }

    /** Whoever runs the server, for all organisations. */
    public boolean isOperator() {
        return isRoot() && may(Scope.ADMIN);
    }
}
