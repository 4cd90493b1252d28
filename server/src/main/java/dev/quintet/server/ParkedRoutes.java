package dev.quintet.server;

import static dev.quintet.platform.http.HttpRefusal.INVALID_PARAMETER;
import static dev.quintet.platform.http.HttpRefusal.MISSING_SCOPE;
import static dev.quintet.platform.http.Route.get;
import static dev.quintet.platform.http.Route.post;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;
import static dev.quintet.server.ServerRefusal.EVENT_NOT_PARKED;
import static dev.quintet.server.ServerRefusal.NOT_PARKED;

import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.events.Events;
import dev.quintet.platform.events.Parked;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Database;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The operator's door to events that a subscriber could not take: what waits and why, another try
 * when the cause is mended, and going on without what can never be taken.
 */
final class ParkedRoutes {

    private static final int MOST_LISTED = 200;

    /**
     * @param event its id, as the log names it
     * @param error missing when it waits behind another one of its key
     * @param nextAttemptAt missing when it is not tried by itself any more, or waits behind another
     */
    record Shown(
            String subscriber,
            String key,
            String event,
            String type,
            int attempts,
            Optional<String> error,
            Instant parkedAt,
            Optional<Instant> nextAttemptAt) {}

    record Page(List<Shown> items, Optional<String> next) {}

    record Key(String subscriber, String key) {}

    /**
     * @param events of the key that are parked and come in their order
     */
    record Retried(int events) {}

    /**
     * @param event its id, as the list names it
     */
    record One(String subscriber, UUID event) {}

    /**
     * @param key of which the next event is taken now
     */
    record Skipped(String key) {}

    private final Database db;
    private final Events events;
    private final Audit audit;
    private final Idempotency idempotency;

    ParkedRoutes(Database db, Events events, Audit audit, Idempotency idempotency) {
        this.db = db;
        this.events = events;
        this.audit = audit;
        this.idempotency = idempotency;
    }

    Routes routes() {
        return Routes.of(
                "platform",
                get("/api/v1/parked-events")
                        .scope(Scope.ADMIN)
                        .query("after", "the 'next' of the page before")
                        .query("limit", "1 to 200, 100 if missing")
                        .says(
                                "Lists the events of all organisations that a subscriber could not take, oldest first; for the operator.")
                        .gives(200, Page.class)
                        .refuses(INVALID_PARAMETER, MISSING_SCOPE)
                        .by(this::list),
                post("/api/v1/parked-events/retry")
                        .scope(Scope.ADMIN)
                        .takes(Key.class)
                        .says(
                                "Tries a subscriber's parked key again, from its first event; for the operator.")
                        .gives(200, Retried.class)
                        .refuses(NOT_PARKED, MISSING_SCOPE, IDEMPOTENCY_KEY_REUSED)
                        .by(this::retry),
                post("/api/v1/parked-events/skip")
                        .scope(Scope.ADMIN)
                        .takes(One.class)
                        .says(
                                "Gives up one event for its subscriber, for ever, and goes on with the next of its key; for the operator, when the event can never be taken.")
                        .gives(200, Skipped.class)
                        .refuses(EVENT_NOT_PARKED, MISSING_SCOPE, IDEMPOTENCY_KEY_REUSED)
                        .by(this::skip));
    }

    private Response list(Request request) {
        request.requireOperator();
        int limit = request.query("limit", 1, MOST_LISTED, 100);
        long after = request.position("after");
        List<Parked> found = db.read(request.deadline(), tx -> events.parked(tx, after, limit));
        Optional<String> next =
                found.size() < limit
                        ? Optional.empty()
                        : Optional.of(Long.toString(found.getLast().position()));
        return Response.json(new Page(found.stream().map(ParkedRoutes::shown).toList(), next));
    }

    private static Shown shown(Parked parked) {
        return new Shown(
                parked.subscriber(),
                parked.key(),
                parked.eventId().toString(),
                parked.name(),
                parked.attempts(),
                parked.error(),
                parked.parkedAt(),
                parked.retryAt());
    }

    private Response retry(Request request) {
        request.requireOperator();
        Key wanted = request.json(Key.class);
        return idempotency.answer(
                request,
                200,
                tx -> {
                    int found = events.retry(tx, wanted.subscriber(), wanted.key());
                    if (found == 0) {
                        throw NOT_PARKED.because(wanted.key(), wanted.subscriber());
                    }
                    Map<String, Object> facts = Map.of("key", wanted.key(), "events", found);
                    audit.record(tx, act(request, "retry", wanted.subscriber()).with(facts));
                    return new Retried(found);
                });
    }

    private Response skip(Request request) {
        request.requireOperator();
        One wanted = request.json(One.class);
        return idempotency.answer(
                request,
                200,
                tx -> {
                    String key =
                            events.skip(tx, wanted.subscriber(), wanted.event())
                                    .orElseThrow(() ->
                                            EVENT_NOT_PARKED.because(
                                                    wanted.subscriber(), wanted.event()));
                    Map<String, Object> facts = Map.of("key", key, "event", wanted.event());
                    audit.record(tx, act(request, "skip", wanted.subscriber()).with(facts));
                    return new Skipped(key);
                });
    }

    private static Act act(Request request, String what, String subscriber) {
        return Act.done(
                request.caller(), request.head().client(), "parked-events." + what, subscriber);
    }
}
