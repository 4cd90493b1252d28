package dev.quintet.auth;

import static dev.quintet.auth.AuthRefusal.CLIENT_CANNOT;
import static dev.quintet.auth.AuthRefusal.NAME_TOO_LONG;
import static dev.quintet.auth.AuthRefusal.SCOPE_NOT_YOURS;
import static dev.quintet.auth.AuthRefusal.TOO_MANY;
import static dev.quintet.auth.OAuthError.INVALID_CLIENT;
import static dev.quintet.auth.OAuthError.INVALID_REQUEST;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.quintet.auth.Client.AuthMethod;
import dev.quintet.auth.Client.GrantType;
import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import dev.quintet.platform.Texts;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Work;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The applications: how they are made, found, and how they prove who they are. */
public final class Clients {

    private static final int LONGEST_NAME = 100;
    private static final int MOST_URIS = 20;

    // A change on another node is seen within this time.
    private static final Duration REMEMBERED = Duration.ofSeconds(5);

    /** A client with the hash of its secret, which goes no further than here and the store. */
    record Stored(Client client, Optional<String> secretHash) {}

    private final Database db;
    private final AuthStore store;
    private final Secrets secrets;
    private final Audit audit;
    private final Ids ids;
    private final String ownOrigin;
    private final Cache<UUID, Stored> known =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(REMEMBERED).build();

    Clients(Database db, AuthStore store, Secrets secrets, Audit audit, Ids ids, URI issuer) {
        this.db = db;
        this.store = store;
        this.secrets = secrets;
        this.audit = audit;
        this.ids = ids;
        this.ownOrigin = RedirectUri.originOf(issuer);
    }

    /** A client just made; nobody gets to see its secret again. */
    public record Made(Client client, Optional<String> secret) {

        @Override
        public String toString() {
            return "Made[" + client.shownId() + "]";
        }
    }

    /**
     * Checks what is wanted; the work that is left makes the client, in whatever transaction runs
     * it.
     *
     * @param address where the request came from, for the audit trail
     */
    public Work<Made> prepare(Caller by, String address, NewClient wanted) {
        Client client = plan(by, wanted);
        Optional<String> secret =
                client.isPublic()
                        ? Optional.empty()
                        : Optional.of(secrets.make(Kind.CLIENT_SECRET));
        return tx -> {
            store.putClient(tx, client, secret.map(text -> secrets.hash(Kind.CLIENT_SECRET, text)));
            audit.record(tx, Act.done(by, address, "client.create", client.shownId()));
            return new Made(client, secret);
        };
    }

    /**
     * Makes sure that one of the server's own pages can sign people in: a first-party public client
     * of the root organisation, the same on every node. Addresses and scopes of an earlier start
     * are replaced.
     *
     * @param name stable and unique, e.g. {@code console}
     * @return its client id
     */
    public String ensureBuiltIn(
            String name, String title, List<String> redirectUris, Set<String> scopes) {
        UUID id =
                UUID.nameUUIDFromBytes(
                        ("quintet built-in client " + name).getBytes(StandardCharsets.UTF_8));
        Client client =
                new Client(
                        id,
                        Caller.ROOT,
                        title,
                        AuthMethod.NONE,
                        registered(redirectUris, true),
                        registered(redirectUris, true),
                        Set.of(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN),
                        scopes,
                        true);
        db.run(tx -> store.putClient(tx, client, Optional.empty()));
        known.invalidate(id);
        return client.shownId();
    }

    /** Checks a description of a client that {@code by} wants to make. */
    private Client plan(Caller by, NewClient wanted) {
        AuthMethod method = method(wanted);
        boolean isPublic = method == AuthMethod.NONE;
        Set<GrantType> grants = grants(wanted, isPublic);
        if (Texts.showsNothing(wanted.name()) || wanted.name().length() > LONGEST_NAME) {
            throw NAME_TOO_LONG.because("client's name", LONGEST_NAME, wanted.name().length());
        }
        if (wanted.redirectUris().size() > MOST_URIS) {
            throw TOO_MANY.because(MOST_URIS, "redirect addresses", wanted.redirectUris().size());
        }
        if (grants.contains(GrantType.AUTHORIZATION_CODE) == wanted.redirectUris().isEmpty()) {
            throw CLIENT_CANNOT.because(
                    "redirectUris and the grant type authorization_code need each other");
        }
        boolean admin = by.may(Scope.ADMIN);
        if (wanted.firstParty().orElse(false) && !admin) {
            throw SCOPE_NOT_YOURS.because("admin, without which no client is first-party");
        }
        return new Client(
                ids.next(),
                by.organisation(),
                wanted.name(),
                method,
                registered(wanted.redirectUris(), isPublic),
                registered(wanted.postLogoutRedirectUris(), isPublic),
                grants,
                scopes(by, wanted.scopes()),
                wanted.firstParty().orElse(admin));
    }

    private Optional<Stored> find(UUID id) {
        Stored found = known.getIfPresent(id);
        if (found == null) {
            Optional<Stored> read = db.read(tx -> store.client(tx, id));
            read.ifPresent(stored -> known.put(id, stored));
            return read;
        }
        return Optional.of(found);
    }

    Optional<Client> find(String shownId) {
        return Client.KIND.read(shownId).flatMap(this::find).map(Stored::client);
    }

    /**
     * The client that sends a request to one of the protocol's endpoints (RFC 6749 section 2.3), by
     * Basic authentication, by {@code client_secret}, or by its mere id if it is public.
     */
    Client authenticate(Optional<String> authorization, Parameters form) {
        Optional<Basic> basic = authorization.flatMap(Clients::basic);
        Optional<String> secret = form.optional("client_secret");
        if (basic.isPresent() && secret.isPresent()) {
            throw INVALID_REQUEST.because("the client authenticates in two ways at once");
        }
        String id =
                basic.map(Basic::user)
                        .or(() -> form.optional("client_id"))
                        .orElseThrow(() -> unknown("no client authentication came"));
        if (form.optional("client_id").filter(named -> !named.equals(id)).isPresent()) {
            throw INVALID_REQUEST.because("client_id names another client than the Authorization");
        }
        Stored stored =
                Client.KIND
                        .read(id)
                        .flatMap(this::find)
                        .orElseThrow(() ->
                                unknown("the client is unknown or its authentication is wrong"));
        Optional<String> presented = basic.map(Basic::password).or(() -> secret);
        AuthMethod used =
                basic.isPresent()
                        ? AuthMethod.CLIENT_SECRET_BASIC
                        : secret.isPresent() ? AuthMethod.CLIENT_SECRET_POST : AuthMethod.NONE;
        if (!proves(stored, presented, used)) {
            throw unknown("the client is unknown or its authentication is wrong");
        }
        return stored.client();
    }

    /** Whom a request says to come from, proven or not; empty where it names nobody. */
    static String named(Optional<String> authorization, Parameters form) {
        try {
            return authorization
                    .flatMap(Clients::basic)
                    .map(Basic::user)
                    .or(() -> form.optional("client_id"))
                    .orElse("");
        } catch (Refused unreadable) {
            return "";
        }
    }

    /** A confidential client may send its secret in either way (RFC 6749 section 2.3.1). */
    private boolean proves(Stored stored, Optional<String> presented, AuthMethod used) {
        if (stored.client().isPublic()) {
            return used == AuthMethod.NONE || presented.filter(String::isEmpty).isPresent();
        }
        return presented.isPresent()
                && stored.secretHash()
                        .filter(hash -> secrets.matches(Kind.CLIENT_SECRET, presented.get(), hash))
                        .isPresent();
    }

    private record Basic(String user, String password) {}

    /** Both halves are form-encoded inside Basic (RFC 6749 section 2.3.1). */
    private static Optional<Basic> basic(String authorization) {
        if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return Optional.empty();
        }
        try {
            String pair =
                    new String(
                            Base64.getDecoder().decode(authorization.substring(6).trim()),
                            StandardCharsets.UTF_8);
            int border = pair.indexOf(':');
            if (border < 0) {
                throw unknown("the Basic credentials have no colon");
            }
            return Optional.of(
                    new Basic(
                            URLDecoder.decode(pair.substring(0, border), StandardCharsets.UTF_8),
                            URLDecoder.decode(pair.substring(border + 1), StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException malformed) {
            throw unknown("the Basic credentials are malformed");
        }
    }

    private static Refused unknown(String why) {
        return INVALID_CLIENT.because(why);
    }

    private List<String> registered(List<String> uris, boolean isPublic) {
        return uris.stream()
                .map(uri -> RedirectUri.register(uri, isPublic, ownOrigin).value())
                .distinct()
                .toList();
    }

    private static AuthMethod method(NewClient wanted) {
        boolean isPublic = wanted.isPublic().orElse(false);
        AuthMethod method =
                wanted.authMethod()
                        .map(wire ->
                                AuthMethod.of(wire)
                                        .orElseThrow(() ->
                                                CLIENT_CANNOT.because(
                                                        "authMethod is client_secret_basic, client_secret_post or none")))
                        .orElse(isPublic ? AuthMethod.NONE : AuthMethod.CLIENT_SECRET_BASIC);
        if (isPublic != (method == AuthMethod.NONE)) {
            throw CLIENT_CANNOT.because("authMethod none is for public clients, and for them only");
        }
        return method;
    }

    private static Set<GrantType> grants(NewClient wanted, boolean isPublic) {
        Set<GrantType> grants = new java.util.LinkedHashSet<>();
        for (String wire : wanted.grantTypes()) {
            grants.add(
                    GrantType.of(wire)
                            .orElseThrow(() ->
                                    CLIENT_CANNOT.because(
                                            "grantTypes are authorization_code, refresh_token and client_credentials")));
        }
        if (grants.isEmpty()) {
            throw CLIENT_CANNOT.because("it needs at least one of grantTypes");
        }
        if (isPublic && grants.contains(GrantType.CLIENT_CREDENTIALS)) {
            throw CLIENT_CANNOT.because("a public client has no credentials to be granted by");
        }
        if (grants.contains(GrantType.REFRESH_TOKEN)
                && !grants.contains(GrantType.AUTHORIZATION_CODE)) {
            throw CLIENT_CANNOT.because("refresh_token needs authorization_code");
        }
        return grants;
    }

    private static Set<String> scopes(Caller by, List<String> wanted) {
        for (String word : wanted) {
            Scopes.requireKnown(word);
            if (Scope.of(word).filter(scope -> !by.may(scope)).isPresent()) {
                throw SCOPE_NOT_YOURS.because(word);
            }
        }
        return Set.copyOf(wanted);
    }
}
