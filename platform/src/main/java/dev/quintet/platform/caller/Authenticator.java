package dev.quintet.platform.caller;

import java.util.Optional;

/**
 * Turns a presented credential into a caller; empty when it is unknown, expired or revoked. Own
 * auth, foreign issuers and API keys each supply one as a method reference.
 */
@FunctionalInterface
public interface Authenticator {

    /**
     * @param bearer the text after {@code Bearer }, or of the protocol's own token field. Never
     *     logged.
     */
    Optional<Caller> authenticate(String bearer);
}
