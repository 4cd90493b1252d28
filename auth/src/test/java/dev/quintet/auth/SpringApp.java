package dev.quintet.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.quintet.auth.TestClient.Answer;
import dev.quintet.platform.Sha256;
import java.net.URI;
import java.util.Base64;
import java.util.function.UnaryOperator;
import org.springframework.security.oauth2.client.authentication.OAuth2LoginAuthenticationToken;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.oidc.authentication.OidcAuthorizationCodeAuthenticationProvider;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/**
 * An application that signs people in by Spring Security's stock OIDC client, of which it knows the
 * issuer, the client's credentials and nothing else.
 *
 * @param registration as Spring found it at the issuer
 */
public record SpringApp(ClientRegistration registration) {

    public static final String CALLBACK = Samples.CALLBACK;

    public static SpringApp at(String issuer, String clientId, String secret, String... scopes) {
        return new SpringApp(
                ClientRegistrations.fromIssuerLocation(issuer)
                        .registrationId("quintet")
                        .clientId(clientId)
                        .clientSecret(secret)
                        .redirectUri(CALLBACK)
                        .scope(scopes)
                        .build());
    }

    /** A person with a fresh browser goes from the application to the sign-in page and back. */
    public OAuth2LoginAuthenticationToken signIn(String email, String password) {
        return signIn(email, password, UnaryOperator.identity());
    }

    /**
     * @param other what the answer is said to belong to, made of the request that was sent
     */
    OAuth2LoginAuthenticationToken signIn(
            String email, String password, UnaryOperator<OAuth2AuthorizationRequest> other) {
        OAuth2AuthorizationRequest request = request();
        try (TestClient browser = new TestClient()) {
            Answer back = throughTheLoginPage(browser, request, email, password);
            OAuth2AuthorizationResponse response =
                    OAuth2AuthorizationResponse.success(back.parameter("code"))
                            .redirectUri(CALLBACK)
                            .state(back.parameter("state"))
                            .build();
            var exchange = new OAuth2AuthorizationExchange(other.apply(request), response);
            return (OAuth2LoginAuthenticationToken)
                    requireNonNull(
                            judge().authenticate(
                                            new OAuth2LoginAuthenticationToken(
                                                    registration, exchange)));
        }
    }

    private static Answer throughTheLoginPage(
            TestClient browser, OAuth2AuthorizationRequest request, String email, String password) {
        URI authorize = URI.create(request.getAuthorizationRequestUri());
        URI page = authorize.resolve(Samples.require(browser.get(authorize), 303).location());
        return Samples.require(Samples.signIn(browser, page, email, password), 303);
    }

    public OAuth2AccessTokenResponse refresh(OAuth2AccessToken access, OAuth2RefreshToken refresh) {
        return new RestClientRefreshTokenTokenResponseClient()
                .getTokenResponse(
                        new OAuth2RefreshTokenGrantRequest(registration, access, refresh));
    }

    /**
     * As Spring's own filter builds it, which needs a servlet container: with PKCE, state and
     * nonce.
     */
    private OAuth2AuthorizationRequest request() {
        String nonce = "a-nonce-of-the-test";
        OAuth2AuthorizationRequest.Builder request =
                OAuth2AuthorizationRequest.authorizationCode()
                        .authorizationUri(
                                requireNonNull(
                                        registration.getProviderDetails().getAuthorizationUri()))
                        .clientId(registration.getClientId())
                        .redirectUri(CALLBACK)
                        .scopes(registration.getScopes())
                        .state("a-state-of-the-test")
                        .attributes(attributes -> attributes.put(OidcParameterNames.NONCE, nonce))
                        .additionalParameters(parameters ->
                                parameters.put(OidcParameterNames.NONCE, hash(nonce)));
        OAuth2AuthorizationRequestCustomizers.withPkce().accept(request);
        return request.build();
    }

    private static String hash(String nonce) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.of(nonce.getBytes(US_ASCII)));
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
}
