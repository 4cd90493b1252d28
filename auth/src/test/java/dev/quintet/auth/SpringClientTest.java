package dev.quintet.auth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.sql.TestDatabase;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.security.oauth2.client.authentication.OAuth2LoginAuthenticationToken;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

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

    private SpringApp app(App app) {
        return SpringApp.at(
                node.issuer(), app.id(), app.secret(), "openid", "profile", "email", "chat:read");
    }

    @Test
    void signs_a_person_in_from_the_issuer_address_alone_and_refreshes() {
        SpringApp app = app(Samples.app(node));
        Person ada = Samples.person(node);
        OAuth2LoginAuthenticationToken done = app.signIn(ada.email(), Samples.PASSWORD);
        OidcUser user = (OidcUser) requireNonNull(done.getPrincipal());
        assertThat(user.getSubject()).isEqualTo(ada.id());
        assertThat(user.getEmail()).isEqualTo(ada.email());
        assertThat(user.getIdToken().getIssuer()).hasToString(node.issuer());
        assertThat(requireNonNull(user.getUserInfo()).getFullName()).isEqualTo("Ada");
        assertThat(node.auth().authenticate(requireNonNull(done.getAccessToken()).getTokenValue()))
                .isPresent();

        OAuth2AccessTokenResponse refreshed =
                app.refresh(
                        requireNonNull(done.getAccessToken()),
                        requireNonNull(done.getRefreshToken()));
        assertThat(node.auth().authenticate(refreshed.getAccessToken().getTokenValue()))
                .isPresent();
        assertThat(requireNonNull(refreshed.getRefreshToken()).getTokenValue())
                .isNotEqualTo(done.getRefreshToken().getTokenValue());
    }

    @Test
    void refuses_an_answer_that_was_meant_for_another_request() {
        SpringApp app = app(Samples.app(node));
        Person ada = Samples.person(node);
        assertThatThrownBy(
                        () -> app.signIn(ada.email(), Samples.PASSWORD, SpringClientTest::another))
                .as("the judge does check the nonce")
                .isInstanceOf(OAuth2AuthenticationException.class)
                .hasMessageContaining("nonce");
    }

    private static OAuth2AuthorizationRequest another(OAuth2AuthorizationRequest sent) {
        return OAuth2AuthorizationRequest.from(sent)
                .attributes(attributes -> attributes.put(OidcParameterNames.NONCE, "another"))
                .build();
    }

    @Test
    void a_machine_gets_its_token() {
        App machine = Samples.machine(node, TestNode.ROOT_KEY);
        ClientRegistration registration =
                ClientRegistration.withClientRegistration(app(machine).registration())
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
