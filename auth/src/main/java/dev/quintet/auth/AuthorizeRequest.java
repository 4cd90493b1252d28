package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_REQUEST;
import static dev.quintet.auth.OAuthError.REQUEST_NOT_SUPPORTED;
import static dev.quintet.auth.OAuthError.REQUEST_URI_NOT_SUPPORTED;
import static dev.quintet.auth.OAuthError.UNAUTHORIZED_CLIENT;
import static dev.quintet.auth.OAuthError.UNSUPPORTED_RESPONSE_TYPE;

import dev.quintet.auth.Client.GrantType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an application asks of the authorization endpoint (RFC 6749 section 4.1.1, OpenID Connect
 * Core section 3.1.2.1), checked. Its client and redirect address were checked before, because only
 * then may an error be sent there.
 *
 * @param challenge the S256 challenge, without which there is no code (RFC 9700 section 2.1.1)
 */
record AuthorizeRequest(
        Client client,
        String redirectUri,
        Optional<String> state,
        Set<String> scopes,
        String challenge,
        Optional<String> nonce,
        Set<String> prompts,
        Optional<Duration> maxAge,
        Optional<String> loginHint,
        Optional<String> idTokenHint) {

    /** Whoever picks an account here does so by signing in with it. */
    static final List<String> PROMPTS = List.of("none", "login", "consent", "select_account");

    private static final int LONGEST_VALUE = 2_000;

    AuthorizeRequest {
        scopes = Set.copyOf(scopes);
        prompts = Set.copyOf(prompts);
    }

    static AuthorizeRequest read(Client client, String redirectUri, Parameters parameters) {
        if (parameters.optional("request").isPresent()) {
            throw REQUEST_NOT_SUPPORTED.because("signed request objects are not supported");
        }
        if (parameters.optional("request_uri").isPresent()) {
            throw REQUEST_URI_NOT_SUPPORTED.because("request_uri is not supported");
        }
        if (!parameters.required("response_type").equals("code")) {
            throw UNSUPPORTED_RESPONSE_TYPE.because("response_type must be code");
        }
        if (!client.grantTypes().contains(GrantType.AUTHORIZATION_CODE)) {
            throw UNAUTHORIZED_CLIENT.because("this client may not use authorization_code");
        }
        if (!parameters.optional("response_mode").orElse("query").equals("query")) {
            throw INVALID_REQUEST.because("response_mode must be query");
        }
        Set<String> prompts = parameters.words("prompt");
        for (String prompt : prompts) {
            if (!PROMPTS.contains(prompt)) {
                throw INVALID_REQUEST.because("prompt is one of " + String.join(", ", PROMPTS));
            }
        }
        if (prompts.contains("none") && prompts.size() > 1) {
            throw INVALID_REQUEST.because("prompt=none stands alone");
        }
        return new AuthorizeRequest(
                client,
                redirectUri,
                bounded(parameters, "state"),
                scopes(client, parameters),
                challenge(parameters),
                bounded(parameters, "nonce"),
                prompts,
                maxAge(parameters),
                bounded(parameters, "login_hint"),
                parameters.optional("id_token_hint"));
    }

    /** Nothing may be shown: it is answered from what is there, or not at all. */
    boolean isSilent() {
        return prompts.contains("none");
    }

    /** Who is signed in already does not count. */
    boolean asksAnew() {
        return prompts.contains("login") || prompts.contains("select_account");
    }

    private static String challenge(Parameters parameters) {
        String challenge =
                parameters
                        .optional("code_challenge")
                        .orElseThrow(() ->
                                INVALID_REQUEST.because(
                                        "PKCE is required: code_challenge is missing"));
        // An omitted method means plain (RFC 7636 section 4.3), which is not supported.
        if (!parameters.optional("code_challenge_method").orElse("plain").equals("S256")) {
            throw INVALID_REQUEST.because("code_challenge_method must be S256");
        }
        if (!Pkce.isChallenge(challenge)) {
            throw INVALID_REQUEST.because("code_challenge is not the base64url of a SHA-256");
        }
        return challenge;
    }

    private static Set<String> scopes(Client client, Parameters parameters) {
        Set<String> asked = parameters.words("scope");
        if (asked.isEmpty()) {
            return client.scopes();
        }
        Scopes.requireWithin(asked, client.scopes());
        return asked;
    }

    private static Optional<Duration> maxAge(Parameters parameters) {
        return parameters
                .optional("max_age")
                .map(text -> {
                    if (!text.matches("[0-9]{1,9}")) {
                        throw INVALID_REQUEST.because("max_age is not a number of seconds");
                    }
                    return Duration.ofSeconds(Long.parseLong(text));
                });
    }

    private static Optional<String> bounded(Parameters parameters, String name) {
        Optional<String> value = parameters.optional(name);
        if (value.filter(text -> text.length() > LONGEST_VALUE).isPresent()) {
            throw INVALID_REQUEST.because(name + " has more than " + LONGEST_VALUE + " characters");
        }
        return value;
    }
}
