package dev.quintet.auth;

import java.util.List;
import java.util.Optional;

/** A client that someone wants to have. */
public record NewClient(
        String name,
        List<String> redirectUris,
        List<String> postLogoutRedirectUris,
        List<String> grantTypes,
        Optional<Boolean> isPublic,
        List<String> scopes,
        Optional<String> authMethod,
        Optional<Boolean> firstParty) {

    public NewClient {
        redirectUris = List.copyOf(redirectUris);
        postLogoutRedirectUris = List.copyOf(postLogoutRedirectUris);
        grantTypes = List.copyOf(grantTypes);
        scopes = List.copyOf(scopes);
    }
}
