package dev.quintet.auth;

import static dev.quintet.auth.Samples.PASSWORD;
import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.sql.TestDatabase;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whose an ID token is that comes as a hint, and requests that other sites send by form. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HintTest {

    private static final String BYE = "https://app.example.com/bye";

    private TestDatabase database;
    private TestNode node;
    private TestClient browser;
    private App app;
    private App other;
    private Person ada;
    private Person bob;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
        app = Samples.app(node, TestNode.ROOT_KEY, ",\"postLogoutRedirectUris\":[\"" + BYE + "\"]");
        other =
                Samples.app(
                        node, TestNode.ROOT_KEY, ",\"postLogoutRedirectUris\":[\"" + BYE + "\"]");
        ada = Samples.person(node);
        bob = Samples.person(node);
    }

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    @BeforeEach
    void newBrowser() {
        browser = new TestClient();
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
    }

    private String idToken(TestClient of, Person person) {
        String code = Samples.code(node, of, app, person);
        return require(of.form(node.at("/oauth2/token"), app.basic(), Samples.exchange(code)), 200)
                .text("id_token");
    }

    private String idTokenElsewhere(Person person) {
        try (TestClient elsewhere = new TestClient()) {
            return idToken(elsewhere, person);
        }
    }

    private TestClient.Answer logout(Map<String, String> request) {
        return browser.get(node.at("/logout?" + TestClient.encode(request)));
    }

    private boolean isSignedIn() {
        return Samples.authorize(node, browser, Samples.request(app))
                .location()
                .startsWith(Samples.CALLBACK + "?code=");
    }

    private TestClient.Answer authorize(String... more) {
        Map<String, String> request = new LinkedHashMap<>(Samples.request(app));
        for (int at = 0; at < more.length; at += 2) {
            request.put(more[at], more[at + 1]);
        }
        return Samples.authorize(node, browser, request);
    }

    @Test
    void an_id_token_of_one_client_signs_out_for_no_other() {
        String hint = idToken(browser, ada);
        Map<String, String> request =
                Map.of(
                        "id_token_hint",
                        hint,
                        "client_id",
                        other.id(),
                        "post_logout_redirect_uri",
                        BYE);
        assertThat(logout(request).status()).isEqualTo(400);
        assertThat(browser.form(node.at("/logout"), request).status()).isEqualTo(400);
        assertThat(isSignedIn()).isTrue();
        assertThat(
                        logout(
                                        Map.of(
                                                "id_token_hint",
                                                hint,
                                                "client_id",
                                                app.id(),
                                                "post_logout_redirect_uri",
                                                BYE))
                                .location())
                .isEqualTo(BYE);
        assertThat(isSignedIn()).isFalse();
    }

    @Test
    void an_id_token_of_another_session_signs_nobody_out_unasked() {
        idToken(browser, ada);
        assertThat(require(logout(Map.of("id_token_hint", idTokenElsewhere(ada))), 200).body())
                .contains("Sign out?");
        assertThat(require(logout(Map.of("id_token_hint", idTokenElsewhere(bob))), 200).body())
                .contains("Sign out?");
        assertThat(isSignedIn()).isTrue();
    }

    @Test
    void a_silent_request_for_one_person_gives_no_code_for_another() {
        String own = idToken(browser, ada);
        String bobs = idTokenElsewhere(bob);
        assertThat(authorize("prompt", "none", "id_token_hint", own).location())
                .startsWith(Samples.CALLBACK + "?code=");
        assertThat(authorize("prompt", "none", "id_token_hint", bobs).parameter("error"))
                .isEqualTo("login_required");
        assertThat(authorize("prompt", "none", "id_token_hint", own + "x").parameter("error"))
                .as("a hint that names nobody")
                .isEqualTo("login_required");
        assertThat(authorize("id_token_hint", own + "x").location())
                .startsWith(Samples.CALLBACK + "?code=");
    }

    @Test
    void a_request_for_one_person_is_not_answered_by_the_sign_in_of_another() {
        idToken(browser, ada);
        String bobs = idTokenElsewhere(bob);
        TestClient.Answer asked = authorize("id_token_hint", bobs);
        assertThat(asked.location()).startsWith(node.issuer() + "/login?flow=");
        assertThat(
                        Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD)
                                .parameter("error"))
                .isEqualTo("login_required");
        TestClient.Answer again = authorize("id_token_hint", bobs);
        assertThat(
                        Samples.signIn(node, browser, again.location(), bob.email(), PASSWORD)
                                .location())
                .startsWith(Samples.CALLBACK + "?code=");
    }

    /** A form of another site: it comes without the cookies, which its redirect then carries. */
    private TestClient.Answer fromAnotherSite(String path, Map<String, String> form) {
        try (TestClient without = new TestClient()) {
            TestClient.Answer led = require(without.form(node.at(path), form), 303);
            assertThat(led.location()).startsWith(node.issuer() + path + "?");
            return browser.get(node.at(Samples.pathOf(URI.create(led.location()).toString())));
        }
    }

    @Test
    void another_sites_form_to_sign_out_never_says_done_while_somebody_is_signed_in() {
        String hint = idToken(browser, ada);
        assertThat(require(fromAnotherSite("/logout", Map.of("state", "s")), 200).body())
                .contains("Sign out?");
        assertThat(isSignedIn()).isTrue();
        assertThat(
                        fromAnotherSite(
                                        "/logout",
                                        Map.of(
                                                "id_token_hint",
                                                hint,
                                                "post_logout_redirect_uri",
                                                BYE,
                                                "state",
                                                "s&t=1"))
                                .location())
                .isEqualTo(BYE + "?state=s%26t%3D1");
        assertThat(isSignedIn()).isFalse();
        try (TestClient without = new TestClient()) {
            assertThat(
                            without.form(
                                            node.at("/logout"),
                                            Map.of("state", "\u00e9".repeat(2_000)))
                                    .status())
                    .as("what fits into no address is refused, not answered wrongly")
                    .isEqualTo(400);
        }
    }

    @Test
    void another_sites_form_to_sign_in_asks_nobody_again_who_is_signed_in() {
        idToken(browser, ada);
        assertThat(fromAnotherSite("/oauth2/authorize", Samples.request(app)).location())
                .startsWith(Samples.CALLBACK + "?code=");
    }
}
