package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** Requests at a fixed pace, whatever the server does: a token, a document, a list, in turn. */
final class HonestLoad {

    private static final int CONNECTIONS = 20;

    /**
     * @param millis of each request, from the moment at which it was due
     */
    record Report(long requests, Spread millis, int failed) {}

    private final QuintetProcess server;
    private final List<byte[]> requests;

    HonestLoad(QuintetProcess server) {
        this.server = server;
        try (Wire wire = new Wire(server.base())) {
            this.requests = requests(wire, server.adminKey());
        }
    }

    /** A client-credentials token, the discovery document, a list of users. */
    static List<byte[]> requests(Wire wire, String adminKey) {
        JsonNode client =
                wire.ask(
                                adminKey,
                                "POST",
                                "/api/v1/clients",
                                "{\"name\":\"honest\",\"redirectUris\":[],\"grantTypes\":[\"client_credentials\"],\"public\":false,\"scopes\":[]}")
                        .require(201)
                        .json();
        String form =
                "grant_type=client_credentials&client_id="
                        + encoded(client, "clientId")
                        + "&client_secret="
                        + encoded(client, "clientSecret");
        return List.of(
                Wire.request(
                        "POST",
                        "/oauth2/token",
                        Map.of("Content-Type", "application/x-www-form-urlencoded"),
                        form.getBytes(US_ASCII)),
                Wire.request("GET", "/.well-known/openid-configuration", Map.of(), new byte[0]),
                Wire.request(
                        "GET",
                        "/api/v1/users?limit=10",
                        Map.of("Authorization", "Bearer " + adminKey),
                        new byte[0]));
    }

    private static String encoded(JsonNode client, String field) {
        return URLEncoder.encode(client.get(field).stringValue(), StandardCharsets.UTF_8);
    }

    Report run(int perSecond, Duration time) {
        List<Double> millis = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger failed = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        long all = perSecond * time.toSeconds();
        long start = System.nanoTime();
        Crew.run(
                CONNECTIONS,
                worker -> {
                    try (Wire wire = new Wire(server.base())) {
                        for (int n = next.getAndIncrement(); n < all; n = next.getAndIncrement()) {
                            long due = start + n * 1_000_000_000L / perSecond;
                            LockSupport.parkNanos(due - System.nanoTime());
                            Wire.Answer answer = wire.exchange(requests.get(n % requests.size()));
                            millis.add((System.nanoTime() - due) / 1e6);
                            if (answer.status() != 200) {
                                failed.incrementAndGet();
                            }
                        }
                    }
                });
        return new Report(all, Spread.of(millis), failed.get());
    }
}
