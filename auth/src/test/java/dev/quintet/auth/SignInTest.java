package dev.quintet.auth;

import static dev.quintet.auth.Samples.PASSWORD;
import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.sql.TestDatabase;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a browser meets between an application's request and the code. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SignInTest {

    private TestDatabase database;
    private TestNode node;
    private TestClient browser;

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

    @BeforeEach
    void newBrowser() {
        browser = new TestClient();
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
    }

    @Test
    void signing_in_leads_back_with_code_state_and_issuer_by_303() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        assertThat(asked.status()).isEqualTo(303);
        assertThat(asked.location()).startsWith(node.issuer() + "/login?flow=");

        TestClient.Answer back =
                Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD);
        assertThat(back.status()).isEqualTo(303);
        assertThat(back.location()).startsWith(Samples.CALLBACK + "?code=");
        assertThat(back.parameter("state")).isEqualTo("st4te");
        assertThat(back.parameter("iss")).isEqualTo(node.issuer());

        TestClient.Answer again = Samples.authorize(node, browser, Samples.request(app));
        assertThat(again.location())
                .as("already signed in")
                .startsWith(Samples.CALLBACK + "?code=");
    }

    @Test
    void a_nul_is_refused_in_every_form_and_address() {
        App app = Samples.app(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        assertThat(Samples.signIn(node, browser, asked.location(), "a\0", PASSWORD).status())
                .isEqualTo(400);
        for (String field : List.of("client_id", "redirect_uri", "scope", "state")) {
            Map<String, String> request = new LinkedHashMap<>(Samples.request(app));
            request.put(field, request.get(field) + "\0");
            assertThat(Samples.authorize(node, browser, request).status()).as(field).isEqualTo(400);
        }
        for (String field : List.of("code", "redirect_uri", "code_verifier", "refresh_token")) {
            Map<String, String> form = new LinkedHashMap<>(Samples.exchange("code"));
            form.put(field, "a\0");
            TestClient.Answer answer = browser.form(node.at("/oauth2/token"), app.basic(), form);
            assertThat(answer.status()).as(field).isEqualTo(400);
            assertThat(answer.text("error")).as(field).isEqualTo("invalid_request");
        }
        for (String path : List.of("introspect", "revoke")) {
            TestClient.Answer answer =
                    browser.form(node.at("/oauth2/" + path), app.basic(), Map.of("token", "a\0"));
            assertThat(answer.status()).as(path).isEqualTo(400);
        }
    }

    @Test
    void no_other_site_signs_a_browser_in_that_holds_our_cookies() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        Samples.require(
                Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD), 303);
        String fields = "flow=x&email=" + ada.email() + "&password=" + PASSWORD.replace(' ', '+');
        for (String path : List.of("/login", "/oauth2/consent")) {
            TestClient.Answer foreign =
                    browser.send(
                            HttpRequest.newBuilder(node.at(path))
                                    .header("Content-Type", "application/x-www-form-urlencoded")
                                    .header("Sec-Fetch-Site", "cross-site")
                                    .POST(HttpRequest.BodyPublishers.ofString(fields)));
            assertThat(foreign.status()).as(path).isEqualTo(403);
        }
    }

    @Test
    void the_page_works_without_scripts_and_cannot_be_framed() {
        App app = Samples.app(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        TestClient.Answer page = browser.get(node.at(Samples.pathOf(asked.location())));
        assertThat(page.body())
                .doesNotContain("<script")
                .contains("<form method=\"post\" action=\"/login\">")
                .contains("autocomplete=\"current-password\"")
                .contains("Sample");
        assertThat(page.headers().get("content-security-policy"))
                .contains("frame-ancestors 'none'", "default-src 'none'")
                .as("Chromium holds the application's own redirects against it")
                .doesNotContain("form-action");
        assertThat(browser.get(node.at("/login?flow=x")).headers().get("content-security-policy"))
                .contains("form-action 'self'");
        assertThat(page.headers().get("cache-control")).isEqualTo("no-store");
    }

    @Test
    void a_known_and_an_unknown_user_are_told_the_same() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer known = wrong(app, ada.email(), "wrong password");
        TestClient.Answer unknown = wrong(app, "nobody" + ada.email(), "wrong password");
        assertThat(known.status()).isEqualTo(400);
        assertThat(unknown.status()).isEqualTo(known.status());
        assertThat(neutral(unknown, "nobody" + ada.email())).isEqualTo(neutral(known, ada.email()));
        assertThat(unknown.headers().keySet()).isEqualTo(known.headers().keySet());
    }

    private TestClient.Answer wrong(App app, String email, String password) {
        try (TestClient other = new TestClient()) {
            TestClient.Answer asked = Samples.authorize(node, other, Samples.request(app));
            return Samples.signIn(node, other, asked.location(), email, password);
        }
    }

    private static String neutral(TestClient.Answer page, String email) {
        return page.body().replace(email, "EMAIL").replace(page.flow(), "FLOW");
    }

    @Test
    void guessing_is_slowed_down_for_existing_and_other_accounts_alike() {
        App app = Samples.app(node);
        for (String email : List.of(Samples.person(node).email(), "nobody.at.all@example.com")) {
            List<Integer> answers =
                    java.util.stream.IntStream.range(0, 8)
                            .mapToObj(turn -> wrong(app, email, "guess number " + turn).status())
                            .toList();
            assertThat(answers.subList(0, 4)).as(email).containsOnly(400);
            assertThat(answers.getLast()).as(email).isEqualTo(429);
        }
    }

    @Test
    void strangers_who_guess_do_not_lock_the_owner_out_of_his_own_browser() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        Samples.code(node, browser, app, ada);
        TestClient.Answer last = wrong(app, ada.email(), "guess");
        for (int turn = 0; turn < 10 && last.status() != 429; turn++) {
            last = wrong(app, ada.email(), "guess " + turn);
        }
        assertThat(last.status()).isEqualTo(429);
        assertThat(Integer.parseInt(last.headers().get("retry-after"))).isPositive();
        assertThat(wrong(app, ada.email(), PASSWORD).status())
                .as("even the right password waits, from a strange browser")
                .isEqualTo(429);

        Map<String, String> request = new LinkedHashMap<>(Samples.request(app));
        request.put("prompt", "login");
        TestClient.Answer asked = Samples.authorize(node, browser, request);
        TestClient.Answer back =
                Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD);
        assertThat(back.location()).startsWith(Samples.CALLBACK + "?code=");
    }

    @Test
    void a_hundred_guesses_at_once_are_a_hundred_guesses() throws Exception {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var guesses =
                    java.util.stream.IntStream.range(0, 30)
                            .mapToObj(turn ->
                                    threads.submit(
                                            () -> wrong(app, ada.email(), "g" + turn).status()))
                            .toList();
            int tried = 0;
            for (var guess : guesses) {
                tried += guess.get() == 400 ? 1 : 0;
            }
            assertThat(tried).isLessThanOrEqualTo(6);
        }
    }

    @Test
    void a_wrong_client_or_redirect_is_shown_here_and_never_redirected() {
        App app = Samples.app(node);
        for (String uri :
                List.of(
                        "https://evil.example/cb",
                        Samples.CALLBACK + "/",
                        Samples.CALLBACK + "?x",
                        Samples.CALLBACK + "#x",
                        "https://app.example.com@evil.example/cb",
                        "https://app.example.com:443/cb",
                        "https://app.example.com/x/../cb",
                        "https://APP.example.com/cb",
                        "javascript:alert(1)")) {
            Map<String, String> request = Samples.request(app);
            request.put("redirect_uri", uri);
            TestClient.Answer answer = Samples.authorize(node, browser, request);
            assertThat(answer.status()).as(uri).isEqualTo(400);
            assertThat(answer.location()).as(uri).isEmpty();
            assertThat(answer.headers().get("content-type")).startsWith("text/html");
        }
        Map<String, String> unknown = Samples.request(app);
        unknown.put("client_id", "client_01h455vb4pex5vsknk084sn02q");
        assertThat(Samples.authorize(node, browser, unknown).location()).isEmpty();
        TestClient.Answer twice =
                browser.get(
                        node.at(
                                "/oauth2/authorize?"
                                        + TestClient.encode(Samples.request(app))
                                        + "&redirect_uri=https%3A%2F%2Fevil.example"));
        assertThat(twice.status()).isEqualTo(400);
        assertThat(twice.location()).isEmpty();
    }

    @Test
    void other_errors_go_back_to_the_application() {
        App app = Samples.app(node);
        assertThat(error(app, "code_challenge", "")).isEqualTo("invalid_request");
        assertThat(error(app, "code_challenge", "short")).isEqualTo("invalid_request");
        assertThat(error(app, "code_challenge_method", "plain")).isEqualTo("invalid_request");
        assertThat(error(app, "code_challenge_method", "")).isEqualTo("invalid_request");
        assertThat(error(app, "response_type", "token")).isEqualTo("unsupported_response_type");
        assertThat(error(app, "response_type", "code id_token"))
                .isEqualTo("unsupported_response_type");
        assertThat(error(app, "response_mode", "fragment")).isEqualTo("invalid_request");
        assertThat(error(app, "scope", "openid files:write")).isEqualTo("invalid_scope");
        assertThat(error(app, "scope", "admin")).isEqualTo("invalid_scope");
        assertThat(error(app, "request", "eyJ")).isEqualTo("request_not_supported");
        assertThat(error(app, "request_uri", "https://x")).isEqualTo("request_uri_not_supported");
        assertThat(error(app, "prompt", "none")).isEqualTo("login_required");
        assertThat(error(app, "max_age", "soon")).isEqualTo("invalid_request");
    }

    private String error(App app, String parameter, String value) {
        Map<String, String> request = Samples.request(app);
        request.put(parameter, value);
        TestClient.Answer answer = Samples.authorize(node, browser, request);
        assertThat(answer.status()).as(parameter).isEqualTo(303);
        assertThat(answer.location()).as(parameter).startsWith(Samples.CALLBACK + "?error=");
        assertThat(answer.parameter("state")).isEqualTo("st4te");
        assertThat(answer.parameter("iss")).isEqualTo(node.issuer());
        return answer.parameter("error");
    }

    @Test
    void a_sign_in_link_opened_in_another_browser_gives_nothing() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        String flow = browser.get(node.at(Samples.pathOf(asked.location()))).flow();
        try (TestClient victim = new TestClient()) {
            TestClient.Answer opened = victim.get(node.at(Samples.pathOf(asked.location())));
            assertThat(opened.location())
                    .as("as if he had opened the application's own link")
                    .startsWith(node.issuer() + "/login?flow=")
                    .isNotEqualTo(asked.location());
            TestClient.Answer posted =
                    victim.form(
                            node.at("/login"),
                            Map.of("flow", flow, "email", ada.email(), "password", PASSWORD));
            assertThat(posted.location())
                    .as("he is not signed in as somebody who typed nothing here")
                    .startsWith(node.issuer() + "/login?flow=");
            assertThat(cookie(victim, "quintet_session")).isEmpty();
        }
        TestClient.Answer without =
                browser.form(node.at("/login"), Map.of("email", ada.email(), "password", PASSWORD));
        assertThat(without.status()).as("a form without its flow").isEqualTo(400);
    }

    @Test
    void cookies_planted_before_the_sign_in_give_nothing_after_it() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        Map<String, String> planted =
                Map.of(
                        "quintet_flow_00000000deadbeef",
                        "planted-flow",
                        "quintet_session",
                        "planted-session");
        browser.cookies().putAll(planted);
        Samples.code(node, browser, app, ada);
        String session = cookie(browser, "quintet_session");
        assertThat(session).isNotEqualTo("planted-session").isNotEmpty();
        try (TestClient attacker = new TestClient()) {
            attacker.cookies().put("quintet_session", "planted-session");
            assertThat(Samples.authorize(node, attacker, Samples.request(app)).location())
                    .startsWith(node.issuer() + "/login");
        }
        Map<String, String> again = new LinkedHashMap<>(Samples.request(app));
        again.put("prompt", "login");
        TestClient.Answer asked = Samples.authorize(node, browser, again);
        Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD);
        assertThat(cookie(browser, "quintet_session"))
                .as("each sign-in has a new secret")
                .isNotEqualTo(session);
    }

    private static String cookie(TestClient client, String name) {
        return client.cookies().getOrDefault(name, "");
    }

    @Test
    void a_third_partys_application_needs_consent_once() {
        App app = Samples.app(node, TestNode.ROOT_KEY, ",\"firstParty\":false");
        Person ada = Samples.person(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        TestClient.Answer consent =
                require(
                        Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD),
                        200);
        assertThat(consent.body()).contains("Sample wants access", "read your messages");
        TestClient.Answer silent = Samples.authorize(node, browser, silently(app));
        assertThat(silent.parameter("error")).isEqualTo("consent_required");

        TestClient.Answer denied =
                browser.form(
                        node.at("/oauth2/consent"),
                        Map.of("flow", consent.flow(), "decision", "deny"));
        assertThat(denied.parameter("error")).isEqualTo("access_denied");
        TestClient.Answer allowed =
                browser.form(
                        node.at("/oauth2/consent"),
                        Map.of("flow", consent.flow(), "decision", "allow"));
        assertThat(allowed.location()).startsWith(Samples.CALLBACK + "?code=");
        assertThat(Samples.authorize(node, browser, silently(app)).location())
                .startsWith(Samples.CALLBACK + "?code=");
    }

    private static Map<String, String> silently(App app) {
        Map<String, String> request = new LinkedHashMap<>(Samples.request(app));
        request.put("prompt", "none");
        return request;
    }

    @Test
    void a_flow_of_one_step_is_worthless_at_another() {
        App app = Samples.app(node, TestNode.ROOT_KEY, ",\"firstParty\":false");
        Person ada = Samples.person(node);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(app));
        String loginFlow = browser.get(node.at(Samples.pathOf(asked.location()))).flow();
        TestClient.Answer skipped =
                browser.form(
                        node.at("/oauth2/consent"), Map.of("flow", loginFlow, "decision", "allow"));
        assertThat(skipped.status()).isEqualTo(400);
        TestClient.Answer consent =
                Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD);
        assertThat(
                        browser.form(
                                        node.at("/oauth2/consent"),
                                        Map.of("flow", loginFlow, "decision", "allow"))
                                .status())
                .isEqualTo(400);
        assertThat(browser.form(node.at("/logout"), Map.of("flow", consent.flow())).status())
                .isEqualTo(400);
    }

    @Test
    void users_of_one_organisation_are_nobody_in_another() {
        App foreign = Samples.app(node, TestNode.OTHER_KEY, "");
        App own = Samples.app(node);
        Person ada = Samples.person(node);
        Samples.code(node, browser, own, ada);
        TestClient.Answer asked = Samples.authorize(node, browser, Samples.request(foreign));
        assertThat(asked.location())
                .as("the session of the root organisation does not count")
                .startsWith(node.issuer() + "/login");
        assertThat(Samples.signIn(node, browser, asked.location(), ada.email(), PASSWORD).status())
                .isEqualTo(400);
    }

    @Test
    void a_hostile_host_header_changes_no_address() {
        App app = Samples.app(node);
        TestClient.Answer answer =
                browser.send(
                        java.net.http.HttpRequest.newBuilder(
                                        node.at(
                                                "/oauth2/authorize?"
                                                        + TestClient.encode(Samples.request(app))))
                                .header("X-Forwarded-Host", "evil.example")
                                .header("Forwarded", "host=evil.example")
                                .GET());
        assertThat(URI.create(answer.location()).getHost()).isEqualTo("127.0.0.1");
        assertThat(
                        browser.send(
                                        java.net.http.HttpRequest.newBuilder(
                                                        node.at(
                                                                "/.well-known/openid-configuration"))
                                                .header("X-Forwarded-Host", "evil.example")
                                                .GET())
                                .text("issuer"))
                .isEqualTo(node.issuer());
    }

    @Test
    void signing_out_ends_the_session_and_what_it_opened() {
        App app = Samples.app(node);
        Person ada = Samples.person(node);
        String code = Samples.code(node, browser, app, ada);
        TestClient.Answer tokens =
                require(
                        browser.form(node.at("/oauth2/token"), app.basic(), Samples.exchange(code)),
                        200);
        TestClient.Answer ask = require(browser.get(node.at("/logout")), 200);
        assertThat(ask.body()).contains("Sign out?");
        TestClient.Answer done =
                require(browser.form(node.at("/logout"), Map.of("flow", ask.flow())), 200);
        assertThat(done.body()).contains("You are signed out");
        assertThat(audited(ada)).containsExactly("session.begin", "session.end");
        assertThat(Samples.authorize(node, browser, Samples.request(app)).location())
                .startsWith(node.issuer() + "/login");
        assertThat(Samples.isActive(node, browser, app, tokens.text("access_token"))).isFalse();
        assertThat(Samples.refresh(node, browser, app, tokens.text("refresh_token")).text("error"))
                .isEqualTo("invalid_grant");
    }

    private List<String> audited(Person person) {
        return node.database()
                .read(tx ->
                        tx.handle()
                                .createQuery(
                                        "select action from audit.entries where target = ? and who = 'browser' order by position")
                                .bind(0, person.id())
                                .mapTo(String.class)
                                .list());
    }

    @Test
    void an_application_that_shows_the_id_token_signs_out_at_once() {
        App app =
                Samples.app(
                        node,
                        TestNode.ROOT_KEY,
                        ",\"postLogoutRedirectUris\":[\"https://app.example.com/bye\"]");
        Person ada = Samples.person(node);
        String code = Samples.code(node, browser, app, ada);
        String idToken =
                browser.form(node.at("/oauth2/token"), app.basic(), Samples.exchange(code))
                        .text("id_token");
        Map<String, String> request =
                Map.of(
                        "id_token_hint",
                        idToken,
                        "post_logout_redirect_uri",
                        "https://evil.example/bye");
        TestClient.Answer foreign = browser.get(node.at("/logout?" + TestClient.encode(request)));
        assertThat(foreign.location()).as("an address that is not registered").isEmpty();
        TestClient.Answer back =
                browser.get(
                        node.at(
                                "/logout?"
                                        + TestClient.encode(
                                                Map.of(
                                                        "id_token_hint",
                                                        idToken,
                                                        "state",
                                                        "s",
                                                        "post_logout_redirect_uri",
                                                        "https://app.example.com/bye"))));
        assertThat(back.location()).isEqualTo("https://app.example.com/bye?state=s");
    }
}
