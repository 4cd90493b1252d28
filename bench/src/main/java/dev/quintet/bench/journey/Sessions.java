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
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/**
 * auth: eight sign-ins are refreshed at once, so that a blow leaves several in doubt, and tokens of
 * a machine are revoked. An honest client must stay signed in, and what was revoked must stay so.
 */
final class Sessions implements Actor {

    private static final int FAMILIES = 8;

    private final Calls calls;
    private final Tally tally;
    private final String app;
    private final String machine;
    private final List<String> latest = new CopyOnWriteArrayList<>();
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
    public void act() throws Exception {
        turn++;
        if (turn % 5 == 0) {
            revoke();
        } else {
            refreshAll();
        }
        tally.acknowledge();
    }

    private void refreshAll() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int family = 0; family < FAMILIES; family++) {
                int one = family;
                all.add(() -> refresh(one));
            }
            for (Future<Boolean> one : threads.invokeAll(all)) {
                one.get();
            }
        }
    }

    /** Refused, with or without an answer before, it ends the journey: an honest client is out. */
    private boolean refresh(int family) {
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
        return true;
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
    public void check() throws Exception {
        refreshAll();
        for (String token : revoked) {
            if (form(machine, "/oauth2/introspect", Map.of("token", token))
                    .get("active")
                    .asBoolean()) {
                calls.wrong("auth: a revoked token lives again");
            }
        }
    }
}
