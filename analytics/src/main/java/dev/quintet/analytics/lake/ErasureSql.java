package dev.quintet.analytics.lake;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which rows an erasure takes, and what it blots out of the others. An id of sixteen characters and
 * more is found wherever it stands; a shorter one may be any word or number, so it counts only
 * where an id is meant.
 */
final class ErasureSql {

    private static final String BLOT = "erased";
    private static final int LONG = 16;

    private static final Set<String> IDS = Set.of("anonymous_id", "group_id", "previous_id");

    private final Set<String> users;

    /** Those of the request, and those that users had. */
    private final Set<String> devices;

    /** What the request names: only that is blotted out. */
    private final List<String> named;

    ErasureSql(Set<Subject> subjects) {
        this.users = ids(subjects, Subject.Kind.USER);
        this.devices = ids(subjects, Subject.Kind.DEVICE);
        this.named = Stream.concat(users.stream(), devices.stream()).distinct().toList();
    }

    private static Set<String> ids(Set<Subject> subjects, Subject.Kind kind) {
        return subjects.stream()
                .filter(subject -> subject.kind() == kind)
                .map(Subject::id)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    boolean hasUsers() {
        return !users.isEmpty();
    }

    void found(String device) {
        devices.add(device);
    }

    String devicesOf(List<String> files) {
        return "select distinct anonymous_id from "
                + LakeTable.parquet(files)
                + " where anonymous_id is not null and user_id in "
                + list(users);
    }

    /** The rows that go. */
    String gone(LakeTable table) {
        return "coalesce("
                + switch (table) {
                    case EVENTS ->
                            either(
                                    in("user_id", users),
                                    in("previous_id", users),
                                    devices.isEmpty()
                                            ? "false"
                                            : "(user_id is null and "
                                                    + in("anonymous_id", devices)
                                                    + ")");
                    case REJECTED -> mentioned();
                }
                + ", false)";
    }

    /** What was rejected is a text that nobody could read: any mention counts. */
    private String mentioned() {
        Stream<String> patterns =
                Stream.concat(users.stream(), devices.stream())
                        .map(id ->
                                isLong(id)
                                        ? literally(inJson(id))
                                        : "\"(user|previous|anonymous)Id\"\\s*:\\s*\""
                                                + literally(inJson(id))
                                                + "\"");
        return matches("body", Stream.concat(patterns, longNames().stream()).distinct().toList());
    }

    /** The rows that stay, and do not name anybody any more. */
    String names(LakeTable table) {
        return either(
                table.columns().stream()
                        .filter(column -> column.kind() == LakeTable.Kind.TEXT)
                        .map(column ->
                                either(
                                        matches(column.name(), longNames()),
                                        IDS.contains(column.name())
                                                ? in(column.name(), Set.copyOf(named))
                                                : "false"))
                        .map(condition -> "coalesce(" + condition + ", false)")
                        .toArray(String[]::new));
    }

    String blotted(LakeTable.Column column) {
        String name = column.name();
        if (column.kind() != LakeTable.Kind.TEXT) {
            return name;
        }
        String value = replaced(name, longNames());
        if (IDS.contains(name)) {
            value =
                    "case when "
                            + in(name, Set.copyOf(named))
                            + " then '"
                            + BLOT
                            + "' else "
                            + value
                            + " end";
        }
        return value + " as " + name;
    }

    /** Long ids that are named, as they stand in a column and as JSON writes them. */
    private List<String> longNames() {
        return named.stream()
                .filter(ErasureSql::isLong)
                .flatMap(id -> Stream.of(id, inJson(id)))
                .distinct()
                .map(ErasureSql::literally)
                .toList();
    }

    private static boolean isLong(String id) {
        return id.length() >= LONG;
    }

    private static String inJson(String text) {
        String json = JsonMapper.shared().writeValueAsString(text);
        return json.substring(1, json.length() - 1);
    }

    /** A text as a pattern of RE2: what is no letter and no digit may mean something. */
    private static String literally(String text) {
        return text.codePoints()
                .mapToObj(point ->
                        Character.isLetterOrDigit(point)
                                ? Character.toString(point)
                                : "\\x{" + Integer.toHexString(point) + "}")
                .collect(Collectors.joining());
    }

    private static String matches(String value, List<String> patterns) {
        return patterns.isEmpty()
                ? "false"
                : "regexp_matches(" + value + ", " + any(patterns) + ")";
    }

    private static String replaced(String value, List<String> patterns) {
        return patterns.isEmpty()
                ? value
                : "regexp_replace(" + value + ", " + any(patterns) + ", '" + BLOT + "', 'g')";
    }

    private static String any(List<String> patterns) {
        return Statements.quoted(String.join("|", patterns));
    }

    private static String in(String column, Set<String> ids) {
        return ids.isEmpty() ? "false" : column + " in " + list(ids);
    }

    private static String list(Set<String> ids) {
        return ids.stream().map(Statements::quoted).collect(Collectors.joining(", ", "(", ")"));
    }

    private static String either(String... conditions) {
        return Stream.of(conditions).collect(Collectors.joining(" or ", "(", ")"));
    }
}
