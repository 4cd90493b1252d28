package dev.quintet.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tokens that someone made or bent to look like ours. */
final class JwtsTest {

    private static final Instant NOW = Instant.parse("2030-01-01T12:00:00Z");
    private static final Duration LIFE = Duration.ofHours(24);
    private static final JWTClaimsSet CLAIMS =
            new JWTClaimsSet.Builder().subject("user_x").claim("scope", "admin").build();

    private final ECKey own = key();
    private final Jwts jwts = new Jwts(List.of(new SigningKey(own, NOW)), LIFE);

    private static ECKey key() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyIDFromThumbprint(true).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private boolean passes(String token) {
        return jwts.check(Jwts.ACCESS_TOKEN, token, NOW).isPresent();
    }

    private static String signed(JWSHeader header, ECKey key) throws JOSEException {
        SignedJWT jwt = new SignedJWT(header, CLAIMS);
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }

    private JWSHeader.Builder header() {
        return new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(Jwts.ACCESS_TOKEN)
                .keyID(own.getKeyID());
    }

    private static String part(String json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void our_own_passes_and_a_bent_one_does_not() throws JOSEException {
        String good = jwts.sign(Jwts.ACCESS_TOKEN, CLAIMS, NOW);
        assertThat(passes(good)).isTrue();
        assertThat(passes(signed(header().build(), own))).as("the test can make one").isTrue();
        String[] parts = good.split("\\.", -1);
        assertThat(passes(parts[0] + "." + part("{\"sub\":\"other\"}") + "." + parts[2])).isFalse();
        assertThat(passes(parts[0] + "." + parts[1] + ".")).isFalse();
        assertThat(passes(good + "x")).isFalse();
        assertThat(passes(good + " ")).isFalse();
    }

    @Test
    void no_algorithm_is_no_signature() {
        for (String algorithm : List.of("none", "None", "NONE", "nOnE", "")) {
            String header =
                    "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}"
                            .formatted(algorithm, own.getKeyID());
            assertThat(passes(part(header) + "." + part(CLAIMS.toString()) + ".")).isFalse();
            assertThat(passes(part(header) + "." + part(CLAIMS.toString()))).isFalse();
        }
    }

    @Test
    void the_public_key_is_no_shared_secret() throws Exception {
        byte[] published = own.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8);
        for (byte[] secret :
                List.of(
                        published,
                        own.toECPublicKey().getEncoded(),
                        MessageDigest.getInstance("SHA-256").digest(published))) {
            SignedJWT jwt =
                    new SignedJWT(
                            new JWSHeader.Builder(JWSAlgorithm.HS256)
                                    .type(Jwts.ACCESS_TOKEN)
                                    .keyID(own.getKeyID())
                                    .build(),
                            CLAIMS);
            jwt.sign(new MACSigner(secret));
            assertThat(passes(jwt.serialize())).isFalse();
        }
    }

    @Test
    void keys_that_the_header_brings_or_names_are_not_looked_at() throws JOSEException {
        ECKey foreign = key();
        assertThat(passes(signed(header().build(), foreign))).as("our kid, another key").isFalse();
        assertThat(passes(signed(header().jwk(foreign.toPublicJWK()).build(), foreign))).isFalse();
        assertThat(
                        passes(
                                signed(
                                        header().jwkURL(URI.create("http://127.0.0.1:1/x")).build(),
                                        foreign)))
                .isFalse();
        for (String kid :
                List.of("", "../../etc/passwd", "' or 1=1 --", "/dev/null", foreign.getKeyID())) {
            assertThat(passes(signed(header().keyID(kid).build(), own))).as(kid).isFalse();
        }
        assertThat(
                        passes(
                                signed(
                                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                                .type(Jwts.ACCESS_TOKEN)
                                                .build(),
                                        own)))
                .as("no kid")
                .isFalse();
    }

    @Test
    void another_type_or_a_critical_extension_is_refused() throws JOSEException {
        assertThat(passes(jwts.sign(Jwts.ID_TOKEN, CLAIMS, NOW))).as("an ID token").isFalse();
        assertThat(passes(signed(header().type(null).build(), own))).isFalse();
        assertThat(passes(signed(header().type(new JOSEObjectType("logout+jwt")).build(), own)))
                .isFalse();
        assertThat(
                        passes(
                                signed(
                                        header().criticalParams(Set.of("b64"))
                                                .base64URLEncodePayload(true)
                                                .build(),
                                        own)))
                .isFalse();
    }

    @Test
    void what_is_no_token_is_refused_without_a_fuss() {
        for (String text :
                List.of(
                        "",
                        ".",
                        "..",
                        "...",
                        "a.b.c",
                        "\0",
                        "qrt_abc",
                        part("{}") + "." + part("{}") + "." + part("x"),
                        "x".repeat(100_000),
                        part("{\"alg\":\"ES256\"".repeat(3)) + ".e30.e30")) {
            assertThat(passes(text)).isFalse();
        }
    }

    @Test
    void a_key_is_published_before_it_signs_and_until_its_last_token_is_over()
            throws JOSEException {
        ECKey next = key();
        Instant turn = NOW.plus(Duration.ofDays(90));
        Jwts both = new Jwts(List.of(new SigningKey(own, NOW), new SigningKey(next, turn)), LIFE);
        for (Instant at : List.of(NOW, turn.minusSeconds(1), turn, turn.plus(LIFE))) {
            assertThat(both.published(at)).contains(own.getKeyID(), next.getKeyID());
        }
        assertThat(both.published(turn.plus(LIFE).plusSeconds(1))).doesNotContain(own.getKeyID());
        String before = both.sign(Jwts.ACCESS_TOKEN, CLAIMS, turn.minusSeconds(1));
        String after = both.sign(Jwts.ACCESS_TOKEN, CLAIMS, turn);
        assertThat(part(before)).isNotEqualTo(part(after));
        assertThat(both.check(Jwts.ACCESS_TOKEN, before, turn)).isPresent();
        assertThat(both.check(Jwts.ACCESS_TOKEN, after, turn)).isPresent();
        assertThat(jwts.check(Jwts.ACCESS_TOKEN, before, turn))
                .as("the first key signed it")
                .isPresent();
        assertThat(jwts.check(Jwts.ACCESS_TOKEN, after, turn)).as("the second did").isEmpty();
    }

    @Test
    void a_key_that_leaks_after_its_last_token_is_over_makes_no_token() throws JOSEException {
        Instant turn = NOW.plus(Duration.ofDays(90));
        Jwts both = new Jwts(List.of(new SigningKey(own, NOW), new SigningKey(key(), turn)), LIFE);
        String forged = signed(header().build(), own);
        assertThat(both.check(Jwts.ACCESS_TOKEN, forged, turn.plus(LIFE))).isPresent();
        assertThat(both.check(Jwts.ACCESS_TOKEN, forged, turn.plus(LIFE).plusSeconds(1))).isEmpty();
        assertThat(both.check(Jwts.ACCESS_TOKEN, forged, turn.plus(Duration.ofDays(900))))
                .isEmpty();
    }
}
