package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.INVALID_FIELD;
import static dev.quintet.platform.http.HttpRefusal.MISSING_FIELD;
import static dev.quintet.platform.http.HttpRefusal.UNKNOWN_FIELD;

import dev.quintet.platform.Nearest;
import dev.quintet.platform.Refused;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * Makes a record from a JSON tree by its components. Everything but an {@code Optional} must be
 * there, nothing else may be, and numbers and texts never stand for one another.
 */
final class JsonBinding {

    private JsonBinding() {}

    static Object bind(JsonNode node, Type type, String path) {
        if (type instanceof ParameterizedType generic) {
            return bindGeneric(node, generic, path);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return bindRecord(node, plain, path);
        }
        if (plain.isEnum()) {
            return bindEnum(node, plain, path);
        }
        return bindScalar(node, plain, path);
    }

    private static Object bindRecord(JsonNode node, Class<?> type, String path) {
        if (!node.isObject()) {
            throw invalid(path, "an object is expected, not " + kind(node));
        }
        RecordComponent[] parts = type.getRecordComponents();
        List<String> names = Arrays.stream(parts).map(JsonBinding::wire).toList();
        for (String name : node.propertyNames()) {
            if (!names.contains(name)) {
                throw unknown(below(path, name), name, names);
            }
        }
        Object[] values = new Object[parts.length];
        for (int at = 0; at < parts.length; at++) {
            values[at] = component(node, parts[at], below(path, wire(parts[at])));
        }
        return construct(type, parts, values, path);
    }

    /** A component whose wire name is a word of Java ends in an underscore: {@code public_}. */
    static String wire(RecordComponent part) {
        String name = part.getName();
        return name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    }

    private static Object component(JsonNode node, RecordComponent part, String path) {
        Optional<JsonNode> value = node.optional(wire(part)).filter(found -> !found.isNull());
        Type type = part.getGenericType();
        if (part.getType() == Optional.class) {
            return value.map(found -> bind(found, argument(type, 0), path));
        }
        return bind(
                value.orElseThrow(() -> MISSING_FIELD.because(path).with("field", path)),
                type,
                path);
    }

    private static Object construct(
            Class<?> type, RecordComponent[] parts, Object[] values, String path) {
        try {
            var constructor =
                    type.getDeclaredConstructor(
                            Arrays.stream(parts)
                                    .map(RecordComponent::getType)
                                    .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            // A record that checks itself says what is wrong with its values.
            if (e.getCause() instanceof Refused refused) {
                throw refused;
            }
            if (e.getCause() instanceof IllegalArgumentException
                    || e.getCause() instanceof DateTimeException) {
                throw invalid(path, String.valueOf(e.getCause().getMessage()));
            }
            throw new IllegalStateException("cannot make a " + type.getName(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make a " + type.getName(), e);
        }
    }

    private static Object bindGeneric(JsonNode node, ParameterizedType type, String path) {
        Class<?> raw = (Class<?>) type.getRawType();
        if (raw == List.class || raw == Set.class) {
            if (!node.isArray()) {
                throw invalid(path, "a list is expected, not " + kind(node));
            }
            List<Object> items = new ArrayList<>();
            for (int at = 0; at < node.size(); at++) {
                items.add(bind(node.get(at), argument(type, 0), path + "[" + at + "]"));
            }
            return raw == List.class ? List.copyOf(items) : new LinkedHashSet<>(items);
        }
        if (raw == Map.class) {
            if (!node.isObject()) {
                throw invalid(path, "an object is expected, not " + kind(node));
            }
            Map<String, Object> entries = new LinkedHashMap<>();
            for (var entry : node.properties()) {
                entries.put(
                        entry.getKey(),
                        bind(entry.getValue(), argument(type, 1), below(path, entry.getKey())));
            }
            return entries;
        }
        throw new IllegalStateException("JSON records do not hold a " + type);
    }

    private static Object bindEnum(JsonNode node, Class<?> type, String path) {
        List<String> known = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String wire = constant.toString().toLowerCase(Locale.ROOT);
            if (node.isString() && wire.equals(node.stringValue())) {
                return constant;
            }
            known.add(wire);
        }
        String nearest = node.isString() ? Nearest.to(node.stringValue(), known) : "";
        throw invalid(path, "write one of " + String.join(", ", known) + nearest);
    }

    private static Object bindScalar(JsonNode node, Class<?> type, String path) {
        if (type == JsonNode.class || type == Object.class) {
            return node;
        }
        if (type == boolean.class || type == Boolean.class) {
            if (node.isBoolean()) {
                return node.booleanValue();
            }
            throw invalid(path, "true or false is expected, not " + kind(node));
        }
        if (type == int.class || type == Integer.class) {
            if (node.isIntegralNumber() && node.canConvertToInt()) {
                return node.intValue();
            }
            throw invalid(path, "a whole number is expected, not " + kind(node));
        }
        if (type == long.class || type == Long.class) {
            if (node.isIntegralNumber() && node.canConvertToLong()) {
                return node.longValue();
            }
            throw invalid(path, "a whole number is expected, not " + kind(node));
        }
        if (type == double.class || type == Double.class) {
            if (node.isNumber()) {
                return node.doubleValue();
            }
            throw invalid(path, "a number is expected, not " + kind(node));
        }
        if (!node.isString()) {
            throw invalid(path, "a text is expected, not " + kind(node));
        }
        return bindText(node.stringValue(), type, path);
    }

    private static Object bindText(String text, Class<?> type, String path) {
        if (type == String.class) {
            requireStorable(text, path);
            return text;
        }
        try {
            if (type == Instant.class) {
                OffsetDateTime time = OffsetDateTime.parse(text);
                if (time.getYear() < 1 || time.getYear() > 9999) {
                    throw invalid(path, "write a year from 0001 to 9999");
                }
                return time.toInstant();
            }
            if (type == Duration.class) {
                return Duration.parse(text);
            }
            if (type == UUID.class && text.length() == 36) {
                return UUID.fromString(text);
            }
            if (type == URI.class) {
                return URI.create(text);
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            throw invalid(path, expected(type));
        }
        if (type == UUID.class) {
            throw invalid(path, expected(type));
        }
        throw new IllegalStateException("JSON records do not hold a " + type);
    }

    /** PostgreSQL's text has no NUL, and UTF-8 no half of a surrogate pair (RFC 3629 section 3). */
    private static void requireStorable(String text, String path) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == 0) {
                throw invalid(path, "a text holds no NUL character");
            }
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c)
                                && at + 1 < text.length()
                                && Character.isLowSurrogate(text.charAt(at + 1));
                if (!pair) {
                    throw invalid(path, "a text holds no half of a surrogate pair");
                }
                at++;
            }
        }
    }

    private static String expected(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "Instant" -> "write a time like 2026-01-31T12:00:00Z";
            case "Duration" -> "write a duration like PT15M";
            case "UUID" -> "write a UUID";
            default -> "write an absolute URL";
        };
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            case NUMBER -> "the number " + node;
            case OBJECT, POJO -> "an object";
            case STRING -> "a text";
            case BINARY, MISSING -> "nothing";
        };
    }

    static Type argument(Type type, int at) {
        return ((ParameterizedType) type).getActualTypeArguments()[at];
    }

    private static String below(String path, String name) {
        return path.isEmpty() ? name : path + '.' + name;
    }

    private static Refused unknown(String path, String name, List<String> names) {
        return UNKNOWN_FIELD
                .because(path, "known are " + String.join(", ", names) + Nearest.to(name, names))
                .with("field", path);
    }

    private static Refused invalid(String path, String why) {
        String shown = path.isEmpty() ? "(the whole body)" : path;
        return INVALID_FIELD.because(shown, why).with("field", path);
    }
}
