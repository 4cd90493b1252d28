package dev.quintet.platform.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/** How long requests took, by route and status; each timer is looked up in the registry once. */
final class RequestTimers {

    // The histogram's borders: fixed, so that a route costs ten series and not seventy.
    private static final Duration[] BUCKETS =
            LongStream.of(1, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000)
                    .mapToObj(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private record Kind(String route, int status) {}

    private final MeterRegistry meters;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    RequestTimers(MeterRegistry meters) {
        this.meters = meters;
    }

    Timer of(String route, int status) {
        return timers.computeIfAbsent(
                new Kind(route, status),
                kind ->
                        Timer.builder("http.server.requests")
                                .tags("route", route, "status", Integer.toString(status))
                                .serviceLevelObjectives(BUCKETS)
                                .register(meters));
    }
}
