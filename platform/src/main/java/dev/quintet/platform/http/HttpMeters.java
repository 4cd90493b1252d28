package dev.quintet.platform.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** What {@code /metrics} says of the bounds that all doors share. */
final class HttpMeters {

    private HttpMeters() {}

    static void register(MeterRegistry meters, Permits permits, Around.Backlogs backlogs) {
        for (Lane lane : Lane.values()) {
            Gauge.builder("http.permits.busy", permits, all -> all.busy(lane))
                    .tag("lane", lane.name().toLowerCase(Locale.ROOT))
                    .description("Requests at work in this lane; reading a body is no work")
                    .register(meters);
        }
        Gauge.builder("http.requests.open", backlogs.requests(), Backlog::held)
                .description("Requests that are not answered to their end, event streams aside")
                .register(meters);
        Gauge.builder("http.connections.open", backlogs.connections(), Backlog::held)
                .description("Connections to all doors, WebSockets aside")
                .register(meters);
        waiting(meters, "heads", backlogs.heads());
        waiting(meters, "bodies", backlogs.bodies());
        waiting(meters, "answers", backlogs.answers());
        waiting(meters, "sockets", backlogs.sockets());
        waiting(meters, "received", backlogs.received());
        cut(meters, "connections", backlogs.connections());
        cut(meters, "heads", backlogs.heads());
        cut(meters, "requests", backlogs.requests());
        cut(meters, "bodies", backlogs.bodies());
        cut(meters, "answers", backlogs.answers());
        cut(meters, "sockets", backlogs.sockets());
        cut(meters, "received", backlogs.received());
    }

    private static void waiting(MeterRegistry meters, String what, Backlog backlog) {
        Gauge.builder("http.waiting", backlog, Backlog::held)
                .baseUnit("bytes")
                .tag("what", what)
                .description("What waits for clients that send or read slowly")
                .register(meters);
    }

    private static void cut(MeterRegistry meters, String what, Backlog backlog) {
        FunctionCounter.builder("http.clients.cut", backlog, Backlog::cuts)
                .tag("what", what)
                .description("Slowest clients that were cut because too much waited for all")
                .register(meters);
    }
}
