package dev.quintet.auth;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.Provider;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Signs and checks JWTs with one fixed algorithm, ES256. The header decides nothing: another
 * algorithm, type, critical extension or unknown key id is refused, and keys named in it are never
 * looked at. Immutable; a new key set makes a new one.
 */
final class Jwts {

    static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");
    static final JOSEObjectType ID_TOKEN = JOSEObjectType.JWT;

    // Our own are about 700 characters; what is longer was not made here.
    private static final int LONGEST = 4_096;
    private static final Pattern SHAPE =
            Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");

    // Empty where no native library of the fast provider loads: the JDK signs then.
    private static final Optional<Provider> FAST = fastProvider();

    private record Ready(SigningKey key, ECDSASigner signer, ECDSAVerifier verifier) {}

    private final List<Ready> byStart;
    private final Map<String, Integer> placeOf = new LinkedHashMap<>();
    private final Duration longestLife;

    /**
     * @param keys every key that signs, has signed or will sign
     * @param longestLife how long the longest token lives, and so how long a key is checked with
     *     after its last signature
     */
    Jwts(List<SigningKey> keys, Duration longestLife) {
        this.longestLife = longestLife;
        this.byStart =
                keys.stream()
                        .sorted(Comparator.comparing(SigningKey::activeFrom))
                        .map(Jwts::ready)
                        .toList();
        for (int at = 0; at < byStart.size(); at++) {
            placeOf.put(byStart.get(at).key().id(), at);
        }
    }

    String sign(JOSEObjectType type, JWTClaimsSet claims, Instant now) {
        Ready active = active(now);
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(type)
                        .keyID(active.key().id())
                        .build();
        SignedJWT jwt = new SignedJWT(header, claims);
        try {
            jwt.sign(active.signer());
        } catch (JOSEException e) {
            throw new IllegalStateException("could not sign with key " + active.key().id(), e);
        }
        return jwt.serialize();
    }

    /**
     * The claims of a JWT of this type that one of our keys signed which is not retired; its own
     * times are the caller's to check.
     */
    Optional<JWTClaimsSet> check(JOSEObjectType type, String text, Instant now) {
        // The decoder passes over foreign characters; a token is one text, not many.
        if (text.length() > LONGEST || !SHAPE.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            SignedJWT jwt = SignedJWT.parse(text);
            JWSHeader header = jwt.getHeader();
            Integer at = placeOf.get(String.valueOf(header.getKeyID()));
            if (at == null || isRetired(at, now)) {
                return Optional.empty();
            }
            Ready ready = byStart.get(at);
            boolean ours =
                    JWSAlgorithm.ES256.equals(header.getAlgorithm())
                            && type.equals(header.getType())
                            && header.getCriticalParams() == null
                            && header.isBase64URLEncodePayload();
            return ours && jwt.verify(ready.verifier())
                    ? Optional.of(jwt.getJWTClaimsSet())
                    : Optional.empty();
        } catch (ParseException | JOSEException | IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    /** The public keys (RFC 7517): the active one, those to come, and those with live tokens. */
    String published(Instant now) {
        List<JWK> keys = new ArrayList<>();
        for (int at = 0; at < byStart.size(); at++) {
            if (!isRetired(at, now)) {
                keys.add(byStart.get(at).key().key().toPublicJWK());
            }
        }
        return new JWKSet(keys).toString(true);
    }

    /** Whether all that a key has signed is expired: then what it seems to sign is forged. */
    private boolean isRetired(int at, Instant now) {
        return at + 1 < byStart.size()
                && byStart.get(at + 1).key().activeFrom().plus(longestLife).isBefore(now);
    }

    static boolean isFast() {
        return FAST.isPresent();
    }

    private Ready active(Instant now) {
        Ready active = byStart.getFirst();
        for (Ready ready : byStart) {
            if (!ready.key().activeFrom().isAfter(now)) {
                active = ready;
            }
        }
        return active;
    }

    private static Ready ready(SigningKey key) {
        ECKey ec = key.key();
        try {
            ECDSASigner signer = new ECDSASigner(ec);
            ECDSAVerifier verifier = new ECDSAVerifier(ec.toPublicJWK());
            FAST.ifPresent(signer.getJCAContext()::setProvider);
            FAST.ifPresent(verifier.getJCAContext()::setProvider);
            return new Ready(key, signer, verifier);
        } catch (JOSEException e) {
            throw new IllegalStateException("signing key " + key.id() + " is not usable", e);
        }
    }

    private static Optional<Provider> fastProvider() {
        AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
        return provider.getLoadingError() == null ? Optional.of(provider) : Optional.empty();
    }
}
