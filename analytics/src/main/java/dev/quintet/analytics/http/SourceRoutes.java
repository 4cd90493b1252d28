package dev.quintet.analytics.http;

import static dev.quintet.analytics.AnalyticsRefusal.OLD_KEY_EXPIRY_INVALID;
import static dev.quintet.analytics.AnalyticsRefusal.ORIGINS_TOO_MANY;
import static dev.quintet.analytics.AnalyticsRefusal.ORIGIN_INVALID;
import static dev.quintet.analytics.AnalyticsRefusal.SOURCES_FULL;
import static dev.quintet.analytics.AnalyticsRefusal.SOURCE_NAME_INVALID;
import static dev.quintet.analytics.AnalyticsRefusal.SOURCE_UNKNOWN;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.analytics.AllowedOrigins;
import dev.quintet.analytics.Source;
import dev.quintet.analytics.Sources;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who may send events: {@code /api/v1/analytics/sources}. */
final class SourceRoutes {

    private static final int MOST_LISTED = 200;

    private final Sources sources;
    private final Idempotency idempotency;

    SourceRoutes(Sources sources, Idempotency idempotency) {
        this.sources = sources;
        this.idempotency = idempotency;
    }

    Stream<Route> routes() {
        return Stream.of(
                Route.post("/api/v1/analytics/sources")
                        .scope(Scope.ANALYTICS_WRITE)
                        .takes(WantedSource.class)
                        .gives(201, NewSource.class)
                        .refuses(
                                SOURCE_NAME_INVALID,
                                ORIGIN_INVALID,
                                ORIGINS_TOO_MANY,
                                SOURCES_FULL,
                                IDEMPOTENCY_KEY_REUSED)
                        .says("Makes a source; its write key is shown this once.")
                        .by(this::create),
                Route.get("/api/v1/analytics/sources")
                        .scope(Scope.ANALYTICS_READ)
                        .query("limit", "sources on a page, 1 to 200")
                        .query("after", "next of an earlier page")
                        .gives(200, SourceList.class)
                        .says("The organisation's sources, oldest first, without their keys.")
                        .by(this::list),
                Route.get("/api/v1/analytics/sources/{id}")
                        .scope(Scope.ANALYTICS_READ)
                        .gives(200, ShownSource.class)
                        .refuses(SOURCE_UNKNOWN)
                        .says("One source, without its key.")
                        .by(this::read),
                Route.patch("/api/v1/analytics/sources/{id}")
                        .scope(Scope.ANALYTICS_WRITE)
                        .takes(Change.class)
                        .gives(200, ShownSource.class)
                        .refuses(
                                SOURCE_UNKNOWN,
                                SOURCE_NAME_INVALID,
                                ORIGIN_INVALID,
                                ORIGINS_TOO_MANY,
                                IDEMPOTENCY_KEY_REUSED)
                        .says("Changes what is given; every node knows it within a second.")
                        .by(this::change),
                Route.post("/api/v1/analytics/sources/{id}/rotate")
                        .scope(Scope.ANALYTICS_WRITE)
                        .takes(Rotation.class)
                        .gives(200, NewKey.class)
                        .refuses(SOURCE_UNKNOWN, OLD_KEY_EXPIRY_INVALID, IDEMPOTENCY_KEY_REUSED)
                        .says(
                                "Gives a source a new write key, shown this once; the old one goes on for a day or as long as is asked for.")
                        .by(this::rotate),
                Route.delete("/api/v1/analytics/sources/{id}")
                        .scope(Scope.ANALYTICS_WRITE)
                        .gives(200, DeletedSource.class)
                        .refuses(SOURCE_UNKNOWN)
                        .says(
                                "Deletes a source: every node refuses its keys within a second, its events stay.")
                        .by(this::delete));
    }

    /**
     * @param allowedOrigins whose pages may send; left out, all
     */
    record WantedSource(String name, Optional<List<String>> allowedOrigins) {}

    /** The only answer that holds this key. */
    record NewSource(String id, String writeKey) {}

    record ShownSource(
            String id,
            String name,
            List<String> allowedOrigins,
            Instant createdAt,
            Optional<Instant> oldKeyUntil) {}

    record SourceList(List<ShownSource> items, Optional<String> next) {}

    /** What stays is left out. */
    record Change(Optional<String> name, Optional<List<String>> allowedOrigins) {}

    /**
     * @param oldKeyExpiresIn seconds; 0 refuses the old key at once
     */
    record Rotation(Optional<Long> oldKeyExpiresIn) {}

    /** The only answer that holds this key. */
    record NewKey(String id, String writeKey, Optional<Instant> oldKeyUntil) {}

    /**
     * @param events what became of them: {@code kept}
     */
    record DeletedSource(String id, String events) {}

    private Response create(Request request) {
        WantedSource wanted = request.json(WantedSource.class);
        AllowedOrigins origins =
                wanted.allowedOrigins().map(AllowedOrigins::new).orElse(AllowedOrigins.ALL_PAGES);
        return idempotency
                .answer(
                        request,
                        201,
                        tx -> {
                            Sources.Created made =
                                    sources.create(
                                            tx,
                                            request.caller(),
                                            request.head().client(),
                                            wanted.name(),
                                            origins);
                            return new NewSource(
                                    Source.KIND.show(made.source().id()), made.writeKey().reveal());
                        })
                .header("Cache-Control", "no-store");
    }

    private Response list(Request request) {
        int limit = request.query("limit", 1, MOST_LISTED, 50);
        List<Sources.Shown> found =
                sources.list(
                        request.caller().organisation(),
                        request.query("after").map(Source.KIND::parse),
                        limit);
        Optional<String> next =
                found.size() < limit
                        ? Optional.empty()
                        : Optional.of(Source.KIND.show(found.getLast().source().id()));
        return Response.json(new SourceList(found.stream().map(SourceRoutes::wire).toList(), next));
    }

    private Response read(Request request) {
        return Response.json(
                wire(
                        sources.read(
                                request.caller().organisation(), request.path("id", Source.KIND))));
    }

    private Response change(Request request) {
        Change change = request.json(Change.class);
        Sources.Change wanted =
                new Sources.Change(change.name(), change.allowedOrigins().map(AllowedOrigins::new));
        return idempotency.answer(
                request,
                200,
                tx ->
                        wire(
                                sources.change(
                                        tx,
                                        request.caller(),
                                        request.head().client(),
                                        request.path("id", Source.KIND),
                                        wanted)));
    }

    private Response rotate(Request request) {
        Duration oldKeyFor =
                request.json(Rotation.class)
                        .oldKeyExpiresIn()
                        .map(Duration::ofSeconds)
                        .orElse(Sources.USUAL_GRACE);
        return idempotency
                .answer(
                        request,
                        200,
                        tx -> {
                            Sources.Rotated rotated =
                                    sources.rotate(
                                            tx,
                                            request.caller(),
                                            request.head().client(),
                                            request.path("id", Source.KIND),
                                            oldKeyFor);
                            return new NewKey(
                                    Source.KIND.show(rotated.source().id()),
                                    rotated.writeKey().reveal(),
                                    rotated.oldKeyUntil());
                        })
                .header("Cache-Control", "no-store");
    }

    private Response delete(Request request) {
        var id = request.path("id", Source.KIND);
        sources.delete(request.caller(), request.head().client(), id);
        return Response.json(new DeletedSource(Source.KIND.show(id), "kept"));
    }

    private static ShownSource wire(Sources.Shown shown) {
        return new ShownSource(
                Source.KIND.show(shown.source().id()),
                shown.source().name(),
                shown.source().allowedOrigins().origins(),
                shown.createdAt(),
                shown.oldKeyUntil());
    }
}
