package dev.quintet.platform.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.quintet.platform.Cidr;
import dev.quintet.platform.Ids;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.Refused;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.egress.EgressConfig;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Person;
import dev.quintet.platform.sql.TestDatabase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ForeignIssuersTest {

    private static final String ISSUER = "https://idp.example";

    private final TestDatabase test = TestDatabase.create();
    private final ManualTime time = new ManualTime(Instant.now());
    private final Versions versions = new Versions(test.database(), Duration.ofHours(1));
    private final List<JWK> published = new CopyOnWriteArrayList<>();
    private final AtomicInteger fetches = new AtomicInteger();
    private final HttpServer jwks = jwksServer();
    private final Egress egress = new Egress(egressConfig());
    private final ECKey ec = published(ec("ec-1"));
    private final RSAKey rsa = published(rsa("rsa-1", 2_048));
    private final ForeignIssuers issuers = issuers(jwksUri());

    private HttpServer jwksServer() {
        try {
            HttpServer server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext(
                    "/jwks",
                    exchange -> {
                        fetches.incrementAndGet();
                        byte[] body =
                                new JWKSet(published)
                                        .toString(true)
                                        .getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
            server.start();
            return server;
        } catch (java.io.IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static EgressConfig egressConfig() {
        EgressConfig defaults = Settings.defaults(EgressConfig.class);
        return new EgressConfig(
                List.of(Cidr.parse("127.0.0.0/8")),
                defaults.connectTimeout(),
                defaults.timeout(),
                defaults.maxBody(),
                defaults.connections(),
                defaults.connectionsPerHost());
    }

    private URI jwksUri() {
        return URI.create("http://127.0.0.1:" + jwks.getAddress().getPort() + "/jwks");
    }

    private ForeignIssuers issuers(URI keys) {
        CallerConfig.Issuer issuer =
                new CallerConfig.Issuer(ISSUER, keys, "shop", List.of("chat:read", "chat:write"));
        return new ForeignIssuers(
                new CallerConfig(List.of(issuer)),
                test.database(),
                new People(new Ids(InstantSource.system(), new Random())),
                egress,
                versions,
                time);
    }

    private <K extends JWK> K published(K key) {
        published.add(key);
        return key;
    }

    private static ECKey ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (com.nimbusds.jose.JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static RSAKey rsa(String id, int bits) {
        try {
            return new RSAKeyGenerator(bits, true).keyID(id).generate();
        } catch (com.nimbusds.jose.JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @AfterAll
    void close() {
        jwks.stop(0);
        egress.close();
        versions.close();
        test.close();
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .subject("ada")
                .audience("shop")
                .expirationTime(Date.from(time.instant().plusSeconds(300)));
    }

    private static JWSHeader.Builder header(JWSAlgorithm algorithm, String id) {
        return new JWSHeader.Builder(algorithm).keyID(id).type(JOSEObjectType.JWT);
    }

    private String signed(JWTClaimsSet claims) throws Exception {
        SignedJWT token = new SignedJWT(header(JWSAlgorithm.ES256, "ec-1").build(), claims);
        token.sign(new ECDSASigner(ec));
        return token.serialize();
    }

    @Test
    void a_valid_token_is_a_person_with_the_rights_the_operator_grants() throws Exception {
        String token =
                signed(
                        claims().subject("bob")
                                .claim("name", "Bob")
                                .claim("email", "bob@example.org")
                                .claim("email_verified", true)
                                .build());
        Caller caller = issuers.authenticate(token).orElseThrow();
        assertThat(caller.scopes()).containsExactlyInAnyOrder(Scope.CHAT_READ, Scope.CHAT_WRITE);
        assertThat(caller.organisation()).isEqualTo(Caller.ROOT);
        Person person =
                test.database()
                        .read(tx ->
                                new People(new Ids(time, new Random()))
                                        .require(tx, Caller.ROOT, caller.person().orElseThrow()));
        assertThat(person.subject()).isEqualTo("bob");
        assertThat(person.profile().email()).contains("bob@example.org");
        assertThat(issuers.authenticate(token).orElseThrow().person()).isEqualTo(caller.person());
    }

    @Test
    void a_token_narrows_its_rights_and_never_widens_them() throws Exception {
        Caller narrowed =
                issuers.authenticate(
                                signed(
                                        claims().claim("scope", "openid chat:read files:write")
                                                .build()))
                        .orElseThrow();
        assertThat(narrowed.scopes()).isEqualTo(Set.of(Scope.CHAT_READ));
        Caller admin =
                issuers.authenticate(signed(claims().claim("scope", "admin").build()))
                        .orElseThrow();
        assertThat(admin.scopes()).doesNotContain(Scope.ADMIN);
    }

    @Test
    void rsa_and_ed25519_signatures_are_taken_too() throws Exception {
        for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256)) {
            SignedJWT token = new SignedJWT(header(algorithm, "rsa-1").build(), claims().build());
            token.sign(new RSASSASigner(rsa));
            assertThat(issuers.authenticate(token.serialize())).as("%s", algorithm).isPresent();
        }
        var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        published(
                new OctetKeyPair.Builder(Curve.Ed25519, x((EdECPublicKey) pair.getPublic()))
                        .keyID("ed-1")
                        .build());
        SignedJWT token =
                new SignedJWT(header(JWSAlgorithm.EdDSA, "ed-1").build(), claims().build());
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(pair.getPrivate());
        signature.update(token.getSigningInput());
        String text =
                new String(token.getSigningInput(), StandardCharsets.US_ASCII)
                        + "."
                        + Base64URL.encode(signature.sign());
        assertThat(issuers(jwksUri()).authenticate(text)).isPresent();
    }

    private static Base64URL x(EdECPublicKey key) {
        byte[] big = key.getPoint().getY().toByteArray();
        byte[] little = new byte[32];
        for (int at = 0; at < Math.min(32, big.length); at++) {
            little[at] = big[big.length - 1 - at];
        }
        if (key.getPoint().isXOdd()) {
            little[31] |= (byte) 0x80;
        }
        return Base64URL.encode(little);
    }

    @Test
    void each_planted_fault_is_refused() throws Exception {
        Instant now = time.instant();
        List<JWTClaimsSet> faulty =
                List.of(
                        claims().issuer("https://other.example").build(),
                        claims().audience("another").build(),
                        claims().subject(" ").build(),
                        claims().expirationTime(null).build(),
                        claims().expirationTime(Date.from(now.minusSeconds(61))).build(),
                        claims().notBeforeTime(Date.from(now.plusSeconds(65))).build());
        for (JWTClaimsSet claims : faulty) {
            assertThat(issuers.authenticate(signed(claims))).as("%s", claims).isEmpty();
        }
        assertThat(
                        issuers.authenticate(
                                signed(
                                        claims().expirationTime(Date.from(now.minusSeconds(50)))
                                                .build())))
                .isPresent();
        assertThat(
                        issuers.authenticate(
                                signed(
                                        claims().notBeforeTime(Date.from(now.plusSeconds(50)))
                                                .build())))
                .isPresent();
    }

    @Test
    void no_trick_with_the_signature_gets_in() throws Exception {
        assertThat(issuers.authenticate(new PlainJWT(claims().build()).serialize())).isEmpty();
        SignedJWT symmetric =
                new SignedJWT(header(JWSAlgorithm.HS256, "rsa-1").build(), claims().build());
        symmetric.sign(new MACSigner(Arrays.copyOf(rsa.toRSAPublicKey().getEncoded(), 64)));
        SignedJWT typed =
                new SignedJWT(
                        header(JWSAlgorithm.ES256, "ec-1")
                                .type(new JOSEObjectType("logout+jwt"))
                                .build(),
                        claims().build());
        typed.sign(new ECDSASigner(ec));
        SignedJWT stranger =
                new SignedJWT(header(JWSAlgorithm.ES256, "ec-1").build(), claims().build());
        stranger.sign(new ECDSASigner(ec("ec-1")));
        RSAKey weak = published(rsa("weak", 1_024));
        SignedJWT weakly =
                new SignedJWT(header(JWSAlgorithm.RS256, "weak").build(), claims().build());
        weakly.sign(
                new RSASSASigner(
                        weak, Set.of(com.nimbusds.jose.crypto.opts.AllowWeakRSAKey.getInstance())));
        String good = signed(claims().build());
        String cut = good.substring(0, good.lastIndexOf('.') + 1);
        for (String token :
                List.of(
                        symmetric.serialize(),
                        typed.serialize(),
                        stranger.serialize(),
                        weakly.serialize(),
                        cut,
                        "a.b.c",
                        "x")) {
            assertThat(issuers(jwksUri()).authenticate(token))
                    .as(token.substring(0, Math.min(20, token.length())))
                    .isEmpty();
        }
        assertThat(issuers.authenticate(good)).isPresent();
    }

    @Test
    void an_unknown_key_id_asks_the_issuer_again_but_not_for_every_token() throws Exception {
        ForeignIssuers own = issuers(jwksUri());
        assertThat(own.authenticate(signed(claims().build()))).isPresent();
        ECKey fresh = published(ec("ec-new"));
        SignedJWT token =
                new SignedJWT(header(JWSAlgorithm.ES256, "ec-new").build(), claims().build());
        token.sign(new ECDSASigner(fresh));
        int before = fetches.get();
        assertThat(own.authenticate(token.serialize())).isPresent();
        assertThat(fetches.get()).isEqualTo(before + 1);
        SignedJWT unknown =
                new SignedJWT(header(JWSAlgorithm.ES256, "nobody").build(), claims().build());
        unknown.sign(new ECDSASigner(fresh));
        for (int attempt = 0; attempt < 20; attempt++) {
            assertThat(own.authenticate(unknown.serialize())).isEmpty();
        }
        assertThat(fetches.get()).isLessThanOrEqualTo(before + 2);
    }

    @Test
    void an_issuer_that_cannot_be_asked_is_our_fault_not_the_tokens() throws Exception {
        ForeignIssuers away = issuers(URI.create("http://127.0.0.1:1024/jwks"));
        String token = signed(claims().build());
        Refused refused =
                catchThrowableOfType(Refused.class, () -> Optional.of(away.authenticate(token)));
        assertThat(refused.refusal()).isEqualTo(CallerRefusal.ISSUER_UNREACHABLE);
        Route asked =
                Route.get("/asked")
                        .scope(Scope.CHAT_READ)
                        .by(request -> Response.json(request.caller().organisation()));
        try (TestWeb web = TestWeb.of(away::authenticate, Routes.of("test", asked))) {
            HttpRequest request =
                    HttpRequest.newBuilder(web.at("/asked"))
                            .header("Authorization", "Bearer " + token)
                            .build();
            assertThat(web.send(request).statusCode()).isEqualTo(503);
        }
    }
}
