package dev.quintet.notify;

import static dev.quintet.notify.NotifyRefusal.LANE_FULL;
import static dev.quintet.notify.NotifyRefusal.UNKNOWN_NOTIFICATION;
import static dev.quintet.notify.NotifyRefusal.UNKNOWN_RECIPIENT;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Front door of notify: accepts notifications durably and sees to it that each reaches its
 * recipients or says why not.
 */
public final class Notify implements AutoCloseable {

    public static final IdKind NOTIFICATION = new IdKind("ntf", "notification");
    public static final IdKind ENDPOINT = new IdKind("hook", "webhook endpoint");

    private final Database db;
    private final NotificationStore store = new NotificationStore();
    private final EndpointStore endpoints = new EndpointStore();
    private final ErasureStore erasure = new ErasureStore();
    private final People people;
    private final Ids ids;
    private final InstantSource time;
    private final NotifyConfig config;
    private final Inbox inbox;
    private final Map<Priority, Lane> lanes = new EnumMap<>(Priority.class);

    /** What notify stands on. */
    public record Ground(
            Database db,
            Bus bus,
            People people,
            Ids ids,
            InstantSource time,
            RandomGenerator random) {}

    /**
     * @param lease how long a claimed delivery stays with this node; longer than any attempt
     */
    public Notify(
            Ground ground,
            NotifyConfig config,
            List<Channel> channels,
            UUID node,
            Duration lease,
            Function<ChannelKind, Backoff> backoff) {
        this.db = ground.db();
        this.people = ground.people();
        this.ids = ground.ids();
        this.time = ground.time();
        this.config = config;
        this.inbox = new Inbox(db, ground.bus());
        Map<ChannelKind, Channel> byKind =
                channels.stream().collect(Collectors.toMap(Channel::kind, Function.identity()));
        Expansion expansion =
                new Expansion(
                        db, people, inbox, ids, backoff.apply(ChannelKind.INAPP), ground.random());
        db.run(tx -> new QueueStore().releaseOwn(tx, node));
        for (Priority priority : Priority.values()) {
            lanes.put(
                    priority,
                    new Lane(
                            db,
                            expansion,
                            priority,
                            byKind,
                            new Lane.Delivering(node, lease, backoff, config.maxWaiting()),
                            ground.random()));
        }
    }

    /**
     * Accepts a draft in the caller's transaction; what it returns is durable once that commits.
     */
    public UUID accept(Tx tx, UUID organisation, Draft draft) {
        if (lane(draft.priority()).full()) {
            throw LANE_FULL
                    .because(config.maxWaiting(), draft.priority().wire())
                    .retryAfter(Duration.ofSeconds(30));
        }
        checkRecipients(tx, organisation, draft.to());
        if (draft.author().isPresent()
                && people.known(tx, organisation, Set.of(draft.author().get())).isEmpty()) {
            // Erased since they wrote it: there is nothing left to tell.
            return ids.next();
        }
        Instant now = time.instant();
        UUID id = ids.next();
        if (!store.insert(tx, id, organisation, draft, now)) {
            return store.idByDedupeKey(tx, organisation, draft.dedupeKey().orElseThrow());
        }
        tx.afterCommit(() -> lane(draft.priority()).wake());
        return id;
    }

    /** Accepts a draft of another system. */
    public UUID accept(UUID organisation, Draft draft) {
        return db.tx(tx -> accept(tx, organisation, draft));
    }

    private void checkRecipients(Tx tx, UUID organisation, List<Recipient> to) {
        Set<UUID> persons = new HashSet<>();
        Set<UUID> hooks = new HashSet<>();
        for (Recipient recipient : to) {
            switch (recipient) {
                case Recipient.User(UUID person) -> persons.add(person);
                case Recipient.Webhook(UUID endpoint) -> hooks.add(endpoint);
                case Recipient.Email email -> {}
            }
        }
        Set<UUID> known = new HashSet<>(people.known(tx, organisation, persons));
        known.addAll(endpoints.known(tx, organisation, hooks));
        for (int at = 0; at < to.size(); at++) {
            switch (to.get(at)) {
                case Recipient.User(UUID person) when !known.contains(person) ->
                        throw UNKNOWN_RECIPIENT.because(at, "person", IdKind.PERSON.show(person));
                case Recipient.Webhook(UUID endpoint) when !known.contains(endpoint) ->
                        throw UNKNOWN_RECIPIENT.because(
                                at, "webhook endpoint", ENDPOINT.show(endpoint));
                case Recipient.User user -> {}
                case Recipient.Webhook webhook -> {}
                case Recipient.Email email -> {}
            }
        }
    }

    /** Where a notification stands. */
    public record View(
            UUID id,
            Priority priority,
            Optional<String> category,
            String title,
            Instant createdAt,
            Instant sendAt,
            String state,
            Counts counts) {}

    public record Counts(long total, long pending, long delivered, long failed, long skipped) {}

    /** One attempt as the timeline shows it. */
    public record Attempt(
            long position,
            UUID delivery,
            ChannelKind channel,
            String recipient,
            int attempt,
            Instant at,
            Optional<Instant> finishedAt,
            String outcome,
            Optional<String> detail) {}

    public View view(UUID organisation, UUID notification) {
        return db.read(tx -> store.view(tx, organisation, notification))
                .orElseThrow(() -> UNKNOWN_NOTIFICATION.because(NOTIFICATION.show(notification)));
    }

    /** The newest notifications before a place in that order. */
    public List<View> latest(UUID organisation, Instant beforeAt, UUID beforeId, int limit) {
        return db.read(tx -> store.viewPage(tx, organisation, beforeAt, beforeId, limit));
    }

    public List<Attempt> attempts(UUID organisation, UUID notification, long after, int limit) {
        view(organisation, notification);
        return db.read(tx -> store.attempts(tx, organisation, notification, after, limit));
    }

    /** Figures of an organisation for the overview. */
    public Map<String, Long> figures(UUID organisation) {
        return db.read(tx -> store.figures(tx, organisation));
    }

    public Inbox inbox() {
        return inbox;
    }

    /**
     * Takes a person's inbox, addresses and what was said to them alone out of every table; counts
     * stay.
     */
    public void erase(UUID person) {
        db.run(tx -> erasure.erase(tx, person));
    }

    private Lane lane(Priority priority) {
        return Objects.requireNonNull(lanes.get(priority));
    }

    /** Claims no more and waits for attempts under way. */
    @Override
    public void close() {
        lanes.values().parallelStream().forEach(Lane::close);
        inbox.close();
    }
}
