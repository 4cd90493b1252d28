package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Access tokens by client credentials. */
final class TokenSlice implements Slice {

    private static final int CONNECTIONS = 16;

    private final List<Wire> wires = new ArrayList<>();
    private final byte[] request;

    TokenSlice(QuintetProcess server) {
        try (Wire wire = new Wire(server.base())) {
            var made =
                    wire.ask(
                                    server.adminKey(),
                                    "POST",
                                    "/api/v1/clients",
                                    "{\"name\":\"bench\",\"grantTypes\":[\"client_credentials\"],\"scopes\":[\"chat:read\"]}")
                            .require(201)
                            .json();
            request =
                    tokenRequest(
                            made.get("clientId").stringValue(),
                            made.get("clientSecret").stringValue(),
                            "grant_type=client_credentials");
        }
        for (int at = 0; at < CONNECTIONS; at++) {
            wires.add(new Wire(server.base()));
        }
    }

    static byte[] tokenRequest(String client, String secret, String form) {
        String basic = Base64.getEncoder().encodeToString((client + ":" + secret).getBytes(UTF_8));
        return Wire.request(
                "POST",
                "/oauth2/token",
                Map.of(
                        "Authorization",
                        "Basic " + basic,
                        "Content-Type",
                        "application/x-www-form-urlencoded"),
                form.getBytes(UTF_8));
    }

    @Override
    public String counts() {
        return "client-credentials tokens";
    }

    @Override
    public String load() {
        return CONNECTIONS + " connections";
    }

    @Override
    public Work run(Duration time) {
        return Crew.count(
                CONNECTIONS,
                time,
                (worker, turn) -> wires.get(worker).exchange(request).require(200));
    }

    @Override
    public void close() {
        wires.forEach(Wire::close);
    }
}
