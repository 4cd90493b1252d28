package dev.quintet.platform.http;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds real answers against what their routes declare, by the schema that OpenAPI shows: good ones
 * against the route's record, refusals against the form of RFC 9457 where they are JSON.
 */
public final class AnswerCheck {

    private final JsonSchema schemas = new JsonSchema();

    /** How an answer differs from what was declared; empty if it does not. */
    public List<String> differences(Observer.Seen seen) {
        List<String> found = new ArrayList<>();
        seen.route()
                .ifPresent(route ->
                        declared(route, seen)
                                .ifPresent(type -> {
                                    JsonNode json =
                                            JsonMapper.shared()
                                                    .readTree(seen.body().orElse("null"));
                                    check(json, schemas.of(type), route.name() + " answer", found);
                                }));
        return found;
    }

    private static Optional<Type> declared(Route route, Observer.Seen seen) {
        if (seen.refusal().isPresent()) {
            return seen.body().isPresent() ? Optional.of(Problem.Document.class) : Optional.empty();
        }
        return seen.status() == route.status() ? route.answer() : Optional.empty();
    }

    private void check(JsonNode json, Map<?, ?> schema, String path, List<String> found) {
        if (schema.get("$ref") instanceof String reference) {
            String name = reference.substring(reference.lastIndexOf('/') + 1);
            if (schemas.named().get(name) instanceof Map<?, ?> named) {
                check(json, named, path, found);
            }
            return;
        }
        if (schema.get("enum") instanceof List<?> words && !words.contains(json.asString())) {
            found.add(path + " is " + json + ", not one of " + words);
        }
        if (schema.get("type") instanceof String type) {
            if (!is(json, type)) {
                found.add(path + " is " + json.getNodeType() + ", not " + type);
            } else if (json.isObject()) {
                object(json, schema, path, found);
            } else if (json.isArray() && schema.get("items") instanceof Map<?, ?> items) {
                json.forEach(item -> check(item, items, path + "[]", found));
            }
        }
    }

    private void object(JsonNode json, Map<?, ?> schema, String path, List<String> found) {
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> all ? all : Map.of();
        if (schema.get("required") instanceof List<?> required) {
            required.stream()
                    .filter(name -> !json.has(String.valueOf(name)))
                    .forEach(name -> found.add(path + "." + name + " is missing"));
        }
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            String at = path + "." + field.getKey();
            if (properties.get(field.getKey()) instanceof Map<?, ?> known) {
                check(field.getValue(), known, at, found);
            } else if (schema.get("additionalProperties") instanceof Map<?, ?> other) {
                check(field.getValue(), other, at, found);
            } else if (Boolean.FALSE.equals(schema.get("additionalProperties"))) {
                found.add(at + " is not declared");
            }
        }
    }

    private static boolean is(JsonNode json, String type) {
        return switch (type) {
            case "object" -> json.isObject();
            case "array" -> json.isArray();
            case "string" -> json.isString();
            case "integer" -> json.isIntegralNumber();
            case "number" -> json.isNumber();
            case "boolean" -> json.isBoolean();
            default -> throw new IllegalArgumentException("no type of JSON Schema: " + type);
        };
    }
}
