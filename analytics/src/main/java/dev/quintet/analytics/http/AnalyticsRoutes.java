package dev.quintet.analytics.http;

import dev.quintet.analytics.Analytics;
import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.analytics.Balance;
import dev.quintet.analytics.QueryAnswer;
import dev.quintet.analytics.lake.RejectedItems;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.log.LogRefusal;
import java.util.Optional;
import java.util.stream.Stream;

/** Our own API of analytics. */
public final class AnalyticsRoutes {

    private final Analytics analytics;
    private final Idempotency idempotency;

    public AnalyticsRoutes(Analytics analytics, Idempotency idempotency) {
        this.analytics = analytics;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "analytics",
                Stream.of(
                                new SourceRoutes(analytics.sources(), idempotency).routes(),
                                new ErasureRoutes(analytics.erasures(), idempotency).routes(),
                                questions())
                        .flatMap(routes -> routes)
                        .toArray(Route[]::new));
    }

    private Stream<Route> questions() {
        return Stream.of(
                Route.post("/api/v1/analytics/query")
                        .scope(Scope.ANALYTICS_READ)
                        .takes(Query.class)
                        .gives(200, QueryAnswer.class)
                        .refuses(
                                AnalyticsRefusal.QUERY_INVALID,
                                AnalyticsRefusal.QUERY_NOT_ALLOWED,
                                AnalyticsRefusal.QUERY_LIMIT_INVALID,
                                AnalyticsRefusal.QUERY_TOO_HEAVY,
                                AnalyticsRefusal.QUERY_RESULT_TOO_LARGE,
                                AnalyticsRefusal.QUERY_ENGINE_FAILED,
                                PlatformRefusal.BUSY)
                        .lane(Lane.QUERIES)
                        .says("Runs a SELECT over the organisation's events.")
                        .by(this::query),
                Route.get("/api/v1/analytics/ledger")
                        .scope(Scope.ANALYTICS_READ)
                        .gives(200, Balance.class)
                        .refuses(LogRefusal.EVENT_LOG_DAMAGED)
                        .says("Where every item of the organisation's events went.")
                        .by(this::ledger),
                Route.get("/api/v1/analytics/rejected")
                        .scope(Scope.ANALYTICS_READ)
                        .query("limit", "items on a page, 1 to 200")
                        .query("after", "next of an earlier page")
                        .gives(200, RejectedItems.Page.class)
                        .refuses(
                                AnalyticsRefusal.PAGE_UNKNOWN, AnalyticsRefusal.QUERY_ENGINE_FAILED)
                        .lane(Lane.QUERIES)
                        .says("The items that were not taken, with the reason.")
                        .by(this::rejected));
    }

    record Query(String sql, Optional<Integer> limit) {}

    private Response query(Request request) {
        Query query = request.json(Query.class);
        return Response.json(analytics.query(request.caller(), query.sql(), query.limit()));
    }

    private Response ledger(Request request) {
        return Response.json(analytics.ledger(request.caller()));
    }

    private Response rejected(Request request) {
        return Response.json(
                analytics.rejected(
                        request.caller(),
                        request.query("after"),
                        request.query("limit", 1, 200, 50)));
    }
}
