package dev.quintet.platform.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes records of what was written and notes what is wrong on the way. An empty result means that
 * a problem was noted.
 */
final class Binder {

    private final List<Problem> problems;

    Binder(List<Problem> problems) {
        this.problems = problems;
    }

    Optional<Object> record(Class<?> type, Written.Fields written, String key) {
        RecordComponent[] components = type.getRecordComponents();
        noteUnknown(components, written, key);
        List<Optional<Object>> values = new ArrayList<>();
        for (RecordComponent component : components) {
            values.add(component(component, written, join(key, Shape.key(component))));
        }
        if (!values.stream().allMatch(Optional::isPresent)) {
            return Optional.empty();
        }
        return make(type, values.stream().map(Optional::orElseThrow).toArray(), written, key);
    }

    private void noteUnknown(RecordComponent[] components, Written.Fields written, String key) {
        List<String> names = Arrays.stream(components).map(Shape::key).toList();
        for (Map.Entry<String, Written> field : written.fields().entrySet()) {
            if (!names.contains(field.getKey())) {
                Optional<String> nearest =
                        Problem.nearest(field.getKey(), names).map(name -> join(key, name));
                problems.add(
                        new Problem(
                                join(key, field.getKey()),
                                field.getValue().where(),
                                "there is no such setting",
                                nearest));
            }
        }
    }

    private Optional<Object> component(
            RecordComponent component, Written.Fields written, String key) {
        Written value = written.fields().get(Shape.key(component));
        Type type = component.getGenericType();
        if (type instanceof Class<?> nested && nested.isRecord() && Shape.isSection(nested)) {
            return switch (value) {
                case null -> record(nested, Written.Fields.empty(written.where()), key);
                case Written.Fields fields -> record(nested, fields, key);
                case Written.Text text ->
                        wrong(key, text, "this is a section with keys below it, not a value");
                case Written.Items items ->
                        wrong(key, items, "this is a section with keys below it, not a list");
            };
        }
        Setting setting = Shape.setting(component);
        if (value == null) {
            return unwritten(type, setting, key, written.where());
        }
        return value(type, setting, value, key);
    }

    private Optional<Object> unwritten(Type type, Setting setting, String key, String where) {
        Class<?> raw = Shape.raw(type);
        if (!setting.byDefault().isEmpty()) {
            return value(type, setting, new Written.Text(setting.byDefault(), "default"), key);
        }
        if (raw == Optional.class) {
            return Optional.of(Optional.empty());
        }
        if (raw == List.class) {
            return Optional.of(List.of());
        }
        if (raw == Map.class) {
            return Optional.of(Map.of());
        }
        problems.add(new Problem(key, where, "this setting is missing and has no default"));
        return Optional.empty();
    }

    private Optional<Object> value(Type type, Setting setting, Written written, String key) {
        Class<?> raw = Shape.raw(type);
        if (raw == Optional.class) {
            return value(Shape.argument(type, 0), setting, written, key).map(Optional::of);
        }
        if (raw == List.class) {
            return list(type, setting, written, key);
        }
        if (raw == Map.class) {
            return map(type, setting, written, key);
        }
        if (raw.isRecord() && Shape.isSection(raw)) {
            return written instanceof Written.Fields fields
                    ? record(raw, fields, key)
                    : wrong(key, written, "this needs keys below it: " + Shape.names(raw));
        }
        return written instanceof Written.Text text
                ? single(raw, setting, text, key)
                : wrong(key, written, "this takes one value");
    }

    private Optional<Object> list(Type type, Setting setting, Written written, String key) {
        Type item = Shape.argument(type, 0);
        List<Written> items =
                switch (written) {
                    case Written.Items given -> given.items();
                    case Written.Text text -> split(item, text);
                    case Written.Fields fields -> List.of(fields);
                };
        List<Object> values = new ArrayList<>();
        for (int at = 0; at < items.size(); at++) {
            value(item, setting, items.get(at), key + "[" + at + "]").ifPresent(values::add);
        }
        return values.size() == items.size() ? Optional.of(List.copyOf(values)) : Optional.empty();
    }

    /** A list in one text: at commas for plain values, as YAML for records. */
    private List<Written> split(Type item, Written.Text text) {
        if (Shape.isRecords(item)) {
            return Written.yaml(text.text(), text.where(), problems) instanceof Written.Items list
                    ? list.items()
                    : List.of(text);
        }
        return Arrays.stream(text.text().split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .<Written>map(part -> new Written.Text(part, text.where()))
                .toList();
    }

    private Optional<Object> map(Type type, Setting setting, Written written, String key) {
        Written given =
                written instanceof Written.Text text
                        ? Written.yaml(text.text(), text.where(), problems)
                        : written;
        if (!(given instanceof Written.Fields fields)) {
            return wrong(key, written, "this needs names with values below it");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        fields.fields()
                .forEach((name, value) ->
                        value(Shape.argument(type, 1), setting, value, join(key, name))
                                .ifPresent(made -> values.put(name, made)));
        return values.size() == fields.fields().size()
                ? Optional.of(Map.copyOf(values))
                : Optional.empty();
    }

    private Optional<Object> single(
            Class<?> type, Setting setting, Written.Text written, String key) {
        try {
            Object value = Values.parse(type, written.text());
            Optional<String> outside = Shape.outside(type, setting, value);
            outside.ifPresent(bound -> wrong(key, written, "'" + written.text() + "' is " + bound));
            return outside.isPresent() ? Optional.empty() : Optional.of(value);
        } catch (Values.NotA notA) {
            problems.add(
                    new Problem(
                            key,
                            written.where(),
                            String.valueOf(notA.getMessage()),
                            Problem.nearest(written.text(), notA.valid())));
            return Optional.empty();
        }
    }

    private Optional<Object> make(
            Class<?> type, Object[] values, Written.Fields written, String key) {
        Class<?>[] types =
                Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new);
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return Optional.of(canonical.newInstance(values));
        } catch (InvocationTargetException refused) {
            if (refused.getCause() instanceof IllegalArgumentException reason) {
                return wrong(key, written, String.valueOf(reason.getMessage()));
            }
            throw new IllegalStateException("could not make " + type, refused);
        } catch (ReflectiveOperationException failure) {
            throw new IllegalStateException("could not make " + type, failure);
        }
    }

    private Optional<Object> wrong(String key, Written written, String what) {
        problems.add(new Problem(key, written.where(), what));
        return Optional.empty();
    }

    static String join(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }
}
