package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_TARGET;

/**
 * Where a token is to be used (RFC 8707). Every token of this server is for the server itself, so a
 * request that names another place is refused rather than given a token which that place must not
 * take.
 */
final class Resources {

    private static final String NAME = "resource";

    private Resources() {}

    static void requireOwn(Parameters parameters, String issuer) {
        boolean several = parameters.repeated().contains(NAME);
        boolean own =
                !several
                        && parameters
                                .optional(NAME)
                                .map(named -> named.equals(issuer) || named.equals(issuer + "/"))
                                .orElse(true);
        if (!own) {
            throw INVALID_TARGET.because("tokens of this server are for " + issuer + " alone");
        }
    }
}
