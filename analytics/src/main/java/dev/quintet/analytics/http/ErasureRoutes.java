package dev.quintet.analytics.http;

import static dev.quintet.analytics.AnalyticsRefusal.ERASURES_FULL;
import static dev.quintet.analytics.AnalyticsRefusal.ERASURE_SUBJECT_INVALID;
import static dev.quintet.analytics.AnalyticsRefusal.ERASURE_UNKNOWN;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.analytics.Erasure;
import dev.quintet.analytics.Erasures;
import dev.quintet.analytics.lake.Subject;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** Somebody is to be forgotten: {@code /api/v1/analytics/erasures}. */
final class ErasureRoutes {

    /** As long as the intake takes an id. */
    private static final int LONGEST = 1_000;

    private final Erasures erasures;
    private final Idempotency idempotency;

    ErasureRoutes(Erasures erasures, Idempotency idempotency) {
        this.erasures = erasures;
        this.idempotency = idempotency;
    }

    Stream<Route> routes() {
        return Stream.of(
                Route.post("/api/v1/analytics/erasures")
                        .scope(Scope.ANALYTICS_WRITE)
                        .takes(Wanted.class)
                        .gives(202, Shown.class)
                        .refuses(ERASURE_SUBJECT_INVALID, ERASURES_FULL, IDEMPOTENCY_KEY_REUSED)
                        .says(
                                "Erases a user with the anonymous events of the same devices, or a device, from all events taken so far; durable when it is answered.")
                        .by(this::request),
                Route.get("/api/v1/analytics/erasures/{id}")
                        .scope(Scope.ANALYTICS_READ)
                        .gives(200, Shown.class)
                        .refuses(ERASURE_UNKNOWN)
                        .says(
                                "Whether an erasure is done: no query finds its subject then, and within the hour no file holds it.")
                        .by(this::read));
    }

    /** One of the two. */
    record Wanted(Optional<String> userId, Optional<String> anonymousId) {}

    /**
     * @param state {@code waiting} or {@code done}
     */
    record Shown(String id, String state, Instant requestedAt, Optional<Instant> doneAt) {}

    private Response request(Request request) {
        Subject subject = subject(request.json(Wanted.class));
        return idempotency.answer(
                request,
                202,
                tx ->
                        shown(
                                erasures.request(
                                        tx, request.caller(), request.head().client(), subject)));
    }

    private static Subject subject(Wanted wanted) {
        boolean ofUser = wanted.userId().isPresent();
        String id = wanted.userId().or(wanted::anonymousId).orElse("");
        if (id.isEmpty() || id.length() > LONGEST || ofUser == wanted.anonymousId().isPresent()) {
            throw ERASURE_SUBJECT_INVALID.because(LONGEST);
        }
        return new Subject(ofUser ? Subject.Kind.USER : Subject.Kind.DEVICE, id);
    }

    private Response read(Request request) {
        return Response.json(
                shown(
                        erasures.read(
                                request.caller().organisation(),
                                request.path("id", Erasure.KIND))));
    }

    private static Shown shown(Erasure erasure) {
        return new Shown(
                Erasure.KIND.show(erasure.id()),
                erasure.doneAt().isPresent() ? "done" : "waiting",
                erasure.requestedAt(),
                erasure.doneAt());
    }
}
