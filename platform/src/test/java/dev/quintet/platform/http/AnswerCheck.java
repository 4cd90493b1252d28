package dev.quintet.platform.http;

import dev.quintet.platform.Refusal;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds real answers against what their routes declare, by the schema that OpenAPI shows: good ones
 * against the route's record, refusals against the form of RFC 9457 (a protocol door has its own
 * form), and whether the refusal was declared at all. Safe for any number of threads.
 */
public final class AnswerCheck {

    private static final String PROBLEM = "application/problem+json";

    // A schema each: two systems may call a record the same.
    private final Map<Type, Described> described = new ConcurrentHashMap<>();

    private record Described(Map<?, ?> schema, Map<String, Object> named) {

        static Described of(Type type) {
            JsonSchema schemas = new JsonSchema();
            return new Described(schemas.of(type), schemas.named());
        }
    }

    /** How an answer differs from what was declared; empty if it does not. */
    public List<String> differences(Observer.Seen seen) {
        List<String> found = new ArrayList<>();
        seen.route()
                .ifPresent(route -> {
                    seen.refusal().ifPresent(code -> refused(route, code, seen, found));
                    shape(route, seen).ifPresent(type -> hold(type, seen, route.name(), found));
                });
        return found;
    }

    private static void refused(Route route, String code, Observer.Seen seen, List<String> found) {
        boolean known =
                Stream.concat(route.refusals().stream(), Coverage.EDGE.stream())
                        .map(Refusal::name)
                        .anyMatch(code::equals);
        if (!known) {
            found.add(route.name() + " refused with " + code + ", which it does not declare");
        }
        if (route.path().text().startsWith("/api/")
                && seen.body().isPresent()
                && !isProblem(seen)) {
            found.add(route.name() + " refused with " + code + " as " + seen.type());
        }
    }

    private static Optional<Type> shape(Route route, Observer.Seen seen) {
        if (seen.refusal().isPresent()) {
            return isProblem(seen) ? Optional.of(Problem.Document.class) : Optional.empty();
        }
        return seen.status() == route.status() ? route.answer() : Optional.empty();
    }

    private static boolean isProblem(Observer.Seen seen) {
        return seen.type().filter(type -> type.startsWith(PROBLEM)).isPresent();
    }

    private void hold(Type type, Observer.Seen seen, String route, List<String> found) {
        JsonNode json = JsonMapper.shared().readTree(seen.body().orElse("null"));
        Described known = described.computeIfAbsent(type, Described::of);
        check(json, known.schema(), known, route + " answer", found);
    }

    private static void check(
            JsonNode json, Map<?, ?> schema, Described known, String path, List<String> found) {
        if (schema.get("$ref") instanceof String reference) {
            String name = reference.substring(reference.lastIndexOf('/') + 1);
            if (known.named().get(name) instanceof Map<?, ?> named) {
                check(json, named, known, path, found);
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
                object(json, schema, known, path, found);
            } else if (json.isArray() && schema.get("items") instanceof Map<?, ?> items) {
                json.forEach(item -> check(item, items, known, path + "[]", found));
            }
        }
    }

    private static void object(
            JsonNode json, Map<?, ?> schema, Described known, String path, List<String> found) {
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> all ? all : Map.of();
        if (schema.get("required") instanceof List<?> required) {
            required.stream()
                    .filter(name -> !json.has(String.valueOf(name)))
                    .forEach(name -> found.add(path + "." + name + " is missing"));
        }
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            String at = path + "." + field.getKey();
            if (properties.get(field.getKey()) instanceof Map<?, ?> declared) {
                check(field.getValue(), declared, known, at, found);
            } else if (schema.get("additionalProperties") instanceof Map<?, ?> other) {
                check(field.getValue(), other, known, at, found);
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
