package dev.quintet.platform.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a record of settings looks like: its sections, its keys and their bounds. */
final class Shape {

    private Shape() {}

    /** One key as an operator sees it. */
    record Key(String name, RecordComponent component) {}

    /** Every key below a record, in the order written; a list or map of records is one key. */
    static Stream<Key> keys(Class<?> type, String prefix) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> {
                    String name = Binder.join(prefix, key(component));
                    Class<?> raw = component.getType();
                    return raw.isRecord() && isSection(raw)
                            ? keys(raw, name)
                            : Stream.of(new Key(name, component));
                });
    }

    /** Whether a record is a group of settings; else it is one value, e.g. {@code DataSize}. */
    static boolean isSection(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .anyMatch(component ->
                        component.isAnnotationPresent(Setting.class)
                                || (component.getType().isRecord()
                                        && isSection(component.getType())));
    }

    static boolean isRecords(Type item) {
        return raw(item).isRecord() && isSection(raw(item));
    }

    static Setting setting(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(
                    component.getDeclaringRecord() + "." + key(component) + " has no @Setting");
        }
        return setting;
    }

    static Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType generic -> raw(generic.getRawType());
            default -> throw new IllegalStateException(type + " is no type of a setting");
        };
    }

    static Type argument(Type type, int at) {
        return ((ParameterizedType) type).getActualTypeArguments()[at];
    }

    static String names(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(Shape::key)
                .collect(Collectors.joining(", "));
    }

    /** How a value breaks its bounds. */
    static Optional<String> outside(Class<?> type, Setting setting, Object value) {
        if (!setting.min().isEmpty() && compare(value, Values.parse(type, setting.min())) < 0) {
            return Optional.of("below the least value allowed, " + setting.min());
        }
        if (!setting.max().isEmpty() && compare(value, Values.parse(type, setting.max())) > 0) {
            return Optional.of("above the greatest value allowed, " + setting.max());
        }
        return Optional.empty();
    }

    @SuppressWarnings("unchecked") // both were parsed as the same type, which has an order
    private static int compare(Object value, Object bound) {
        return ((Comparable<Object>) value).compareTo(bound);
    }

    /** How one key stands in {@code default-config}: sentence, bounds, and its default. */
    static List<String> lines(RecordComponent component, String indent) {
        Setting setting = setting(component);
        Class<?> raw = component.getType();
        StringBuilder comment = new StringBuilder(indent).append("# ").append(setting.value());
        if (!setting.min().isEmpty() || !setting.max().isEmpty()) {
            comment.append(" (").append(bounds(setting)).append(')');
        }
        Class<?> single =
                raw == Optional.class ? raw(argument(component.getGenericType(), 0)) : raw;
        if (single.isEnum()) {
            comment.append(" (").append(String.join(" | ", Values.words(single))).append(')');
        }
        boolean unset = setting.byDefault().isEmpty();
        String value = setting.byDefault();
        if (raw == List.class) {
            value = unset ? "[]" : "[" + value + "]";
            unset = false;
        } else if (raw == Map.class) {
            value = unset ? "{}" : value;
            unset = false;
        }
        String line = unset ? "# " + key(component) + ":" : key(component) + ": " + value;
        return List.of(comment.toString(), indent + line);
    }

    private static String bounds(Setting setting) {
        if (setting.min().isEmpty()) {
            return "at most " + setting.max();
        }
        return setting.max().isEmpty()
                ? "at least " + setting.min()
                : setting.min() + " to " + setting.max();
    }

    static Map<String, String> variables(Stream<Key> keys) {
        return keys.collect(
                Collectors.toMap(
                        key -> variable(key.name()),
                        Key::name,
                        (one, other) -> {
                            throw new IllegalStateException(
                                    one + " and " + other + " are the same variable");
                        },
                        java.util.TreeMap::new));
    }

    /** {@code files.contentUrl} is {@code QUINTET_FILES_CONTENT_URL}. */
    static String variable(String key) {
        return "QUINTET_"
                + key.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                        .replace('.', '_')
                        .toUpperCase(java.util.Locale.ROOT);
    }

    /**
     * The key of a component. Java forbids some names, e.g. {@code notify}: these end with an
     * underscore in the record.
     */
    static String key(RecordComponent component) {
        String name = component.getName();
        return name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    }
}
