package dev.quintet.bench;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * One person signs in again and again, by the form and with a new browser each time: authorize,
 * page, form, code, tokens, and what the token opens. No step is repeated.
 */
final class SignIns {

    private static final String PASSWORD = "correct horse battery staple";
    private static final Duration TYPING = Duration.ofMillis(1500);

    private final URI base;
    private final String email;
    private final String client;
    private final String secret;

    SignIns(URI base, QuintetProcess server, String name) {
        this.base = base;
        this.email = name + "@quintet.test";
        try (Wire wire = new Wire(server.base())) {
            wire.ask(
                            server.adminKey(),
                            "POST",
                            "/api/v1/users",
                            "{\"email\":\"%s\",\"name\":\"%s\",\"password\":\"%s\"}"
                                    .formatted(email, name, PASSWORD))
                    .require(201);
            var made =
                    wire.ask(
                                    server.adminKey(),
                                    "POST",
                                    "/api/v1/clients",
                                    "{\"name\":\"%s\",\"redirectUris\":[\"%s\"],\"grantTypes\":[\"authorization_code\"],\"scopes\":[\"openid\"]}"
                                            .formatted(name, SignIn.CALLBACK))
                            .require(201)
                            .json();
            this.client = made.get("clientId").stringValue();
            this.secret = made.get("clientSecret").stringValue();
        }
    }

    /** One sign-in, which takes as long as somebody types a password. */
    void signIn() {
        String code = new SignIn(base, email, PASSWORD, TYPING).code(client, "openid");
        Map<String, String> exchange =
                Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        code,
                        "redirect_uri",
                        SignIn.CALLBACK,
                        "code_verifier",
                        SignIn.VERIFIER);
        try (Client browser = new Client(base)) {
            String token =
                    browser.exchange(TokenSlice.tokenRequest(client, secret, SignIn.form(exchange)))
                            .require(200)
                            .json()
                            .get("access_token")
                            .stringValue();
            browser.exchange(
                            Wire.request(
                                    "GET",
                                    "/oauth2/userinfo",
                                    Map.of("Authorization", "Bearer " + token),
                                    new byte[0]))
                    .require(200);
        }
    }
}
