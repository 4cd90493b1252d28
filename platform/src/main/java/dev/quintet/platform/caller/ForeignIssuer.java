package dev.quintet.platform.caller;

import static dev.quintet.platform.caller.CallerRefusal.ISSUER_UNREACHABLE;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.quintet.platform.Refused;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.egress.EgressRequest;
import dev.quintet.platform.egress.EgressResponse;
import java.io.IOException;
import java.math.BigInteger;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One foreign issuer: its keys, fetched by egress, and what a token of it must fulfil (RFC 8725,
 * RFC 9068 section 4).
 */
final class ForeignIssuer {

    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.RS256, JWSAlgorithm.PS256);
    private static final Set<JOSEObjectType> TYPES =
            Set.of(
                    JOSEObjectType.JWT,
                    new JOSEObjectType("at+jwt"),
                    new JOSEObjectType("application/at+jwt"));
    private static final Duration SKEW = Duration.ofSeconds(60);
    private static final int LEAST_RSA_BITS = 2_048;

    // Keys are read again after five minutes, or at once for an unknown key id, but not more than
    // twice in half a minute; when the issuer is away the last keys count for four hours.
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final Duration FETCH = Duration.ofSeconds(15);
    private static final Duration FLOOR = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofHours(4);

    private final CallerConfig.Issuer config;
    private final InstantSource time;
    private final JWKSource<SecurityContext> keys;

    ForeignIssuer(CallerConfig.Issuer config, Egress egress, InstantSource time) {
        this.config = config;
        this.time = time;
        try {
            this.keys =
                    JWKSourceBuilder.<SecurityContext>create(
                                    config.jwksUri().toURL(), url -> fetch(egress, url))
                            .cache(FRESH.toMillis(), FETCH.toMillis())
                            .refreshAheadCache(false)
                            .rateLimited(FLOOR.toMillis())
                            .outageTolerant(OUTAGE.toMillis())
                            .build();
        } catch (MalformedURLException notHttp) {
            throw new IllegalArgumentException(config.jwksUri() + " cannot be fetched", notHttp);
        }
    }

    private static Resource fetch(Egress egress, URL url) throws IOException {
        try {
            EgressResponse response = egress.send(EgressRequest.get(URI.create(url.toString())));
            if (!response.isSuccess()) {
                throw new IOException("status " + response.status());
            }
            return new Resource(response.text(), "application/json");
        } catch (Refused refused) {
            throw new IOException(refused.detail(), refused);
        }
    }

    CallerConfig.Issuer config() {
        return config;
    }

    /** The token's claims, if it is valid now and for us. */
    Optional<JWTClaimsSet> verify(SignedJWT token) throws ParseException {
        JWSHeader header = token.getHeader();
        boolean typed = header.getType() == null || TYPES.contains(header.getType());
        if (!ALGORITHMS.contains(header.getAlgorithm())
                || !typed
                || header.getCriticalParams() != null) {
            return Optional.empty();
        }
        JWTClaimsSet claims = token.getJWTClaimsSet();
        return isForUsNow(claims) && isSigned(token) ? Optional.of(claims) : Optional.empty();
    }

    private boolean isForUsNow(JWTClaimsSet claims) {
        Instant now = time.instant();
        boolean begun =
                claims.getNotBeforeTime() == null
                        || !claims.getNotBeforeTime().toInstant().minus(SKEW).isAfter(now);
        boolean over =
                claims.getExpirationTime() == null
                        || !claims.getExpirationTime().toInstant().plus(SKEW).isAfter(now);
        String subject = claims.getSubject();
        return begun
                && !over
                && claims.getAudience().contains(config.audience())
                && subject != null
                && !subject.isBlank();
    }

    private boolean isSigned(SignedJWT token) {
        for (JWK key : candidates(token.getHeader())) {
            try {
                if (verifies(key, token)) {
                    return true;
                }
            } catch (JOSEException | GeneralSecurityException unusable) {
                // A key of another kind or curve; the next may fit.
            }
        }
        return false;
    }

    private List<JWK> candidates(JWSHeader header) {
        try {
            return keys.get(new JWKSelector(JWKMatcher.forJWSHeader(header)), null);
        } catch (RateLimitReachedException asked) {
            // A token with an unknown key id; the issuer was just asked about another one.
            return List.of();
        } catch (KeySourceException away) {
            throw ISSUER_UNREACHABLE.because(config.issuer()).retryAfter(FLOOR);
        }
    }

    private static boolean verifies(JWK key, SignedJWT token)
            throws JOSEException, GeneralSecurityException {
        return switch (key) {
            case ECKey ec -> token.verify(new ECDSAVerifier(ec));
            case RSAKey rsa ->
                    rsa.size() >= LEAST_RSA_BITS && token.verify(new RSASSAVerifier(rsa));
            case OctetKeyPair pair -> verifies(pair, token);
            default -> false;
        };
    }

    /** Ed25519 by the JDK (RFC 8037); the library would need Tink for it. */
    private static boolean verifies(OctetKeyPair pair, SignedJWT token)
            throws GeneralSecurityException {
        if (!Curve.Ed25519.equals(pair.getCurve())) {
            return false;
        }
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(ed25519(pair.getDecodedX()));
        signature.update(token.getSigningInput());
        return signature.verify(token.getSignature().decode());
    }

    /** RFC 8032 section 5.1.2: little-endian y, the top bit says whether x is odd. */
    private static PublicKey ed25519(byte[] point) throws GeneralSecurityException {
        byte[] y = new byte[point.length];
        for (int at = 0; at < y.length; at++) {
            y[at] = point[point.length - 1 - at];
        }
        boolean odd = (y[0] & 0x80) != 0;
        y[0] &= 0x7F;
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(
                        new EdECPublicKeySpec(
                                NamedParameterSpec.ED25519,
                                new EdECPoint(odd, new BigInteger(1, y))));
    }
}
