package dev.quintet.platform.http;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.caller.CallerRefusal;
import dev.quintet.platform.sql.SqlRefusal;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which outcomes were produced: one line of route, status and refusal each, tabs between. Told all
 * routes, it names those that were not.
 */
public final class Coverage implements Observer {

    /**
     * What the edge may say no with around any handler, so that no route declares it; one test of
     * it anywhere is enough.
     */
    public static final Set<Refusal> EDGE =
            Stream.<Refusal>concat(
                            Stream.of(HttpRefusal.values()),
                            Stream.concat(
                                    Stream.of(PlatformRefusal.values()),
                                    Stream.of(
                                            SqlRefusal.IDEMPOTENCY_KEY_REUSED,
                                            CallerRefusal.TOO_MANY_REQUESTS,
                                            CallerRefusal.ISSUER_UNREACHABLE)))
                    .collect(Collectors.toUnmodifiableSet());

    private static final String NONE = "-";

    private final SortedSet<String> outcomes = new ConcurrentSkipListSet<>();

    @Override
    public void saw(Seen seen) {
        outcomes.add(
                line(
                        seen.route().map(Route::name).orElse(NONE),
                        seen.status(),
                        seen.refusal().orElse(NONE)));
    }

    /** Adds what {@link #outcomes} of another run of tests gave. */
    public void add(List<String> lines) {
        outcomes.addAll(lines);
    }

    /** Every outcome so far, sorted. */
    public SortedSet<String> outcomes() {
        return outcomes;
    }

    /**
     * What was declared and not produced: each refusal of each route, each route's good answer, and
     * each refusal of the edge.
     */
    public SortedSet<String> missing(List<Route> declared) {
        SortedSet<String> missing = new TreeSet<>();
        for (Route route : declared) {
            if (!outcomes.contains(line(route.name(), route.status(), NONE))) {
                missing.add(route.name() + " was never answered with " + route.status());
            }
            for (Refusal refusal : route.refusals()) {
                if (!refused(route.name() + "\t", refusal)) {
                    missing.add(route.name() + " never refused with " + refusal.name());
                }
            }
        }
        for (Refusal refusal : EDGE) {
            if (!refused("", refusal)) {
                missing.add("no route ever refused with " + refusal.name());
            }
        }
        return missing;
    }

    // Whatever the status: a protocol's door may tell the same refusal by another one.
    private boolean refused(String route, Refusal refusal) {
        return outcomes.stream()
                .anyMatch(line -> line.startsWith(route) && line.endsWith("\t" + refusal.name()));
    }

    private static String line(String route, int status, String refusal) {
        return route + "\t" + status + "\t" + refusal;
    }
}
