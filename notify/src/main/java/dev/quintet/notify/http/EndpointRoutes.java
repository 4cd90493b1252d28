package dev.quintet.notify.http;

import static dev.quintet.notify.NotifyRefusal.BAD_ENDPOINT;
import static dev.quintet.notify.NotifyRefusal.TOO_MANY_ENDPOINTS;
import static dev.quintet.notify.NotifyRefusal.UNKNOWN_ENDPOINT;
import static dev.quintet.platform.PlatformRefusal.NOT_AN_ID;
import static dev.quintet.platform.PlatformRefusal.WRONG_ID_KIND;
import static dev.quintet.platform.egress.EgressRefusal.URL_NOT_FETCHABLE;
import static dev.quintet.platform.egress.EgressRefusal.URL_PORT_REFUSED;
import static dev.quintet.platform.http.Route.delete;
import static dev.quintet.platform.http.Route.get;
import static dev.quintet.platform.http.Route.patch;
import static dev.quintet.platform.http.Route.post;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.notify.Endpoints;
import dev.quintet.notify.Notify;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Routes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where an organisation takes webhooks: {@code /api/v1/webhook-endpoints}. */
public final class EndpointRoutes {

    private final Endpoints endpoints;
    private final Idempotency idempotency;

    public EndpointRoutes(Endpoints endpoints, Idempotency idempotency) {
        this.endpoints = endpoints;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "notify",
                post("/api/v1/webhook-endpoints")
                        .scope(Scope.NOTIFY_WRITE)
                        .says(
                                "Registers an address for Standard Webhooks; the secret is shown this once.")
                        .takes(Create.class)
                        .gives(201, Created.class)
                        .refuses(
                                BAD_ENDPOINT,
                                URL_NOT_FETCHABLE,
                                URL_PORT_REFUSED,
                                TOO_MANY_ENDPOINTS,
                                IDEMPOTENCY_KEY_REUSED)
                        .by(this::create),
                get("/api/v1/webhook-endpoints")
                        .scope(Scope.NOTIFY_READ)
                        .says("The organisation's endpoints, oldest first.")
                        .gives(200, All.class)
                        .by(this::list),
                patch("/api/v1/webhook-endpoints/{id}")
                        .scope(Scope.NOTIFY_WRITE)
                        .says(
                                "Changes what is given; 'enabled': true is the way back for one that was disabled.")
                        .takes(Change.class)
                        .gives(200, Endpoint.class)
                        .refuses(
                                UNKNOWN_ENDPOINT,
                                BAD_ENDPOINT,
                                URL_NOT_FETCHABLE,
                                URL_PORT_REFUSED,
                                NOT_AN_ID,
                                WRONG_ID_KIND)
                        .by(this::change),
                delete("/api/v1/webhook-endpoints/{id}")
                        .scope(Scope.NOTIFY_WRITE)
                        .says("Deletes an endpoint; what waits for it is skipped.")
                        .gives(204)
                        .refuses(UNKNOWN_ENDPOINT, NOT_AN_ID, WRONG_ID_KIND)
                        .by(this::remove));
    }

    record Create(String url, Optional<List<String>> eventTypes) {}

    /**
     * @param secret {@code whsec_} and base64, as Standard Webhooks libraries take it
     */
    record Created(String id, String secret) {}

    record Endpoint(
            String id,
            String url,
            List<String> eventTypes,
            Instant createdAt,
            boolean enabled,
            Optional<String> disabledBecause) {}

    /** What stays is left out. */
    record Change(
            Optional<Boolean> enabled, Optional<String> url, Optional<List<String>> eventTypes) {}

    record All(List<Endpoint> items, Optional<String> next) {}

    private Response create(Request request) {
        Create create = request.json(Create.class);
        return idempotency
                .answer(
                        request,
                        201,
                        tx ->
                                wire(
                                        endpoints.create(
                                                tx,
                                                request.caller(),
                                                request.head().client(),
                                                create.url(),
                                                create.eventTypes().orElse(List.of()))))
                .header("Cache-Control", "no-store");
    }

    private static Created wire(Endpoints.Created created) {
        return new Created(
                Notify.ENDPOINT.show(created.endpoint().id()), created.secret().reveal());
    }

    private Response list(Request request) {
        return Response.json(
                new All(
                        endpoints.list(request.caller().organisation()).stream()
                                .map(EndpointRoutes::wire)
                                .toList(),
                        Optional.empty()));
    }

    private Response change(Request request) {
        Change change = request.json(Change.class);
        return Response.json(
                wire(
                        endpoints.change(
                                request.caller(),
                                request.head().client(),
                                request.path("id", Notify.ENDPOINT),
                                new Endpoints.Change(
                                        change.enabled(), change.url(), change.eventTypes()))));
    }

    private Response remove(Request request) {
        endpoints.delete(
                request.caller(), request.head().client(), request.path("id", Notify.ENDPOINT));
        return Response.empty(204);
    }

    private static Endpoint wire(Endpoints.Endpoint endpoint) {
        return new Endpoint(
                Notify.ENDPOINT.show(endpoint.id()),
                endpoint.url().toString(),
                endpoint.eventTypes(),
                endpoint.createdAt(),
                endpoint.disabledBecause().isEmpty(),
                endpoint.disabledBecause());
    }
}
