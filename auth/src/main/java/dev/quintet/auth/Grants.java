package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_GRANT;
import static dev.quintet.auth.OAuthError.UNAUTHORIZED_CLIENT;
import static dev.quintet.auth.OAuthError.UNSUPPORTED_GRANT_TYPE;

import dev.quintet.auth.AuthEvent.SignedIn;
import dev.quintet.auth.Client.GrantType;
import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The token endpoint's grants: what a client gets for a code, a refresh token, or by itself. */
final class Grants {

    /** The answer of the token endpoint (RFC 6749 section 5.1). */
    record Granted(
            String accessToken,
            Duration expiresIn,
            Optional<String> refreshToken,
            Optional<String> idToken,
            Set<String> scopes) {}

    private final Database db;
    private final GrantStore store;
    private final Secrets secrets;
    private final Families families;
    private final Tokens tokens;
    private final Ids ids;
    private final InstantSource time;
    private final String issuer;

    Grants(
            Database db,
            GrantStore store,
            Secrets secrets,
            Families families,
            Tokens tokens,
            Ids ids,
            InstantSource time,
            String issuer) {
        this.db = db;
        this.store = store;
        this.secrets = secrets;
        this.families = families;
        this.tokens = tokens;
        this.ids = ids;
        this.time = time;
        this.issuer = issuer;
    }

    Granted grant(Client client, Parameters form) {
        String wire = form.required("grant_type");
        GrantType type =
                GrantType.of(wire)
                        .orElseThrow(() ->
                                UNSUPPORTED_GRANT_TYPE.because(
                                        "grant_type is authorization_code, refresh_token or client_credentials"));
        if (!client.grantTypes().contains(type)) {
            throw UNAUTHORIZED_CLIENT.because("this client may not use " + type.wire());
        }
        // All that can be refused is refused before anything is spent.
        Resources.requireOwn(form, issuer);
        return switch (type) {
            case AUTHORIZATION_CODE -> byCode(client, form);
            case REFRESH_TOKEN -> byRefreshToken(client, form);
            case CLIENT_CREDENTIALS -> byItself(client, form);
        };
    }

    /** What became of a code, decided inside its transaction. */
    private sealed interface Taken {

        record Good(Families.Turned turned, GrantStore.CodeRow code) implements Taken {}

        record Bad(String why) implements Taken {}
    }

    private Granted byCode(Client client, Parameters form) {
        String code = form.required("code");
        // Without it, or without a challenge, the code would be a bearer secret (RFC 9700 section
        // 2.1.1).
        String verifier = form.required("code_verifier");
        String redirectUri = form.required("redirect_uri");
        return switch (db.tx(tx -> take(tx, client, code, verifier, redirectUri))) {
            case Taken.Good(Families.Turned turned, GrantStore.CodeRow row) ->
                    granted(client, turned, row.nonce(), turned.family().scopes());
            case Taken.Bad(String why) -> throw INVALID_GRANT.because(why);
        };
    }

    private Taken take(Tx tx, Client client, String code, String verifier, String redirectUri) {
        Optional<GrantStore.CodeRow> locked = store.lockCode(tx, secrets.hashes(Kind.CODE, code));
        if (locked.isEmpty()) {
            return new Taken.Bad("the code is unknown or expired");
        }
        GrantStore.CodeRow row = locked.get();
        if (row.used()) {
            // It came twice, so one of the two was not meant to have it (RFC 6749 section 4.1.2).
            families.endReplayed(tx, row);
            return new Taken.Bad("the code was used before; what it gave is revoked");
        }
        UUID family = ids.next();
        boolean mine =
                row.client().equals(client.id())
                        && row.redirectUri().equals(redirectUri)
                        && Pkce.proves(verifier, row.challenge());
        // A code is spent by any attempt: nobody gets to try several verifiers.
        store.spendCode(tx, row.hash(), mine ? Optional.of(family) : Optional.empty());
        if (!mine) {
            return new Taken.Bad(
                    "the code was given to another client, redirect_uri or code_challenge");
        }
        Families.Turned turned = families.open(tx, family, row);
        tx.announce(
                new SignedIn(row.organisation(), row.person(), client.shownId(), time.instant()));
        return new Taken.Good(turned, row);
    }

    private Granted byRefreshToken(Client client, Parameters form) {
        Set<String> asked = form.words("scope");
        Families.Turned turned = families.refresh(client, form.required("refresh_token"), asked);
        return granted(
                client,
                turned,
                Optional.empty(),
                asked.isEmpty() ? turned.family().scopes() : asked);
    }

    private Granted byItself(Client client, Parameters form) {
        Set<String> asked = form.words("scope");
        Scopes.requireWithin(asked, client.scopes());
        Set<String> scopes =
                Scopes.narrow(asked.isEmpty() ? client.scopes() : asked, client.scopes());
        scopes.removeAll(Scopes.OPENID_CONNECT);
        Instant now = time.instant();
        Duration life = families.accessTokenLife();
        String token =
                tokens.access(
                        new AccessToken(
                                ids.next().toString(),
                                client.shownId(),
                                client.organisation(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                scopes,
                                now,
                                now.plus(life)));
        return new Granted(token, life, Optional.empty(), Optional.empty(), scopes);
    }

    private Granted granted(
            Client client, Families.Turned turned, Optional<String> nonce, Set<String> asked) {
        Family family = turned.family();
        User user = turned.user();
        // What the user may do is asked again each time: a right taken away is gone at the next
        // refresh.
        Set<String> scopes = Scopes.narrow(asked, user.scopes());
        Instant now = time.instant();
        Duration life = families.accessTokenLife();
        String access =
                tokens.access(
                        new AccessToken(
                                ids.next().toString(),
                                client.shownId(),
                                family.organisation(),
                                Optional.of(family.person()),
                                Optional.of(family.id()),
                                Optional.empty(),
                                scopes,
                                now,
                                now.plus(life)));
        Optional<String> identity =
                Optional.of(scopes)
                        .filter(words -> words.contains("openid"))
                        .map(words ->
                                tokens.identity(
                                        new Tokens.Identity(
                                                user,
                                                client.shownId(),
                                                family.id(),
                                                family.signedInAt(),
                                                nonce,
                                                words),
                                        access,
                                        life));
        boolean refreshes = client.grantTypes().contains(GrantType.REFRESH_TOKEN);
        return new Granted(
                access,
                life,
                refreshes ? Optional.of(turned.refreshToken()) : Optional.empty(),
                identity,
                scopes);
    }
}
