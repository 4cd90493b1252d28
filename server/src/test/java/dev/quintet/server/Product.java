package dev.quintet.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.segment.analytics.Callback;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.TrackMessage;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.quintet.auth.SpringApp;
import dev.quintet.platform.Await;
import dev.quintet.platform.SecretWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import tools.jackson.databind.JsonNode;

/**
 * The product whose back end Quintet is: a client for its people's sign-in, a Segment source, an S3
 * key and a webhook, each used by its field's stock library.
 */
final class Product implements AutoCloseable {

    private static final List<String> SCOPES =
            List.of(
                    "openid",
                    "email",
                    "chat:read",
                    "chat:write",
                    "files:read",
                    "files:write",
                    "inbox:read");

    private final LiveServer server;
    private final SpringApp app;
    private final S3Client s3;
    private final HttpServer receiver;
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<String> forged = new CopyOnWriteArrayList<>();
    private final List<String> tracked = new CopyOnWriteArrayList<>();
    private final com.segment.analytics.Analytics segment;
    private final JsonNode endpoint;

    /** Sets itself up with the key that the server's first start left. */
    Product(LiveServer server) throws Exception {
        this.server = server;
        JsonNode client =
                server.admin(
                        "POST",
                        "/api/v1/clients",
                        LiveServer.json(
                                Map.of(
                                        "name",
                                        "The product",
                                        "redirectUris",
                                        List.of(SpringApp.CALLBACK),
                                        "grantTypes",
                                        List.of("authorization_code", "refresh_token"),
                                        "scopes",
                                        SCOPES)),
                        201);
        this.app =
                SpringApp.at(
                        server.url(),
                        client.get("clientId").asString(),
                        SecretWatch.made(client.get("clientSecret").asString()),
                        SCOPES.toArray(String[]::new));
        this.s3 = s3(server.admin("POST", "/api/v1/files/access-keys", "{}", 201));
        this.segment = segment(made("/api/v1/analytics/sources", Map.of("name", "shop")));
        this.receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String hook = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook";
        this.endpoint = made("/api/v1/webhook-endpoints", Map.of("url", hook));
        receiver.createContext("/hook", this::receive);
        receiver.start();
    }

    private JsonNode made(String path, Map<String, ?> wish) throws Exception {
        return server.admin("POST", path, LiveServer.json(wish), 201);
    }

    SpringApp app() {
        return app;
    }

    // --- files

    private S3Client s3(JsonNode key) {
        return S3Client.builder()
                .endpointOverride(server.quintet().s3Address().orElseThrow())
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(
                                        key.get("accessKeyId").asString(),
                                        SecretWatch.made(key.get("secretAccessKey").asString()))))
                .build();
    }

    S3Client s3() {
        return s3;
    }

    // --- analytics

    private com.segment.analytics.Analytics segment(JsonNode source) {
        return com.segment.analytics.Analytics.builder(
                        SecretWatch.made(source.get("writeKey").asString()))
                .endpoint(server.url())
                .callback(
                        new Callback() {
                            @Override
                            public void success(Message message) {
                                tracked.add(message.messageId());
                            }

                            @Override
                            public void failure(Message message, Throwable why) {
                                tracked.add("failed: " + why);
                            }
                        })
                .build();
    }

    /** Returns when it is acknowledged. */
    void tracks(String event, String person, String messageId) {
        int before = tracked.size();
        segment.enqueue(TrackMessage.builder(event).userId(person).messageId(messageId));
        segment.flush();
        Await.until("it is acknowledged", () -> tracked.size() > before);
        assertThat(tracked.getLast()).isEqualTo(messageId);
    }

    // --- notify

    /** Returns when the webhook has come. */
    void tellsItself(String category) throws Exception {
        int before = received.size();
        String hook = endpoint.get("id").asString();
        server.admin(
                "POST",
                "/api/v1/notifications",
                LiveServer.json(
                        Map.of(
                                "to",
                                List.of(Map.of("webhook", hook)),
                                "category",
                                category,
                                "content",
                                Map.of("title", "Paid", "body", "42 EUR"))),
                202);
        Await.until("the webhook came", () -> received.size() > before);
        assertThat(forged).isEmpty();
        assertThat(received.getLast()).contains(category, "42 EUR");
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Map<String, List<String>> headers = new HashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
            try {
                new Webhook(endpoint.get("secret").asString()).verify(body, headers);
                received.add(body);
            } catch (WebhookVerificationException | EmptyWebhookSecretException fraud) {
                forged.add(body + fraud);
            }
            exchange.sendResponseHeaders(204, -1);
        }
    }

    @Override
    public void close() {
        segment.shutdown();
        s3.close();
        receiver.stop(0);
    }
}
