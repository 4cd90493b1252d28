package dev.quintet.auth;

import static dev.quintet.auth.Samples.require;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.Sha256;
import dev.quintet.platform.sql.TestDatabase;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.authentication.OAuth2LoginAuthenticationToken;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.oidc.authentication.OidcAuthorizationCodeAuthenticationProvider;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/** Spring Security's OAuth client, knowing nothing but the issuer, as the outside judge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SpringClientTest {

    private TestDatabase database;
    private TestNode node;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
    }

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    private ClientRegistration.Builder registration(App app) {
        return ClientRegistrations.fromIssuerLocation(node.issuer())
                .registrationId("quintet")
                .clientId(app.id())
                .clientSecret(app.secret())
                .redirectUri(Samples.CALLBACK)
                .scope("openid", "profile", "email", "chat:read");
    }

    /**
     * As Spring's own filter builds it, which needs a servlet container: with PKCE, state and
     * nonce.
     */
    private static OAuth2AuthorizationRequest request(ClientRegistration registration) {
        String nonce = "a-nonce-of-the-test";
        OAuth2AuthorizationRequest.Builder request =
                OAuth2AuthorizationRequest.authorizationCode()
                        .authorizationUri(
                                requireNonNull(
                                        registration.getProviderDetails().getAuthorizationUri()))
                        .clientId(registration.getClientId())
                        .redirectUri(Samples.CALLBACK)
                        .scopes(registration.getScopes())
                        .state("a-state-of-the-test")
                        .attributes(attributes -> attributes.put(OidcParameterNames.NONCE, nonce))
                        .additionalParameters(parameters ->
                                parameters.put(OidcParameterNames.NONCE, hash(nonce)));
        OAuth2AuthorizationRequestCustomizers.withPkce().accept(request);
        return request.build();
    }

    private static String hash(String nonce) {
        return java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        Sha256.of(nonce.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    /**
     * Spring expects RS256 unless it is told what the client registered for (OpenID Connect Core
     * section 2).
     */
    private static OidcAuthorizationCodeAuthenticationProvider judge() {
        OidcIdTokenDecoderFactory decoders = new OidcIdTokenDecoderFactory();
        decoders.setJwsAlgorithmResolver(registration -> SignatureAlgorithm.ES256);
        OidcAuthorizationCodeAuthenticationProvider judge =
                new OidcAuthorizationCodeAuthenticationProvider(
                        new RestClientAuthorizationCodeTokenResponseClient(),
                        new OidcUserService());
        judge.setJwtDecoderFactory(decoders);
        return judge;
    }

    private OAuth2LoginAuthenticationToken signIn(
            ClientRegistration registration, OAuth2AuthorizationRequest request, Person person) {
        try (TestClient browser = new TestClient()) {
            TestClient.Answer asked =
                    require(
                            browser.get(
                                    node.at(Samples.pathOf(request.getAuthorizationRequestUri()))),
                            303);
            TestClient.Answer back =
                    require(
                            Samples.signIn(
                                    node,
                                    browser,
                                    asked.location(),
                                    person.email(),
                                    Samples.PASSWORD),
                            303);
            OAuth2AuthorizationResponse response =
                    OAuth2AuthorizationResponse.success(back.parameter("code"))
                            .redirectUri(Samples.CALLBACK)
                            .state(back.parameter("state"))
                            .build();
            Authentication done =
                    judge().authenticate(
                                    new OAuth2LoginAuthenticationToken(
                                            registration,
                                            new OAuth2AuthorizationExchange(request, response)));
            return (OAuth2LoginAuthenticationToken) requireNonNull(done);
        }
    }

    @Test
    void signs_a_person_in_from_the_issuer_address_alone_and_refreshes() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        ClientRegistration registration = registration(app).build();
        OAuth2LoginAuthenticationToken done = signIn(registration, request(registration), ada);
        OidcUser user = (OidcUser) requireNonNull(done.getPrincipal());
        assertThat(user.getSubject()).isEqualTo(ada.id());
        assertThat(user.getEmail()).isEqualTo(ada.email());
        assertThat(user.getIdToken().getIssuer()).hasToString(node.issuer());
        assertThat(requireNonNull(user.getUserInfo()).getFullName()).isEqualTo("Ada");
        assertThat(node.auth().authenticate(requireNonNull(done.getAccessToken()).getTokenValue()))
                .isPresent();

        OAuth2AccessTokenResponse refreshed =
                new RestClientRefreshTokenTokenResponseClient()
                        .getTokenResponse(
                                new OAuth2RefreshTokenGrantRequest(
                                        registration,
                                        requireNonNull(done.getAccessToken()),
                                        requireNonNull(done.getRefreshToken())));
        assertThat(node.auth().authenticate(refreshed.getAccessToken().getTokenValue()))
                .isPresent();
        assertThat(requireNonNull(refreshed.getRefreshToken()).getTokenValue())
                .isNotEqualTo(done.getRefreshToken().getTokenValue());
    }

    @Test
    void refuses_an_answer_that_was_meant_for_another_request() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        ClientRegistration registration = registration(app).build();
        OAuth2AuthorizationRequest other =
                OAuth2AuthorizationRequest.from(request(registration))
                        .attributes(
                                attributes -> attributes.put(OidcParameterNames.NONCE, "another"))
                        .build();
        assertThatThrownBy(() -> signIn(registration, other, ada))
                .as("the judge does check the nonce")
                .isInstanceOf(OAuth2AuthenticationException.class)
                .hasMessageContaining("nonce");
    }

    @Test
    void a_machine_gets_its_token() {
        App machine = Samples.machine(node, TestNode.ROOT_KEY);
        ClientRegistration registration =
                registration(machine)
                        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                        .scope("chat:read")
                        .build();
        OAuth2AccessTokenResponse given =
                new RestClientClientCredentialsTokenResponseClient()
                        .getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration));
        assertThat(given.getAccessToken().getScopes()).isEqualTo(Set.of("chat:read"));
        try (TestClient client = new TestClient()) {
            assertThat(
                            client.form(
                                            node.at("/oauth2/introspect"),
                                            machine.basic(),
                                            Map.of("token", given.getAccessToken().getTokenValue()))
                                    .text("sub"))
                    .isEqualTo(machine.id());
        }
    }
}
