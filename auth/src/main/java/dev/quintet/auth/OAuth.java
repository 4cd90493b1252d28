package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INSUFFICIENT_SCOPE;
import static dev.quintet.auth.OAuthError.INVALID_TOKEN;

import dev.quintet.auth.Client.AuthMethod;
import dev.quintet.auth.Client.GrantType;
import dev.quintet.auth.Revocations.Subject;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.Database;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The protocol's endpoints that applications and servers call themselves: token, introspection (RFC
 * 7662), revocation (RFC 7009), userinfo, and the documents that describe them. Answers carry the
 * protocol's own words.
 */
public final class OAuth {

    private final Clients clients;
    private final Grants grants;
    private final Families families;
    private final Tokens tokens;
    private final Revocations revocations;
    private final SigningKeys keys;
    private final Reading reading;

    /** What the endpoints read besides tokens. */
    record Reading(Database db, AuthStore store, Audit audit, URI issuer, InstantSource time) {}

    OAuth(
            Clients clients,
            Grants grants,
            Families families,
            Tokens tokens,
            Revocations revocations,
            SigningKeys keys,
            Reading reading) {
        this.clients = clients;
        this.grants = grants;
        this.families = families;
        this.tokens = tokens;
        this.revocations = revocations;
        this.keys = keys;
        this.reading = reading;
    }

    /** The client that sends a request, by what the protocol lets it prove itself with. */
    public Client client(Optional<String> authorization, Parameters form) {
        return clients.authenticate(authorization, form);
    }

    /** Whom a request says to come from; empty where it names nobody. */
    public String named(Optional<String> authorization, Parameters form) {
        return Clients.named(authorization, form);
    }

    public Map<String, Object> token(Client client, Parameters form) {
        Grants.Granted granted = grants.grant(client, form);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("access_token", granted.accessToken());
        answer.put("token_type", "Bearer");
        answer.put("expires_in", granted.expiresIn().toSeconds());
        answer.put("scope", String.join(" ", new TreeSet<>(granted.scopes())));
        granted.refreshToken().ifPresent(token -> answer.put("refresh_token", token));
        granted.idToken().ifPresent(token -> answer.put("id_token", token));
        return answer;
    }

    /** A confidential client sees the live tokens of its organisation; others see nothing. */
    public Map<String, Object> introspect(Client client, Parameters form) {
        String text = form.required("token");
        if (client.isPublic()) {
            return Map.of("active", false);
        }
        return tokens.check(text)
                .filter(token -> token.organisation().equals(client.organisation()))
                .map(this::describe)
                .or(() ->
                        families.find(text)
                                .filter(family ->
                                        family.organisation().equals(client.organisation()))
                                .map(OAuth::describe))
                .orElse(Map.of("active", false));
    }

    private Map<String, Object> describe(AccessToken token) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("active", true);
        facts.put("token_type", "Bearer");
        facts.put("iss", reading.issuer().toString());
        facts.put("aud", reading.issuer().toString());
        facts.put("sub", token.subject());
        facts.put("client_id", token.client());
        facts.put("org", IdKind.ORGANISATION.show(token.organisation()));
        facts.put("scope", String.join(" ", new TreeSet<>(token.scopes())));
        facts.put("jti", token.id());
        facts.put("iat", token.issuedAt().getEpochSecond());
        facts.put("exp", token.expiresAt().getEpochSecond());
        token.family().ifPresent(family -> facts.put("sid", family.toString()));
        token.actor().ifPresent(actor -> facts.put("act", Map.of("sub", actor)));
        return facts;
    }

    private static Map<String, Object> describe(Family family) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("active", true);
        facts.put("token_type", "refresh_token");
        facts.put("sub", IdKind.PERSON.show(family.person()));
        facts.put("client_id", Client.KIND.show(family.client()));
        facts.put("org", IdKind.ORGANISATION.show(family.organisation()));
        facts.put("scope", String.join(" ", new TreeSet<>(family.scopes())));
        facts.put("sid", family.id().toString());
        facts.put("exp", family.idleUntil().getEpochSecond());
        return facts;
    }

    /**
     * A refresh token of any generation takes its whole family with it, an access token goes alone.
     * A token of another client, or none at all, is answered the same (RFC 7009 section 2.2).
     *
     * @param address where the request came from, for the audit trail
     */
    public void revoke(Client client, Parameters form, String address) {
        String text = form.required("token");
        Optional<Family> family =
                families.ofAny(text).filter(own -> own.client().equals(client.id()));
        if (family.isPresent()) {
            families.revoke(client, family.get(), address);
            return;
        }
        tokens.check(text)
                .filter(token -> token.client().equals(client.shownId()))
                .ifPresent(token -> revoke(client, token, address));
    }

    private void revoke(Client client, AccessToken token, String address) {
        Duration left = Duration.between(reading.time().instant(), token.expiresAt());
        reading.db()
                .run(tx -> {
                    revocations.revoke(tx, List.of(Subject.token(token.id())), left);
                    reading.audit()
                            .record(
                                    tx,
                                    Act.byServer(
                                                    token.organisation(),
                                                    "client:" + client.shownId(),
                                                    "token.revoke",
                                                    token.subject())
                                            .from(address));
                });
    }

    /** Facts about the person whose token it is (OpenID Connect Core section 5.3). */
    public Map<String, Object> userinfo(String bearer) {
        AccessToken token =
                tokens.check(bearer)
                        .orElseThrow(() ->
                                INVALID_TOKEN.because("the token is unknown, expired or revoked"));
        if (!token.scopes().contains("openid")) {
            throw INSUFFICIENT_SCOPE.because("the token was not asked for with the scope openid");
        }
        User user =
                token.person()
                        .flatMap(person ->
                                reading.db()
                                        .read(tx ->
                                                reading.store()
                                                        .user(tx, token.organisation(), person)))
                        .orElseThrow(() -> INVALID_TOKEN.because("the person is gone"));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("sub", token.subject());
        if (token.scopes().contains("profile")) {
            facts.put("name", user.name());
        }
        if (token.scopes().contains("email")) {
            facts.put("email", user.email());
            facts.put("email_verified", false);
        }
        return facts;
    }

    /** The public keys, as JSON text (RFC 7517). */
    public String keySet() {
        return keys.current().published(reading.time().instant());
    }

    /** What this server can do (OpenID Connect Discovery section 3, RFC 8414, RFC 9207). */
    public Map<String, Object> discovery() {
        String issuer = reading.issuer().toString();
        List<String> methods = Arrays.stream(AuthMethod.values()).map(AuthMethod::wire).toList();
        List<String> scopes = new ArrayList<>(new TreeSet<>(Scopes.OPENID_CONNECT));
        Arrays.stream(Scope.values()).map(Scope::wire).forEach(scopes::add);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("issuer", issuer);
        facts.put("authorization_endpoint", issuer + "/oauth2/authorize");
        facts.put("token_endpoint", issuer + "/oauth2/token");
        facts.put("introspection_endpoint", issuer + "/oauth2/introspect");
        facts.put("revocation_endpoint", issuer + "/oauth2/revoke");
        facts.put("userinfo_endpoint", issuer + "/oauth2/userinfo");
        facts.put("jwks_uri", issuer + "/oauth2/jwks");
        facts.put("end_session_endpoint", issuer + "/logout");
        facts.put("response_types_supported", List.of("code"));
        facts.put("response_modes_supported", List.of("query"));
        facts.put(
                "grant_types_supported",
                Arrays.stream(GrantType.values()).map(GrantType::wire).toList());
        facts.put("code_challenge_methods_supported", List.of("S256"));
        facts.put("token_endpoint_auth_methods_supported", methods);
        facts.put("introspection_endpoint_auth_methods_supported", methods);
        facts.put("revocation_endpoint_auth_methods_supported", methods);
        facts.put("subject_types_supported", List.of("public"));
        facts.put("id_token_signing_alg_values_supported", List.of("ES256"));
        facts.put("scopes_supported", scopes);
        facts.put(
                "claims_supported",
                List.of(
                        "sub",
                        "iss",
                        "aud",
                        "exp",
                        "iat",
                        "auth_time",
                        "nonce",
                        "at_hash",
                        "sid",
                        "name",
                        "email",
                        "email_verified"));
        facts.put("prompt_values_supported", AuthorizeRequest.PROMPTS);
        facts.put("authorization_response_iss_parameter_supported", true);
        facts.put("request_parameter_supported", false);
        facts.put("request_uri_parameter_supported", false);
        return facts;
    }
}
