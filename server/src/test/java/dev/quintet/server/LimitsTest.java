package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.SecretWatch;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Servers that prove themselves by their protocol's own credential are not counted by address. */
final class LimitsTest {

    private static final int PER_ADDRESS = 20;

    @TempDir private Path data;

    @Test
    void a_busy_server_behind_one_address_is_counted_by_its_credential() throws Exception {
        Map<String, String> limits = Map.of("QUINTET_LIMITS_PER_ADDRESS", "" + PER_ADDRESS);
        try (LiveServer server = LiveServer.start(data, limits);
                HttpClient client = HttpClient.newHttpClient()) {
            String writeKey =
                    server.admin("POST", "/api/v1/analytics/sources", "{\"name\":\"shop\"}", 201)
                            .get("writeKey")
                            .asString();
            SecretWatch.made(writeKey);
            JsonNode machine =
                    server.admin(
                            "POST",
                            "/api/v1/clients",
                            "{\"name\":\"shop\",\"grantTypes\":[\"client_credentials\"]}",
                            201);
            String secret = SecretWatch.made(machine.get("clientSecret").asString());
            String id = machine.get("clientId").asString();
            Set<Integer> statuses = new HashSet<>();
            for (int request = 0; request < 2 * PER_ADDRESS; request++) {
                server.track(writeKey, "sold");
                statuses.add(token(client, server, id + ":" + secret));
            }
            assertThat(statuses).containsExactly(200);
            statuses.clear();
            for (int request = 0; request < 2 * PER_ADDRESS; request++) {
                statuses.add(token(client, server, id + ":wrong"));
            }
            assertThat(statuses).containsExactlyInAnyOrder(401, 429);
        }
    }

    private static int token(HttpClient client, LiveServer server, String credentials)
            throws Exception {
        String basic =
                Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(server.at("/oauth2/token"))
                        .header("Authorization", "Basic " + basic)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                        .build();
        return client.send(request, BodyHandlers.ofString()).statusCode();
    }
}
