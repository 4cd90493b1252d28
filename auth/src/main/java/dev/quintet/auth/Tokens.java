package dev.quintet.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.Sha256;
import dev.quintet.platform.caller.Caller;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Access tokens and ID tokens, as JWTs: made without a write, checked without a read. A check is
 * remembered under the token's hash until it expires; whether it was revoked is asked each time.
 */
final class Tokens {

    private static final int REMEMBERED = 50_000;

    // A key may retire while what it signed is remembered.
    private static final Duration REMEMBERED_FOR = Duration.ofMinutes(10);

    private final String issuer;
    private final InstantSource time;
    private final SigningKeys keys;
    private final Revocations revocations;
    private final Cache<ByteBuffer, AccessToken> checked;

    Tokens(String issuer, InstantSource time, SigningKeys keys, Revocations revocations) {
        this.issuer = issuer;
        this.time = time;
        this.keys = keys;
        this.revocations = revocations;
        this.checked =
                Caffeine.newBuilder()
                        .maximumSize(REMEMBERED)
                        .expireAfter(
                                Expiry.<ByteBuffer, AccessToken>writing((hash, token) ->
                                        atMost(
                                                REMEMBERED_FOR,
                                                Duration.between(
                                                        time.instant(), token.expiresAt()))))
                        .build();
    }

    /** An ID token's facts about a sign-in (OpenID Connect Core section 2). */
    record Identity(
            User user,
            String client,
            UUID family,
            Instant signedInAt,
            Optional<String> nonce,
            Set<String> scopes) {}

    String access(AccessToken token) {
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .audience(issuer)
                        .subject(token.subject())
                        .jwtID(token.id())
                        .issueTime(Date.from(token.issuedAt()))
                        .expirationTime(Date.from(token.expiresAt()))
                        .claim("client_id", token.client())
                        .claim("org", IdKind.ORGANISATION.show(token.organisation()))
                        .claim("scope", String.join(" ", new TreeSet<>(token.scopes())));
        token.family().ifPresent(family -> claims.claim("sid", family.toString()));
        token.actor().ifPresent(actor -> claims.claim("act", Map.of("sub", actor)));
        return keys.current().sign(Jwts.ACCESS_TOKEN, claims.build(), time.instant());
    }

    String identity(Identity identity, String accessToken, Duration life) {
        Instant now = time.instant();
        User user = identity.user();
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .audience(identity.client())
                        .subject(IdKind.PERSON.show(user.person()))
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(life)))
                        .claim("auth_time", identity.signedInAt().getEpochSecond())
                        .claim("sid", identity.family().toString())
                        .claim("at_hash", leftHalf(accessToken));
        identity.nonce().ifPresent(nonce -> claims.claim("nonce", nonce));
        if (identity.scopes().contains("profile")) {
            claims.claim("name", user.name());
        }
        if (identity.scopes().contains("email")) {
            claims.claim("email", user.email()).claim("email_verified", false);
        }
        return keys.current().sign(Jwts.ID_TOKEN, claims.build(), now);
    }

    /** What a live access token of ours says; empty when it is anything else. */
    Optional<AccessToken> check(String text) {
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(text.getBytes(StandardCharsets.UTF_8)));
        AccessToken known = checked.getIfPresent(hash);
        if (known == null) {
            Optional<AccessToken> read =
                    keys.current()
                            .check(Jwts.ACCESS_TOKEN, text, time.instant())
                            .flatMap(this::read);
            if (read.isEmpty()) {
                return read;
            }
            known = read.get();
            checked.put(hash, known);
        }
        boolean live = known.expiresAt().isAfter(time.instant()) && !revocations.includes(known);
        return live ? Optional.of(known) : Optional.empty();
    }

    Optional<Caller> authenticate(String bearer) {
        return check(bearer)
                .map(token ->
                        new Caller(
                                credential(token),
                                token.organisation(),
                                token.person(),
                                Scopes.rights(token.scopes())));
    }

    /**
     * What an ID token of ours says of a sign-in, for a sign-out. An expired one counts too (OpenID
     * Connect RP-Initiated Logout section 2).
     */
    Optional<Hint> hint(String idToken) {
        return keys.current()
                .check(Jwts.ID_TOKEN, idToken, time.instant())
                .filter(claims -> issuer.equals(claims.getIssuer()))
                .filter(claims -> claims.getAudience().size() == 1)
                .map(claims ->
                        new Hint(
                                claims.getSubject(),
                                claims.getAudience().getFirst(),
                                family(claims)));
    }

    /** Who was signed in, at which client, both as shown; and by which family. */
    record Hint(String subject, String client, Optional<UUID> family) {}

    private static Optional<UUID> family(JWTClaimsSet claims) {
        return claims.getClaim("sid") instanceof String sid
                ? Optional.of(UUID.fromString(sid))
                : Optional.empty();
    }

    private static Duration atMost(Duration most, Duration wanted) {
        return wanted.compareTo(most) < 0 ? wanted : most;
    }

    private static String credential(AccessToken token) {
        return token.family()
                .map(family -> "session:" + family)
                .orElseGet(() ->
                        token.person().isPresent()
                                ? "token:" + token.id()
                                : "client:" + token.client());
    }

    private Optional<AccessToken> read(JWTClaimsSet claims) {
        try {
            String subject = claims.getSubject();
            String client = claims.getStringClaim("client_id");
            String family = claims.getStringClaim("sid");
            if (!issuer.equals(claims.getIssuer())
                    || !claims.getAudience().contains(issuer)
                    || subject == null
                    || client == null
                    || claims.getJWTID() == null
                    || claims.getIssueTime() == null
                    || claims.getExpirationTime() == null) {
                return Optional.empty();
            }
            return Optional.of(
                    new AccessToken(
                            claims.getJWTID(),
                            client,
                            IdKind.ORGANISATION.parse(claims.getStringClaim("org")),
                            subject.equals(client)
                                    ? Optional.empty()
                                    : Optional.of(IdKind.PERSON.parse(subject)),
                            Optional.ofNullable(family).map(UUID::fromString),
                            Optional.ofNullable(claims.getJSONObjectClaim("act"))
                                    .map(act -> String.valueOf(act.get("sub"))),
                            Set.copyOf(List.of(claims.getStringClaim("scope").split(" "))),
                            claims.getIssueTime().toInstant(),
                            claims.getExpirationTime().toInstant()));
        } catch (ParseException | Refused | IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    private static String leftHalf(String accessToken) {
        byte[] digest = Sha256.of(accessToken.getBytes(StandardCharsets.US_ASCII));
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Arrays.copyOf(digest, digest.length / 2));
    }
}
