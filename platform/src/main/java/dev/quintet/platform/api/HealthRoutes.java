package dev.quintet.platform.api;

import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.telemetry.Health;
import dev.quintet.platform.telemetry.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code /health/live}, {@code /health/ready} and {@code /metrics}. */
public final class HealthRoutes {

    /**
     * @param status {@code up} or {@code down}
     */
    record Shown(String status, Map<String, String> checks) {}

    private final Health health;
    private final Metrics metrics;

    public HealthRoutes(Health health, Metrics metrics) {
        this.health = health;
        this.metrics = metrics;
    }

    public Routes routes() {
        return Routes.of(
                "platform",
                Route.get("/health/live")
                        .open("whoever supervises the process asks, and has no credential")
                        .gives(200, Shown.class)
                        .says("Answers while the process lives.")
                        .by(request -> Response.json(new Shown("up", Map.of()))),
                Route.get("/health/ready")
                        .open("load balancers ask, and have no credential")
                        .gives(200, Shown.class)
                        .says("200 while requests are wanted, else 503.")
                        .by(this::ready),
                Route.get("/metrics")
                        .open(
                                "Prometheus scrapes it; it holds figures only, keep it inside by the proxy")
                        .gives(200)
                        .says("All figures in Prometheus' text form.")
                        .by(this::scrape));
    }

    private Response ready(Request request) {
        Health.Report report = health.ready();
        return Response.json(
                        report.ready() ? 200 : 503,
                        new Shown(report.ready() ? "up" : "down", report.checks()))
                .header("Cache-Control", "no-store");
    }

    private Response scrape(Request request) {
        return Response.bytes(
                Metrics.CONTENT_TYPE, metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }
}
