package dev.quintet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Refreshes, each connection with a sign-in of its own; every answer is the next request's token.
 */
final class RefreshSlice implements Slice {

    private static final int CONNECTIONS = 16;
    private static final String EMAIL = "bench@quintet.test";
    private static final String PASSWORD = "correct horse battery staple";
    private final List<Wire> wires = new ArrayList<>();
    private final String[] tokens = new String[CONNECTIONS];
    private final String client;
    private final String secret;

    RefreshSlice(QuintetProcess server) {
        try (Wire wire = new Wire(server.base())) {
            JsonNode made =
                    wire.ask(
                                    server.adminKey(),
                                    "POST",
                                    "/api/v1/clients",
                                    """
                                    {"name":"bench app","redirectUris":["%s"],"firstParty":true,
                                     "grantTypes":["authorization_code","refresh_token"],
                                     "scopes":["openid","chat:read"]}
                                    """
                                            .formatted(SignIn.CALLBACK))
                            .require(201)
                            .json();
            client = made.get("clientId").stringValue();
            secret = made.get("clientSecret").stringValue();
            wire.ask(
                            server.adminKey(),
                            "POST",
                            "/api/v1/users",
                            "{\"email\":\"%s\",\"name\":\"Bench\",\"password\":\"%s\"}"
                                    .formatted(EMAIL, PASSWORD))
                    .require(201);
            SignIn person = new SignIn(server.base(), EMAIL, PASSWORD);
            for (int at = 0; at < CONNECTIONS; at++) {
                tokens[at] = tokens(wire, person);
                wires.add(new Wire(server.base()));
            }
        }
    }

    private String tokens(Wire wire, SignIn person) {
        Map<String, String> exchange =
                Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        person.code(client, "openid chat:read"),
                        "redirect_uri",
                        SignIn.CALLBACK,
                        "code_verifier",
                        SignIn.VERIFIER);
        return refreshToken(
                wire.exchange(TokenSlice.tokenRequest(client, secret, SignIn.form(exchange))));
    }

    @Override
    public String counts() {
        return "refreshes";
    }

    @Override
    public String load() {
        return CONNECTIONS + " connections, a sign-in each";
    }

    @Override
    public Work run(Duration time) {
        return Crew.count(
                CONNECTIONS,
                time,
                (worker, turn) -> {
                    String form = "grant_type=refresh_token&refresh_token=" + tokens[worker];
                    tokens[worker] =
                            refreshToken(
                                    wires.get(worker)
                                            .exchange(
                                                    TokenSlice.tokenRequest(client, secret, form)));
                });
    }

    private static String refreshToken(Wire.Answer answer) {
        String body = answer.require(200).body();
        String name = "\"refresh_token\":\"";
        int from = body.indexOf(name) + name.length();
        return body.substring(from, body.indexOf('"', from));
    }

    @Override
    public void close() {
        wires.forEach(Wire::close);
    }
}
