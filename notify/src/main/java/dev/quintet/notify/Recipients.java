package dev.quintet.notify;

import dev.quintet.platform.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * How recipients lie in the database: {@code [{"user":uuid},{"email":address},{"webhook":uuid}]}.
 */
final class Recipients {

    private Recipients() {}

    static String write(List<Recipient> to) {
        List<Map<String, String>> list =
                to.stream()
                        .map(recipient ->
                                switch (recipient) {
                                    case Recipient.User(UUID person) ->
                                            Map.of("user", person.toString());
                                    case Recipient.Email(String address) ->
                                            Map.of("email", address);
                                    case Recipient.Webhook(UUID endpoint) ->
                                            Map.of("webhook", endpoint.toString());
                                })
                        .toList();
        return new String(Json.write(list), StandardCharsets.UTF_8);
    }

    static List<Recipient> read(String json) {
        List<Recipient> to = new ArrayList<>();
        for (JsonNode node : Json.tree(json.getBytes(StandardCharsets.UTF_8))) {
            node.properties()
                    .forEach(entry -> {
                        String text = entry.getValue().asString();
                        to.add(
                                switch (entry.getKey()) {
                                    case "user" -> new Recipient.User(UUID.fromString(text));
                                    case "email" -> new Recipient.Email(text);
                                    case "webhook" -> new Recipient.Webhook(UUID.fromString(text));
                                    default ->
                                            throw new IllegalStateException(
                                                    "a recipient of kind " + entry.getKey());
                                });
                    });
        }
        return to;
    }
}
