package dev.quintet.auth;

import dev.quintet.platform.SecretWatch;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** People, applications and whole sign-ins for tests, made over the real port. */
final class Samples {

    static final String PASSWORD = SecretWatch.made("correct horse battery staple");
    static final String CALLBACK = "https://app.example.com/cb";

    // RFC 7636 appendix B.
    static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    private static final AtomicInteger COUNT = new AtomicInteger();

    private Samples() {}

    record Person(String id, String email) {}

    record App(String id, String secret) {

        String basic() {
            return "Basic "
                    + SecretWatch.made(
                            Base64.getEncoder()
                                    .encodeToString(
                                            (id + ":" + secret).getBytes(StandardCharsets.UTF_8)));
        }
    }

    static Person person(TestNode node) {
        return person(node, TestNode.ROOT_KEY);
    }

    static Person person(TestNode node, String key) {
        String email = "ada" + COUNT.incrementAndGet() + "@example.com";
        try (TestClient client = new TestClient()) {
            TestClient.Answer made =
                    client.json(
                            node.at("/api/v1/users"),
                            key,
                            "{\"email\":\"%s\",\"password\":\"%s\",\"name\":\"Ada\"}"
                                    .formatted(email, PASSWORD));
            return new Person(require(made, 201).text("id"), email);
        }
    }

    static App app(TestNode node) {
        return app(node, TestNode.ROOT_KEY, "");
    }

    /**
     * @param more further JSON members, each with a comma before it
     */
    static App app(TestNode node, String key, String more) {
        try (TestClient client = new TestClient()) {
            TestClient.Answer made =
                    client.json(
                            node.at("/api/v1/clients"),
                            key,
                            """
                            {"name":"Sample","redirectUris":["%s"],
                             "grantTypes":["authorization_code","refresh_token"],
                             "scopes":["openid","profile","email","chat:read","chat:write"]%s}
                            """
                                    .formatted(CALLBACK, more));
            require(made, 201);
            return new App(made.text("clientId"), made.text("clientSecret"));
        }
    }

    static App machine(TestNode node, String key) {
        try (TestClient client = new TestClient()) {
            TestClient.Answer made =
                    client.json(
                            node.at("/api/v1/clients"),
                            key,
                            "{\"name\":\"Machine\",\"grantTypes\":[\"client_credentials\"],\"scopes\":[\"chat:read\"]}");
            require(made, 201);
            return new App(made.text("clientId"), made.text("clientSecret"));
        }
    }

    static Map<String, String> request(App app) {
        Map<String, String> request = new LinkedHashMap<>();
        request.put("response_type", "code");
        request.put("client_id", app.id());
        request.put("redirect_uri", CALLBACK);
        request.put("scope", "openid email chat:read");
        request.put("state", "st4te");
        request.put("nonce", "n0nce");
        request.put("code_challenge", CHALLENGE);
        request.put("code_challenge_method", "S256");
        return request;
    }

    static TestClient.Answer authorize(
            TestNode node, TestClient browser, Map<String, String> request) {
        return browser.get(node.at("/oauth2/authorize?" + TestClient.encode(request)));
    }

    /** Fills the sign-in page to which an authorization request led. */
    static TestClient.Answer signIn(
            TestNode node, TestClient browser, String loginPage, String email, String password) {
        return signIn(browser, node.at(pathOf(loginPage)), email, password);
    }

    static TestClient.Answer signIn(
            TestClient browser, URI loginPage, String email, String password) {
        String flow = require(browser.get(loginPage), 200).flow();
        return browser.form(
                loginPage.resolve("/login"),
                Map.of("flow", flow, "email", email, "password", password));
    }

    /** From the application's request to the code. */
    static String code(TestNode node, TestClient browser, App app, Person person) {
        TestClient.Answer asked = require(authorize(node, browser, request(app)), 303);
        TestClient.Answer back =
                require(signIn(node, browser, asked.location(), person.email(), PASSWORD), 303);
        return SecretWatch.made(back.parameter("code"));
    }

    static Map<String, String> exchange(String code) {
        return Map.of(
                "grant_type", "authorization_code",
                "code", code,
                "redirect_uri", CALLBACK,
                "code_verifier", VERIFIER);
    }

    /** The whole way to tokens: the token endpoint's answer. */
    static TestClient.Answer tokens(TestNode node, App app, Person person) {
        try (TestClient browser = new TestClient()) {
            String code = code(node, browser, app, person);
            return require(
                    browser.form(node.at("/oauth2/token"), app.basic(), exchange(code)), 200);
        }
    }

    static TestClient.Answer refresh(TestNode node, TestClient client, App app, String token) {
        return client.form(
                node.at("/oauth2/token"),
                app.basic(),
                Map.of("grant_type", "refresh_token", "refresh_token", token));
    }

    static boolean isActive(TestNode node, TestClient client, App app, String token) {
        return require(
                        client.form(
                                node.at("/oauth2/introspect"), app.basic(), Map.of("token", token)),
                        200)
                .json()
                .path("active")
                .asBoolean();
    }

    static String pathOf(String location) {
        URI uri = URI.create(location);
        return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    static TestClient.Answer require(TestClient.Answer answer, int status) {
        if (answer.status() != status) {
            throw new AssertionError("expected " + status + ", got " + answer);
        }
        return answer;
    }
}
