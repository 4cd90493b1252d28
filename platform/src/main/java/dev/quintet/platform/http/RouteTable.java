package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.METHOD_NOT_ALLOWED;
import static dev.quintet.platform.http.HttpRefusal.NO_SUCH_ROUTE;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request. Where several paths fit, literal segments go before names and names
 * before tails, so the order of declaration never matters.
 */
final class RouteTable {

    /** A route with its group and the values of its path. */
    record Match(Route route, Routes group, Map<String, String> values) {}

    private record Entry(Route route, Routes group) {}

    /** What may follow a beginning of a path, and what ends there. */
    private static final class Node {

        private final Map<String, Node> literals = new HashMap<>();
        private final List<Entry> ends = new ArrayList<>();
        private final List<Entry> tails = new ArrayList<>();
        private @Nullable Node name;

        void add(Entry entry) {
            Node node = this;
            for (String segment : entry.route.path().segments()) {
                if (segment.endsWith("...}")) {
                    node.tails.add(entry);
                    return;
                }
                if (PathTemplate.isName(segment)) {
                    node.name = node.name == null ? new Node() : node.name;
                    node = node.name;
                } else {
                    node = node.literals.computeIfAbsent(segment, any -> new Node());
                }
            }
            node.ends.add(entry);
        }

        /** The first entry that takes the method, in the order of the entries. */
        @Nullable Entry find(List<String> segments, int at, String method) {
            if (at == segments.size()) {
                Entry end = taking(ends, method);
                return end == null ? taking(tails, method) : end;
            }
            String segment = segments.get(at);
            Node literal = literals.get(segment);
            Entry found = literal == null ? null : literal.find(segments, at + 1, method);
            if (found == null && name != null && !segment.isEmpty()) {
                found = name.find(segments, at + 1, method);
            }
            return found == null ? taking(tails, method) : found;
        }

        private static @Nullable Entry taking(List<Entry> entries, String method) {
            for (Entry entry : entries) {
                if (fits(entry.route.method(), method)) {
                    return entry;
                }
            }
            return null;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Node root = new Node();
    private final List<PathTemplate> secretPaths;

    RouteTable(List<Routes> groups) {
        for (Routes group : groups) {
            group.routes().forEach(route -> entries.add(new Entry(route, group)));
        }
        entries.sort(
                Comparator.comparing((Entry entry) -> order(entry.route.path()))
                        .thenComparingInt(entry -> rank(entry.route.method()))
                        .thenComparing(entry -> entry.route.method()));
        entries.forEach(root::add);
        secretPaths =
                entries.stream()
                        .filter(entry -> entry.route.secretPath())
                        .map(entry -> entry.route.path())
                        .toList();
        for (int at = 1; at < entries.size(); at++) {
            Route one = entries.get(at - 1).route;
            Route two = entries.get(at).route;
            if (one.method().equals(two.method()) && order(one.path()).equals(order(two.path()))) {
                throw new IllegalArgumentException(
                        "two routes fit the same requests: " + one.name() + ", " + two.name());
            }
        }
    }

    /** The group whose path has this shape, whatever the method: it knows how to refuse. */
    Optional<Routes> group(Head head) {
        return entries.stream()
                .filter(entry -> entry.route.path().resembles(head.segments()))
                .map(Entry::group)
                .findFirst();
    }

    /** The path as logs may tell it. */
    String told(Head head) {
        return secretPaths.stream()
                .filter(path -> path.resembles(head.segments()))
                .findFirst()
                .map(PathTemplate::text)
                .orElse(head.rawPath());
    }

    /** What may be asked of this path. */
    Set<String> methods(Head head) {
        TreeSet<String> methods = new TreeSet<>();
        List<String> segments = decoded(head);
        for (Entry entry : entries) {
            if (entry.route.path().match(segments).isPresent()) {
                methods.add(entry.route.method());
            }
        }
        if (methods.isEmpty()) {
            throw NO_SUCH_ROUTE.because(head.rawPath());
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        methods.add("OPTIONS");
        return methods;
    }

    Match find(Head head) {
        List<String> segments = decoded(head);
        Entry found = root.find(segments, 0, head.method());
        if (found != null) {
            return new Match(
                    found.route, found.group, found.route.path().match(segments).orElseThrow());
        }
        String allow = String.join(", ", methods(head));
        throw METHOD_NOT_ALLOWED.because(head.method(), allow).header("Allow", allow);
    }

    private static List<String> decoded(Head head) {
        return head.segments().stream().map(PercentCoding::decode).toList();
    }

    /** HEAD before the GET that answers it else, and all before what takes any. */
    private static int rank(String method) {
        return switch (method) {
            case "HEAD" -> 0;
            case "*" -> 2;
            default -> 1;
        };
    }

    private static boolean fits(String declared, String asked) {
        return declared.equals("*")
                || declared.equals(asked)
                || (declared.equals("GET") && asked.equals("HEAD"));
    }

    /** Sorts literal before name before tail, segment by segment; equal for equal shapes. */
    private static String order(PathTemplate path) {
        StringBuilder order = new StringBuilder();
        for (String segment : path.segments()) {
            if (segment.endsWith("...}")) {
                order.append("\u0003");
            } else if (PathTemplate.isName(segment)) {
                order.append("\u0002/");
            } else {
                order.append("\u0001").append(segment).append('/');
            }
        }
        return order.toString();
    }
}
