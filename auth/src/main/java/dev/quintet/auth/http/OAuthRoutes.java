package dev.quintet.auth.http;

import static dev.quintet.auth.OAuthError.INSUFFICIENT_SCOPE;
import static dev.quintet.auth.OAuthError.INVALID_CLIENT;
import static dev.quintet.auth.OAuthError.INVALID_GRANT;
import static dev.quintet.auth.OAuthError.INVALID_REQUEST;
import static dev.quintet.auth.OAuthError.INVALID_SCOPE;
import static dev.quintet.auth.OAuthError.INVALID_TARGET;
import static dev.quintet.auth.OAuthError.INVALID_TOKEN;
import static dev.quintet.auth.OAuthError.UNAUTHORIZED_CLIENT;
import static dev.quintet.auth.OAuthError.UNSUPPORTED_GRANT_TYPE;
import static dev.quintet.platform.caller.CallerRefusal.TOO_MANY_REQUESTS;

import dev.quintet.auth.Client;
import dev.quintet.auth.OAuth;
import dev.quintet.auth.OAuthError;
import dev.quintet.auth.Parameters;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.Sha256;
import dev.quintet.platform.caller.RateLimits;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The OAuth and OpenID Connect endpoints that applications and servers call; errors are theirs. */
public final class OAuthRoutes {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final DataSize LIMIT = DataSize.kibibytes(32);
    private static final String BY_CLIENT = "the client authenticates by the protocol's own rules";
    private static final String FOR_ALL = "the protocol has it public";

    private final OAuth oauth;
    private final RateLimits limits;

    public OAuthRoutes(OAuth oauth, RateLimits limits) {
        this.oauth = oauth;
        this.limits = limits;
    }

    public Routes routes() {
        return Routes.of(
                        "auth",
                        Route.get("/.well-known/openid-configuration")
                                .open(FOR_ALL)
                                .gives(200, Map.class)
                                .says("What this server can do (OpenID Connect Discovery).")
                                .by(request -> description()),
                        Route.get("/.well-known/oauth-authorization-server")
                                .open(FOR_ALL)
                                .gives(200, Map.class)
                                .says("The same, where RFC 8414 has it.")
                                .by(request -> description()),
                        Route.get("/oauth2/jwks")
                                .open(FOR_ALL)
                                .gives(200, Map.class)
                                .says("The public keys (RFC 7517).")
                                .by(request -> keySet()),
                        Route.post("/oauth2/token")
                                .open(BY_CLIENT)
                                .takesBytes(LIMIT, FORM)
                                .gives(200, Map.class)
                                .refuses(
                                        INVALID_REQUEST,
                                        INVALID_CLIENT,
                                        INVALID_GRANT,
                                        INVALID_SCOPE,
                                        INVALID_TARGET,
                                        UNAUTHORIZED_CLIENT,
                                        UNSUPPORTED_GRANT_TYPE,
                                        TOO_MANY_REQUESTS)
                                .says("Gives tokens (RFC 6749 section 3.2).")
                                .by(request -> fresh(oauth.token(client(request), form(request)))),
                        Route.post("/oauth2/introspect")
                                .open(BY_CLIENT)
                                .takesBytes(LIMIT, FORM)
                                .gives(200, Map.class)
                                .refuses(INVALID_REQUEST, INVALID_CLIENT, TOO_MANY_REQUESTS)
                                .says("What a token is worth (RFC 7662).")
                                .by(request ->
                                        fresh(oauth.introspect(client(request), form(request)))),
                        Route.post("/oauth2/revoke")
                                .open(BY_CLIENT)
                                .takesBytes(LIMIT, FORM)
                                .gives(200)
                                .refuses(INVALID_REQUEST, INVALID_CLIENT, TOO_MANY_REQUESTS)
                                .says("Makes a token worthless (RFC 7009).")
                                .by(this::revoke),
                        Route.get("/oauth2/userinfo")
                                .open("the protocol's own bearer check answers in its words")
                                .gives(200, Map.class)
                                .refuses(INVALID_TOKEN, INSUFFICIENT_SCOPE)
                                .says(
                                        "Facts about the signed-in person (OpenID Connect Core section 5.3).")
                                .by(request -> userinfo(request)),
                        Route.post("/oauth2/userinfo")
                                .open("the protocol's own bearer check answers in its words")
                                .gives(200, Map.class)
                                .refuses(INVALID_TOKEN, INSUFFICIENT_SCOPE)
                                .says("The same by POST.")
                                .by(request -> userinfo(request)))
                .refusingBy(OAuthRoutes::refused);
    }

    private Response description() {
        return kept(Json.write(oauth.discovery()));
    }

    private Response keySet() {
        return kept(oauth.keySet().getBytes(StandardCharsets.UTF_8));
    }

    /** Clients and what lies between ask for it over and over. */
    private static Response kept(byte[] json) {
        return Response.bytes("application/json", json)
                .header("Cache-Control", "public, max-age=300")
                .etag(HexFormat.of().formatHex(Sha256.of(json), 0, 8));
    }

    private Response revoke(Request request) {
        oauth.revoke(client(request), form(request), request.head().client());
        return Response.empty(200).header("Cache-Control", "no-store");
    }

    private Response userinfo(Request request) {
        String bearer =
                request.header("Authorization")
                        .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                        .map(value -> value.substring(7).strip())
                        .orElseThrow(
                                () -> INVALID_TOKEN.because("send 'Authorization: Bearer ...'"));
        return fresh(oauth.userinfo(bearer));
    }

    private Client client(Request request) {
        Optional<String> authorization = request.header("Authorization");
        Parameters form = form(request);
        boolean guessable = authorization.isPresent() || form.optional("client_secret").isPresent();
        if (!guessable) {
            return oauth.client(authorization, form);
        }
        String address = request.head().client();
        String named = oauth.named(authorization, form);
        limits.admitSecret(address, named);
        try {
            Client client = oauth.client(authorization, form);
            if (!client.isPublic()) {
                limits.rightSecret(address, named);
                request.provenBy(client.organisation(), client.shownId());
            }
            return client;
        } catch (Refused refused) {
            if (refused.refusal() == INVALID_CLIENT) {
                limits.wrongSecret(address, named);
            }
            throw refused;
        }
    }

    private static Parameters form(Request request) {
        return Parameters.of(request.form());
    }

    private static Response fresh(Map<String, Object> answer) {
        return Response.json(answer).header("Cache-Control", "no-store");
    }

    /** RFC 6749 section 5.2, and RFC 6750 section 3 where a bearer token was asked for. */
    static Response refused(Refused refused, String requestId) {
        OAuthError error = refused.refusal() instanceof OAuthError own ? own : inOurWords(refused);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error.wire());
        body.put("error_description", refused.detail().replace('"', '\''));
        Response response =
                Response.json(refused.refusal().status(), body).header("Cache-Control", "no-store");
        if (refused.headers().containsKey("WWW-Authenticate")) {
            return response;
        }
        return switch (error) {
            case INVALID_CLIENT -> response.header("WWW-Authenticate", "Basic realm=\"quintet\"");
            case INVALID_TOKEN, INSUFFICIENT_SCOPE ->
                    response.header(
                            "WWW-Authenticate",
                            "Bearer realm=\"quintet\", error=\"" + error.wire() + '"');
            case INVALID_REQUEST,
                    INVALID_GRANT,
                    UNAUTHORIZED_CLIENT,
                    UNSUPPORTED_GRANT_TYPE,
                    UNSUPPORTED_RESPONSE_TYPE,
                    INVALID_SCOPE,
                    INVALID_TARGET,
                    ACCESS_DENIED,
                    LOGIN_REQUIRED,
                    CONSENT_REQUIRED,
                    REQUEST_NOT_SUPPORTED,
                    REQUEST_URI_NOT_SUPPORTED,
                    SERVER_ERROR,
                    TEMPORARILY_UNAVAILABLE ->
                    response;
        };
    }

    private static OAuthError inOurWords(Refused refused) {
        int status = refused.refusal().status();
        if (status == 401) {
            return INVALID_TOKEN;
        }
        if (status == 429 || status == 503 || status == 504) {
            return OAuthError.TEMPORARILY_UNAVAILABLE;
        }
        return status >= 500 ? OAuthError.SERVER_ERROR : INVALID_REQUEST;
    }
}
