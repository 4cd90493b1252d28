package dev.quintet.auth;

import dev.quintet.platform.IdKind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * An application that signs people in or acts by itself.
 *
 * @param firstParty belongs to whoever runs the server: people are not asked for their consent
 */
public record Client(
        UUID id,
        UUID organisation,
        String name,
        AuthMethod authMethod,
        List<String> redirectUris,
        List<String> logoutUris,
        Set<GrantType> grantTypes,
        Set<String> scopes,
        boolean firstParty) {

    static final IdKind KIND = new IdKind("client", "client");

    /** How a client proves at the token endpoint who it is. */
    public enum AuthMethod {
        CLIENT_SECRET_BASIC,
        CLIENT_SECRET_POST,
        NONE;

        public String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public static Optional<AuthMethod> of(String wire) {
            return java.util.Arrays.stream(values())
                    .filter(method -> method.wire().equals(wire))
                    .findFirst();
        }
    }

    /** The grants that exist; implicit and password do not. */
    public enum GrantType {
        AUTHORIZATION_CODE,
        REFRESH_TOKEN,
        CLIENT_CREDENTIALS;

        public String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public static Optional<GrantType> of(String wire) {
            return java.util.Arrays.stream(values())
                    .filter(type -> type.wire().equals(wire))
                    .findFirst();
        }
    }

    public Client {
        redirectUris = List.copyOf(redirectUris);
        logoutUris = List.copyOf(logoutUris);
        grantTypes = Set.copyOf(grantTypes);
        scopes = Set.copyOf(scopes);
    }

    public String shownId() {
        return KIND.show(id);
    }

    /** Public clients keep no secret: anyone can claim to be one. */
    public boolean isPublic() {
        return authMethod == AuthMethod.NONE;
    }

    boolean allowsRedirect(String asked) {
        return redirectUris.stream()
                .anyMatch(registered -> new RedirectUri(registered).allows(asked, isPublic()));
    }
}
