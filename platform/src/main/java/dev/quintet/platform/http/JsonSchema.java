package dev.quintet.platform.http;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Records as JSON Schema 2020-12, by the same rules by which {@link Json} reads and writes them. A
 * record is described once, under its name.
 */
final class JsonSchema {

    private static final String REFERENCE = "#/components/schemas/";

    private final Map<String, Object> named = new TreeMap<>();
    private final Map<String, Class<?>> owners = new LinkedHashMap<>();

    /** All records described so far. */
    Map<String, Object> named() {
        return named;
    }

    Map<String, Object> of(Type type) {
        if (type instanceof ParameterizedType generic) {
            return ofGeneric(generic);
        }
        Class<?> plain = (Class<?>) type;
        return plain.isRecord() ? ofRecord(plain) : ofScalar(plain);
    }

    private Map<String, Object> ofGeneric(ParameterizedType type) {
        Class<?> raw = (Class<?>) type.getRawType();
        if (raw == Optional.class) {
            return of(JsonBinding.argument(type, 0));
        }
        if (raw == List.class || raw == Set.class) {
            return Map.of("type", "array", "items", of(JsonBinding.argument(type, 0)));
        }
        if (raw == Map.class) {
            return Map.of(
                    "type", "object", "additionalProperties", of(JsonBinding.argument(type, 1)));
        }
        throw new IllegalArgumentException("JSON records do not hold a " + type);
    }

    private Map<String, Object> ofRecord(Class<?> type) {
        String name = nameOf(type);
        if (owners.putIfAbsent(name, type) == null) {
            Map<String, Object> properties = new LinkedHashMap<>();
            List<String> required = new ArrayList<>();
            for (RecordComponent part : type.getRecordComponents()) {
                properties.put(wire(part), of(part.getGenericType()));
                if (part.getType() != Optional.class) {
                    required.add(wire(part));
                }
            }
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("type", "object");
            schema.put("properties", properties);
            schema.put("required", required);
            schema.put("additionalProperties", type == Problem.Document.class);
            named.put(name, schema);
        } else if (!type.equals(owners.get(name))) {
            throw new IllegalArgumentException(
                    "two records are called " + name + ": " + type + ", " + owners.get(name));
        }
        return Map.of("$ref", REFERENCE + name);
    }

    /** A component named {@code public_} is {@code public} on the wire. */
    private static String wire(RecordComponent part) {
        String name = part.getName();
        return name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    }

    /** {@code ChatRoutes.Room} is {@code ChatRoom}: wire records are nested in their routes. */
    private static String nameOf(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        String owner = outer == null ? "" : outer.getSimpleName().replaceAll("(Routes|Test)$", "");
        return owner + type.getSimpleName();
    }

    private static Map<String, Object> ofScalar(Class<?> type) {
        if (type.isEnum()) {
            return Map.of(
                    "enum",
                    Arrays.stream(type.getEnumConstants())
                            .map(each -> each.toString().toLowerCase(Locale.ROOT))
                            .toList());
        }
        if (type == boolean.class || type == Boolean.class) {
            return Map.of("type", "boolean");
        }
        if (type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class) {
            return Map.of("type", "integer");
        }
        if (type == double.class || type == Double.class) {
            return Map.of("type", "number");
        }
        if (type == Instant.class) {
            return Map.of("type", "string", "format", "date-time");
        }
        if (type == Duration.class) {
            return Map.of("type", "string", "format", "duration");
        }
        if (type == UUID.class) {
            return Map.of("type", "string", "format", "uuid");
        }
        if (type == URI.class) {
            return Map.of("type", "string", "format", "uri");
        }
        // Anything else is any JSON: a tree, or a value that is written as it comes.
        return type == String.class ? Map.of("type", "string") : Map.of();
    }
}
