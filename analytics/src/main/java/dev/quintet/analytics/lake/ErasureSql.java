package dev.quintet.analytics.lake;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which rows an erasure takes, and what it blots out of the others. In a column of ids only the
 * whole value counts. In what products write themselves an id is found wherever it stands for
 * itself, if it has sixteen characters and is no number; a shorter one may be any word.
 */
final class ErasureSql {

    private static final String BLOT = "erased";
    private static final int LONG = 16;

    /** Beyond it only events that name the user go, not those of further devices. */
    static final int MOST_DEVICES = 200_000;

    private static final Set<String> IDS = Set.of("anonymous_id", "group_id", "previous_id");
    private static final Set<String> WRITTEN =
            Set.of("event", "name", "properties", "traits", "context");

    // What may be a part of the same id, before it and behind it: joan@example.com is not
    // an@example.com, nor is customer-12 customer-1. A letter behind a backslash is JSON's.
    private static final String BEFORE = "(^|[^\\p{L}\\p{N}_.@+-]|\\\\[bfnrt])";
    private static final String BEHIND = "($|[^\\p{L}\\p{N}_.@+-]|\\.(?:$|[^\\p{L}\\p{N}]))";

    // What was rejected is a text that nobody could read as an event.
    private static final String DEVICE_OF_REJECTED =
            "regexp_extract(body, '\"anonymousId\"\\s*:\\s*\"([^\"]*)\"', 1)";

    private final Set<String> users;

    /** Those of the request, and those that users had. */
    private final Set<String> devices;

    /** What the request names: only that is blotted out. */
    private final Set<String> named;

    /** Those of them that are looked for in what products write, as one pattern; empty for none. */
    private final Optional<String> written;

    ErasureSql(Set<Subject> subjects) {
        this.users = ids(subjects, Subject.Kind.USER);
        this.devices = ids(subjects, Subject.Kind.DEVICE);
        this.named =
                Stream.concat(users.stream(), devices.stream())
                        .collect(Collectors.toUnmodifiableSet());
        List<String> patterns =
                named.stream().filter(ErasureSql::isWritten).map(ErasureSql::anyWay).toList();
        this.written =
                patterns.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                Statements.quoted(
                                        BEFORE
                                                + "(?:"
                                                + String.join("|", patterns)
                                                + ")"
                                                + BEHIND));
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

    /** It is looked for from now on, unless there are too many. */
    void found(String device) {
        if (!isFull()) {
            devices.add(device);
        }
    }

    boolean isFull() {
        return devices.size() >= MOST_DEVICES;
    }

    /** Also who somebody was before an alias is a device. */
    String devicesOf(List<String> files) {
        String rows = " from " + LakeTable.parquet(files) + " where user_id in " + list(users);
        return "select distinct id from (select anonymous_id as id"
                + rows
                + " union all select previous_id"
                + rows
                + ") where id is not null";
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
                    case REJECTED ->
                            either(
                                    "regexp_matches(body, " + idOfRejected() + ")",
                                    in(DEVICE_OF_REJECTED, devices),
                                    matches("body"));
                }
                + ", false)";
    }

    /** An id where one is meant, also as a number. */
    private String idOfRejected() {
        return Statements.quoted(
                "\"(?:user|previous|anonymous)Id\"\\s*:\\s*\"?(?:"
                        + named.stream().map(ErasureSql::anyWay).collect(Collectors.joining("|"))
                        + ")\"?\\s*[,}]");
    }

    /** The rows that stay, and do not name anybody any more. */
    String names(LakeTable table) {
        return table == LakeTable.REJECTED
                ? "false"
                : either(
                        Stream.concat(
                                        IDS.stream().map(column -> in(column, named)),
                                        WRITTEN.stream().map(this::matches))
                                .map(condition -> "coalesce(" + condition + ", false)")
                                .toArray(String[]::new));
    }

    String blotted(LakeTable.Column column) {
        String name = column.name();
        if (IDS.contains(name)) {
            return "case when %1$s then '%2$s' else %3$s end as %3$s"
                    .formatted(in(name, named), BLOT, name);
        }
        // Twice: two that share what stands between them are found one after the other.
        return written.filter(any -> WRITTEN.contains(name))
                .map(any -> replaced(replaced(name, any), any) + " as " + name)
                .orElse(name);
    }

    private String matches(String value) {
        return written.map(any -> "regexp_matches(" + value + ", " + any + ")").orElse("false");
    }

    private static String replaced(String value, String any) {
        return "regexp_replace(" + value + ", " + any + ", '\\1" + BLOT + "\\2', 'g')";
    }

    private static boolean isWritten(String id) {
        return id.length() >= LONG && !id.chars().allMatch(Character::isDigit);
    }

    /**
     * A text as a pattern of RE2, however JSON may write it (RFC 8259 section 7): what is no letter
     * and no digit of ASCII may be escaped.
     */
    private static String anyWay(String id) {
        return id.codePoints()
                .mapToObj(point ->
                        point < 128 && Character.isLetterOrDigit(point)
                                ? Character.toString(point)
                                : "(?:\\\\?\\x{%x}|%s)".formatted(point, escaped(point)))
                .collect(Collectors.joining());
    }

    private static String escaped(int point) {
        return Character.toString(point)
                .chars()
                .mapToObj("\\\\u(?i:%04x)"::formatted)
                .collect(Collectors.joining());
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
