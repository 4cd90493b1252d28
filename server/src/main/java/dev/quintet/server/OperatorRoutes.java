package dev.quintet.server;

import static dev.quintet.platform.http.Route.get;
import static dev.quintet.platform.http.Route.post;

import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.telemetry.Health;
import dev.quintet.platform.telemetry.Metrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** What whoever runs the server looks at: health, metrics, the overview, and the console's way in. */
final class OperatorRoutes {

    /** One figure of a system, asked anew each time. */
    record Figure(String name, LongSupplier value) {}

    /** What a system shows of itself on the overview. */
    record Overseen(Systems system, List<Figure> figures) {}

    private final Health health;
    private final Metrics metrics;
    private final Database db;
    private final ConsoleLinks links;
    private final List<Overseen> systems;

    OperatorRoutes(Health health, Metrics metrics, Database db, ConsoleLinks links, List<Overseen> systems) {
        this.health = health;
        this.metrics = metrics;
        this.db = db;
        this.links = links;
        this.systems = List.copyOf(systems);
    }

    Routes routes() {
        return Routes.of(
                "platform",
                get("/health/live")
                        .open("orchestrators ask without a credential, and it tells nothing else")
                        .says("200 while the process runs.")
                        .gives(200, Live.class)
                        .by(request -> Response.json(new Live("up"))),
                get("/health/ready")
                        .open("load balancers ask without a credential, and it names checks only")
                        .says("200 when requests are welcome, 503 while starting, draining or broken.")
                        .gives(200, Ready.class)
                        .by(this::ready),
                get("/metrics")
                        .open("Prometheus scrapes without a credential; the numbers name no person")
                        .says("Prometheus metrics.")
                        .gives(200)
                        .by(request -> Response.bytes(Metrics.CONTENT_TYPE, metrics.scrape().getBytes(java.nio.charset.StandardCharsets.UTF_8))),
                get("/api/v1/overview")
                        .scope(Scope.ADMIN)
                        .says("The systems of this server with their figures.")
                        .gives(200, Overview.class)
                        .by(request -> Response.json(overview())),
                get("/demo/meter")
                        .scope(Scope.INBOX_READ)
                        .says("The figures that the demo shows to whoever signed in.")
                        .gives(200, Map.class)
                        .by(request -> Response.json(meter())),
                post("/console/session")
                        .open("the signed one-time link in the body is the credential")
                        .says("Trades a console link for a session of eight hours.")
                        .takes(Link.class)
                        .gives(200, Session.class)
                        .refuses(ServerRefusal.LINK_NOT_VALID)
                        .by(this::open));
    }

    record Live(String status) {}

    record Ready(boolean ready, Map<String, String> checks) {}

    record Shown(String name, long value) {}

    record ShownSystem(String name, List<Shown> figures) {}

    record Overview(List<ShownSystem> systems) {}

    record Link(String link) {}

    record Session(String access_token, String token_type, long expires_in) {}

    private Response ready(Request request) {
        Health.Report report = health.ready();
        return Response.json(report.ready() ? 200 : 503, new Ready(report.ready(), report.checks()));
    }

    private Overview overview() {
        Function<Figure, Shown> ask = figure -> new Shown(figure.name(), figure.value().getAsLong());
        return new Overview(systems.stream().map(seen -> new ShownSystem(seen.system().wire(), seen.figures().stream().map(ask).toList())).toList());
    }

    private Map<String, Long> meter() {
        Map<String, Long> meter = new LinkedHashMap<>();
        systems.stream()
                .filter(seen -> seen.system() == Systems.ANALYTICS)
                .flatMap(seen -> seen.figures().stream())
                .forEach(figure -> meter.put(figure.name(), figure.value().getAsLong()));
        return meter;
    }

    private Response open(Request request) {
        ConsoleLinks.Session session = links.open(db, request.json(Link.class).link());
        return Response.json(new Session(session.accessToken(), "Bearer", session.life().toSeconds())).header("Cache-Control", "no-store");
    }
}
