package dev.quintet.notify;

import static dev.quintet.notify.NotifyRefusal.BAD_ENDPOINT;
import static dev.quintet.notify.NotifyRefusal.TOO_MANY_ENDPOINTS;
import static dev.quintet.notify.NotifyRefusal.UNKNOWN_ENDPOINT;

import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.config.Secret;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Place;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The webhook endpoints of organisations. A secret is shown once; it lies sealed, because each
 * message is signed with it.
 */
public final class Endpoints {

    private static final int SECRET_BYTES = 32;
    private static final String ALL = "*";

    /**
     * @param eventTypes the types it wants; empty, or one that is {@code *}, takes all
     */
    public record Endpoint(
            UUID id,
            UUID organisation,
            URI url,
            List<String> eventTypes,
            Instant createdAt,
            Optional<String> disabledBecause) {

        public Endpoint {
            eventTypes = List.copyOf(eventTypes);
        }

        public boolean takes(String type) {
            return eventTypes.isEmpty() || eventTypes.contains(ALL) || eventTypes.contains(type);
        }
    }

    /** What somebody wants otherwise; what is empty stays. */
    public record Change(
            Optional<Boolean> enabled, Optional<String> url, Optional<List<String>> eventTypes) {}

    /** A new endpoint with the only sight of its secret. */
    public record Created(Endpoint endpoint, Secret secret) {}

    /** What a channel needs to send to it. */
    public record Target(Endpoint endpoint, Secret secret) {}

    private final Database db;
    private final EndpointStore store = new EndpointStore();
    private final Keys keys;
    private final Ids ids;
    private final SecureRandom random;
    private final Egress egress;
    private final Audit audit;
    private final int limit;

    public Endpoints(
            Database db,
            Keys keys,
            Ids ids,
            SecureRandom random,
            Egress egress,
            Audit audit,
            NotifyConfig config) {
        this.db = db;
        this.keys = keys;
        this.ids = ids;
        this.random = random;
        this.egress = egress;
        this.audit = audit;
        this.limit = config.maxWebhookEndpoints();
    }

    /**
     * Registers an address that egress could fetch; whether it is public is looked at on every
     * attempt, since names move.
     */
    public Created create(Tx tx, Caller by, String address, String url, List<String> eventTypes) {
        UUID organisation = by.organisation();
        URI uri = check(url);
        if (store.count(tx, organisation) >= limit) {
            throw TOO_MANY_ENDPOINTS.because(limit);
        }
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        UUID id = ids.next();
        store.insert(tx, id, organisation, uri, eventTypes, keys.seal(secret, place(id)));
        Endpoint made = store.find(tx, organisation, id).orElseThrow();
        record(tx, by, address, "webhook_endpoint.create", made);
        return new Created(made, shown(secret));
    }

    /** Only the host: the rest of an address may hold what opens it. */
    private void record(Tx tx, Caller by, String address, String action, Endpoint endpoint) {
        audit.record(
                tx,
                Act.done(by, address, action, Notify.ENDPOINT.show(endpoint.id()))
                        .with(
                                Map.of(
                                        "host",
                                        String.valueOf(endpoint.url().getHost()),
                                        "enabled",
                                        endpoint.disabledBecause().isEmpty())));
    }

    /** Changes an endpoint, and is the way back for one that was disabled. */
    public Endpoint change(Caller by, String address, UUID id, Change change) {
        Optional<URI> url = change.url().map(this::check);
        return db.tx(tx -> {
            Endpoint before =
                    store.lock(tx, by.organisation(), id)
                            .orElseThrow(() -> UNKNOWN_ENDPOINT.because(Notify.ENDPOINT.show(id)));
            Endpoint after =
                    new Endpoint(
                            id,
                            before.organisation(),
                            url.orElse(before.url()),
                            change.eventTypes().orElse(before.eventTypes()),
                            before.createdAt(),
                            disabledBecause(before, change));
            store.update(tx, after);
            record(tx, by, address, "webhook_endpoint.change", after);
            return after;
        });
    }

    private static Optional<String> disabledBecause(Endpoint before, Change change) {
        if (change.enabled().isEmpty()) {
            return before.disabledBecause();
        }
        return change.enabled().get()
                ? Optional.empty()
                : before.disabledBecause().or(() -> Optional.of("it was disabled by hand"));
    }

    public List<Endpoint> list(UUID organisation) {
        return db.read(tx -> store.all(tx, organisation));
    }

    public void delete(Caller by, String address, UUID id) {
        db.run(tx -> {
            Endpoint gone =
                    store.lock(tx, by.organisation(), id)
                            .orElseThrow(() -> UNKNOWN_ENDPOINT.because(Notify.ENDPOINT.show(id)));
            store.delete(tx, by.organisation(), id);
            record(tx, by, address, "webhook_endpoint.delete", gone);
        });
    }

    /** The endpoint of a delivery, unless it was deleted meanwhile. */
    public Optional<Target> target(UUID organisation, UUID id) {
        return db.read(tx ->
                store.find(tx, organisation, id)
                        .flatMap(endpoint ->
                                store.sealedSecret(tx, id)
                                        .map(sealed ->
                                                new Target(
                                                        endpoint,
                                                        shown(keys.open(sealed, place(id)))))));
    }

    /** As Standard Webhooks libraries take it. */
    private static Secret shown(byte[] secret) {
        return new Secret("whsec_" + Base64.getEncoder().encodeToString(secret));
    }

    private static Place place(UUID id) {
        return new Place("notify.webhook_endpoints", "secret", id.toString());
    }

    private URI check(String url) {
        try {
            URI uri = URI.create(url);
            egress.requireFetchable(uri);
            return uri;
        } catch (IllegalArgumentException notAnAddress) {
            throw BAD_ENDPOINT.because();
        }
    }
}
