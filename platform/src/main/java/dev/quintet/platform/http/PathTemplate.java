package dev.quintet.platform.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The path of a route: literal segments, {@code {name}} for one segment, and {@code {name...}} as
 * the last one for all the rest (which may be empty and may hold slashes).
 */
public record PathTemplate(String text, List<String> segments) {

    private static final Pattern SEGMENT =
            Pattern.compile("\\{[a-z][A-Za-z0-9]*(\\.\\.\\.)?}|[^{}/]*");

    public static PathTemplate of(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("a path starts with '/': " + text);
        }
        List<String> segments = List.of(text.substring(1).split("/", -1));
        for (int at = 0; at < segments.size(); at++) {
            String segment = segments.get(at);
            if (!SEGMENT.matcher(segment).matches()
                    || (segment.endsWith("...}") && at < segments.size() - 1)) {
                throw new IllegalArgumentException("not a path template: " + text);
            }
        }
        return new PathTemplate(text, segments);
    }

    /** The names in braces, in order. */
    public List<String> names() {
        return segments.stream().filter(PathTemplate::isName).map(PathTemplate::name).toList();
    }

    /**
     * The values in a path if it fits. Its segments were parted before they were decoded, so that
     * an encoded slash never becomes a border.
     */
    Optional<Map<String, String>> match(List<String> given) {
        boolean tail = hasTail();
        if (tail ? given.size() < segments.size() - 1 : given.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int at = 0; at < segments.size(); at++) {
            String segment = segments.get(at);
            if (tail && at == segments.size() - 1) {
                List<String> rest = given.subList(at, given.size());
                values.put(name(segment), String.join("/", rest));
            } else if (isName(segment)) {
                if (given.get(at).isEmpty()) {
                    return Optional.empty();
                }
                values.put(name(segment), given.get(at));
            } else if (!segment.equals(given.get(at))) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    /** Whether a path has this shape; one that cannot be decoded may have it too. */
    boolean resembles(List<String> raw) {
        if (hasTail() ? raw.size() < segments.size() - 1 : raw.size() != segments.size()) {
            return false;
        }
        for (int at = 0; at < Math.min(raw.size(), segments.size()); at++) {
            if (!isName(segments.get(at)) && !segments.get(at).equals(raw.get(at))) {
                return false;
            }
        }
        return true;
    }

    boolean hasTail() {
        return segments.getLast().endsWith("...}");
    }

    static boolean isName(String segment) {
        return segment.startsWith("{");
    }

    private static String name(String segment) {
        return segment.substring(1, segment.length() - (segment.endsWith("...}") ? 4 : 1));
    }
}
