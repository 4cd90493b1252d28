package dev.quintet.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.notify.channels.Email;
import dev.quintet.notify.channels.Webhook;
import dev.quintet.notify.http.EndpointRoutes;
import dev.quintet.notify.http.InboxRoutes;
import dev.quintet.notify.http.NotifyRoutes;
import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.egress.EgressConfig;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Once;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** One node of notify on a real port, over a given database. */
final class NotifyStage implements AutoCloseable {

    static final Backoff QUICK =
            new Backoff(
                    List.of(
                            Duration.ofMillis(40),
                            Duration.ofMillis(80),
                            Duration.ofMillis(160),
                            Duration.ofMillis(320),
                            Duration.ofMillis(640)),
                    Duration.ofMinutes(1));

    final Notify notify;
    final Endpoints endpoints;
    final TestWeb web;
    private final Email email;
    private final Egress egress;

    NotifyStage(
            Database db,
            Bus bus,
            People people,
            Keys keys,
            String smtp,
            UUID node,
            Duration lease) {
        this(db, bus, people, keys, smtp, node, lease, Settings.defaults(NotifyConfig.class));
    }

    NotifyStage(
            Database db,
            Bus bus,
            People people,
            Keys keys,
            String smtp,
            UUID node,
            Duration lease,
            NotifyConfig config) {
        long seed = System.nanoTime();
        System.out.println("notify stage, seed " + seed);
        InstantSource time = InstantSource.system();
        Ids ids = new Ids(time, new SecureRandom());
        egress = new Egress(loopback());
        endpoints = new Endpoints(db, keys, ids, new SecureRandom(), egress, new Audit(), config);
        email = new Email(smtp, "Quintet <no-reply@quintet.test>");
        Webhook webhook = webhook(time);
        notify =
                new Notify(
                        new Notify.Ground(db, bus, people, ids, time, new Random(seed)),
                        config,
                        List.of(email, webhook),
                        node,
                        lease,
                        kind -> QUICK);
        Idempotency idempotency = new Idempotency(db, new Once(db, keys));
        Routes all = new NotifyRoutes(notify, idempotency).routes();
        web =
                TestWeb.of(
                        NotifyStage::authenticate,
                        all,
                        new InboxRoutes(notify.inbox(), idempotency).routes(),
                        new EndpointRoutes(endpoints, idempotency).routes());
    }

    /** The channel by another clock. */
    Webhook webhook(InstantSource time) {
        return new Webhook(endpoints, delivery -> egress, time);
    }

    static EgressConfig loopback() {
        return new Settings<>(EgressConfig.class, List.of())
                .load("allow: [127.0.0.0/8]", Map.of(), Map.of());
    }

    /** {@code admin-key-of-the-test}, or {@code person:<uuid>} for that person's own token. */
    private static Optional<Caller> authenticate(String bearer) {
        if (bearer.startsWith("person:")) {
            UUID person = UUID.fromString(bearer.substring("person:".length()));
            return Optional.of(
                    new Caller(bearer, Caller.ROOT, Optional.of(person), Set.of(Scope.INBOX_READ)));
        }
        if (bearer.equals("other-organisation")) {
            return Optional.of(
                    new Caller("key:other", new UUID(1, 1), Optional.empty(), Set.of(Scope.ADMIN)));
        }
        return TestWeb.allRights(bearer);
    }

    JsonNode view(String id) {
        try {
            return json(web.get("/api/v1/notifications/" + id), 200);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    JsonNode whenDone(String id) {
        Await.until(id + " is done", () -> view(id).get("state").asString().equals("done"));
        return view(id);
    }

    /** Channel, attempt and outcome of every attempt, in order. */
    List<String> outcomes(String id) throws IOException, InterruptedException {
        return json(web.get("/api/v1/notifications/" + id + "/deliveries"), 200)
                .get("items")
                .valueStream()
                .map(attempt ->
                        attempt.get("channel").asString()
                                + " "
                                + attempt.get("attempt").asInt()
                                + " "
                                + attempt.get("outcome").asString())
                .toList();
    }

    String send(Priority priority, Recipient... to) {
        return Notify.NOTIFICATION.show(notify.accept(Caller.ROOT, draft(priority, List.of(to))));
    }

    static Draft draft(Priority priority, List<Recipient> to) {
        return new Draft(
                to,
                priority,
                Optional.empty(),
                "Hello",
                "There",
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static JsonNode json(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Json.tree(response.body().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        web.close();
        notify.close();
        email.close();
        egress.close();
    }
}
