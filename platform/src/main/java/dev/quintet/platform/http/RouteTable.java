package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.METHOD_NOT_ALLOWED;
import static dev.quintet.platform.http.HttpRefusal.NO_SUCH_ROUTE;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the route of a request. Where several paths fit, literal segments go before names and names
 * before tails, so the order of declaration never matters.
 */
final class RouteTable {

    /** A route with its group and the values of its path. */
    record Match(Route route, Routes group, Map<String, String> values) {}

    private record Entry(Route route, Routes group) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<PathTemplate> secretPaths;

    RouteTable(List<Routes> groups) {
        for (Routes group : groups) {
            group.routes().forEach(route -> entries.add(new Entry(route, group)));
        }
        entries.sort(
                Comparator.comparing((Entry entry) -> order(entry.route.path()))
                        .thenComparingInt(entry -> rank(entry.route.method()))
                        .thenComparing(entry -> entry.route.method()));
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
        for (Entry entry : entries) {
            if (entry.route.path().match(head.segments()).isPresent()) {
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
        List<String> segments = head.segments();
        for (Entry entry : entries) {
            Optional<Map<String, String>> values = entry.route.path().match(segments);
            if (values.isPresent() && fits(entry.route.method(), head.method())) {
                return new Match(entry.route, entry.group, values.get());
            }
        }
        String allow = String.join(", ", methods(head));
        throw METHOD_NOT_ALLOWED.because(head.method(), allow).header("Allow", allow);
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
