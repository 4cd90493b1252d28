package dev.quintet.platform.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All settings of a program, as one tree of records: reads them, checks them, prints their
 * defaults. Immutable.
 */
public final class Settings<T extends Record> {

    /**
     * Variables that the launcher and its tools read for themselves; any other {@code QUINTET_*} is
     * a setting or a mistake.
     */
    private static final Set<String> LAUNCHER =
            Set.of("QUINTET_MEMORY", "QUINTET_DATA", "QUINTET_CONFIG", "QUINTET_HOME");

    private static final String DEFAULTS = "default";
    private static final String NOT_YET = "this setting is not in this version; remove it";

    private final Class<T> root;
    private final List<String> later;

    /**
     * @param later keys of features that are not in this version; {@code blobs.s3.*} means all
     *     below it
     */
    public Settings(Class<T> root, List<String> later) {
        this.root = root;
        this.later = List.copyOf(later);
    }

    /** A record with every setting at its default. */
    public static <R extends Record> R defaults(Class<R> type) {
        return new Settings<>(type, List.of()).load("", Map.of(), Map.of());
    }

    /** What {@link #check} made of three sources. */
    public record Checked<T>(Optional<T> settings, List<Problem> problems) {}

    /**
     * @param yaml the file's text; empty when there is none
     * @param environment of the process; only {@code QUINTET_*} is looked at
     * @param options key to value as the command line gave them, e.g. {@code http.port}
     * @throws BadSettings naming every problem
     */
    public T load(String yaml, Map<String, String> environment, Map<String, String> options) {
        Checked<T> checked = check(yaml, environment, options);
        return checked.settings().orElseThrow(() -> new BadSettings(checked.problems()));
    }

    /** Like {@link #load}, but hands the problems over, all of them. */
    public Checked<T> check(
            String yaml, Map<String, String> environment, Map<String, String> options) {
        List<Problem> problems = new ArrayList<>();
        Written.Fields written = Written.Fields.empty(DEFAULTS);
        switch (Written.yaml(yaml, "", problems)) {
            case Written.Fields fields -> written = fields;
            case Written other ->
                    problems.add(new Problem(other.where(), other.where(), "the file needs keys"));
        }
        putEnvironment(environment, written, problems);
        Written.Fields target = written;
        options.forEach(
                (key, value) -> target.put(key, new Written.Text(value, "option for " + key)));
        refuseLater(target, "", problems);
        Optional<Object> made = new Binder(problems).record(root, target, "");
        return new Checked<>(
                problems.isEmpty() ? made.map(root::cast) : Optional.empty(),
                List.copyOf(problems));
    }

    private void putEnvironment(
            Map<String, String> environment, Written.Fields written, List<Problem> problems) {
        Map<String, String> keys = Shape.variables(Shape.keys(root, ""));
        for (String name : environment.keySet().stream().sorted().toList()) {
            String value = environment.getOrDefault(name, "");
            String key = keys.get(name);
            if (key != null) {
                written.put(key, new Written.Text(value, name));
            } else if (isLater(name)) {
                problems.add(new Problem(name, name, NOT_YET));
            } else if (name.startsWith("QUINTET_") && !LAUNCHER.contains(name)) {
                problems.add(
                        new Problem(
                                name,
                                name,
                                "there is no setting with this variable",
                                Problem.nearest(name, keys.keySet())));
            }
        }
    }

    private boolean isLater(String variable) {
        return later.stream()
                .anyMatch(key ->
                        key.endsWith(".*")
                                ? variable.startsWith(
                                        Shape.variable(key.substring(0, key.length() - 1)))
                                : variable.equals(Shape.variable(key)));
    }

    /** Takes out what is not in this version, so that it is not also called unknown. */
    private void refuseLater(Written.Fields written, String prefix, List<Problem> problems) {
        for (String name : List.copyOf(written.fields().keySet())) {
            String key = Binder.join(prefix, name);
            Written value = written.fields().get(name);
            if (isLater(Shape.variable(key))) {
                problems.add(new Problem(key, value == null ? DEFAULTS : value.where(), NOT_YET));
                written.fields().remove(name);
            } else if (value instanceof Written.Fields below) {
                refuseLater(below, key, problems);
                if (below.fields().isEmpty() && !isSection(key)) {
                    written.fields().remove(name);
                }
            }
        }
    }

    private boolean isSection(String key) {
        return Shape.keys(root, "").anyMatch(each -> each.name().startsWith(key));
    }

    /** The YAML file in which every setting stands with its sentence, bounds and default. */
    public String defaultYaml() {
        return String.join("\n", section(root, "").toList()) + "\n";
    }

    private static Stream<String> section(Class<?> type, String indent) {
        return Stream.of(type.getRecordComponents()).flatMap(component -> entry(component, indent));
    }

    private static Stream<String> entry(RecordComponent component, String indent) {
        Class<?> raw = component.getType();
        return raw.isRecord() && Shape.isSection(raw)
                ? Stream.concat(
                        Stream.of(indent + Shape.key(component) + ":"), section(raw, indent + "  "))
                : Shape.lines(component, indent).stream();
    }
}
