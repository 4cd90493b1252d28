package dev.quintet.bench.journey;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.bench.SignIn;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * auth: four sign-ins are refreshed in turn, and tokens of a machine are revoked. An honest client
 * must stay signed in, and what was revoked must stay so.
 */
final class Sessions implements Actor {

    private static final int FAMILIES = 4;

    private final Calls calls;
    private final Tally tally;
    private final String app;
    private final String machine;
    private final List<String> latest = new ArrayList<>();
    private final List<String> revoked = new ArrayList<>();
    private int turn;

    Sessions(Cast cast, Tally tally) throws Exception {
        this.calls = cast.calls();
        this.tally = tally;
        JsonNode client =
                client(
                        cast,
                        "\"redirectUris\":[\"%s\"],\"grantTypes\":[\"authorization_code\",\"refresh_token\"],\"scopes\":[\"openid\"]"
                                .formatted(SignIn.CALLBACK));
        this.app = basic(client);
        this.machine =
                basic(
                        client(
                                cast,
                                "\"grantTypes\":[\"client_credentials\"],\"scopes\":[\"chat:read\"]"));
        for (int family = 0; family < FAMILIES; family++) {
            String code =
                    new SignIn(calls.at("/"), cast.ada().email(), Cast.PASSWORD)
                            .code(client.get("clientId").asString(), "openid");
            JsonNode tokens =
                    form(
                            app,
                            "/oauth2/token",
                            Map.of(
                                    "grant_type",
                                    "authorization_code",
                                    "code",
                                    code,
                                    "redirect_uri",
                                    SignIn.CALLBACK,
                                    "code_verifier",
                                    SignIn.VERIFIER));
            latest.add(tokens.get("refresh_token").asString());
        }
    }

    private JsonNode client(Cast cast, String members) {
        return calls.json(
                tally,
                cast.adminKey(),
                "POST",
                "/api/v1/clients",
                "{\"name\":\"journey\"," + members + "}");
    }

    private static String basic(JsonNode client) {
        String pair =
                client.get("clientId").asString() + ":" + client.get("clientSecret").asString();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    }

    private JsonNode form(String authorization, String path, Map<String, String> fields) {
        HttpRequest request =
                HttpRequest.newBuilder(calls.at(path))
                        .timeout(Duration.ofSeconds(30))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Authorization", authorization)
                        .POST(BodyPublishers.ofString(SignIn.form(fields)))
                        .build();
        return calls.json(tally, request);
    }

    @Override
    public void act() {
        turn++;
        if (turn % 5 == 0) {
            revoke();
        } else {
            refresh(turn % FAMILIES);
        }
        tally.acknowledge();
    }

    private void refresh(int family) {
        latest.set(
                family,
                form(
                                app,
                                "/oauth2/token",
                                Map.of(
                                        "grant_type",
                                        "refresh_token",
                                        "refresh_token",
                                        latest.get(family)))
                        .get("refresh_token")
                        .asString());
    }

    private void revoke() {
        String token =
                form(machine, "/oauth2/token", Map.of("grant_type", "client_credentials"))
                        .get("access_token")
                        .asString();
        form(machine, "/oauth2/revoke", Map.of("token", token));
        revoked.add(token);
    }

    @Override
    public void check() {
        for (int family = 0; family < FAMILIES; family++) {
            // Refused, this tells by itself: an honest client was signed out.
            refresh(family);
        }
        for (String token : revoked) {
            if (form(machine, "/oauth2/introspect", Map.of("token", token))
                    .get("active")
                    .asBoolean()) {
                calls.wrong("auth: a revoked token lives again");
            }
        }
    }
}
