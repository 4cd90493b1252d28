package dev.quintet.platform.caller;

import dev.quintet.platform.config.Setting;
import java.net.URI;
import java.util.HashSet;
import java.util.List;

/** Whose access tokens are believed besides our own. */
public record CallerConfig(
        @Setting("Foreign OpenID Connect issuers, each {issuer, jwksUri, audience, scopes}.")
                List<Issuer> issuers) {

    public CallerConfig {
        HashSet<String> names = new HashSet<>();
        for (Issuer issuer : issuers) {
            if (!names.add(issuer.issuer())) {
                throw new IllegalArgumentException(
                        "issuer " + issuer.issuer() + " is listed twice");
            }
        }
    }

    /**
     * One foreign issuer.
     *
     * @param issuer compared with {@code iss} letter by letter
     */
    public record Issuer(
            @Setting("Its name as it stands in 'iss'.") String issuer,
            @Setting("Where its public keys are.") URI jwksUri,
            @Setting("What 'aud' of its tokens must hold.") String audience,
            @Setting(
                            value =
                                    "What its users may do at most; a token that names scopes of ours narrows it.",
                            byDefault = "chat:read,chat:write,files:read,files:write,inbox:read")
                    List<String> scopes) {

        public Issuer {
            for (String scope : scopes) {
                if (Scope.of(scope).isEmpty()) {
                    throw new IllegalArgumentException("'" + scope + "' is not a scope");
                }
            }
        }
    }
}
