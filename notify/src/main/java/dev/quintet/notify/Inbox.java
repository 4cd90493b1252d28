package dev.quintet.notify;

import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/**
 * What people find when they look: entries numbered per person from 1, in the order in which they
 * appeared. A listener is woken by a hint from any node and reads from its own position, so that a
 * lost hint delays and never loses.
 */
public final class Inbox implements AutoCloseable {

    private static final String TOPIC = "notify.inbox";

    /** One entry; {@code position} is where a reader continues. */
    public record Entry(
            UUID id,
            long position,
            UUID notification,
            Optional<String> category,
            String title,
            String body,
            Instant at,
            Optional<Instant> readAt) {}

    private final Database db;
    private final InboxStore store = new InboxStore();
    private final Bus bus;
    private final Map<UUID, Set<Semaphore>> listeners = new ConcurrentHashMap<>();

    Inbox(Database db, Bus bus) {
        this.db = db;
        this.bus = bus;
        bus.subscribe(TOPIC, this::hear);
    }

    /**
     * Adds entries in the transaction that expands their notifications. People are locked in one
     * order by all.
     */
    void add(Tx tx, List<InboxStore.NewEntry> entries) {
        List<InboxStore.NewEntry> ordered =
                entries.stream().sorted(Comparator.comparing(InboxStore.NewEntry::person)).toList();
        store.insertEntries(tx, ordered);
        Set<UUID> touched =
                entries.stream().map(InboxStore.NewEntry::person).collect(Collectors.toSet());
        tx.afterCommit(() -> touched.forEach(this::tell));
    }

    /** The newest entries before {@code before} (0 = from the end), newest first. */
    public List<Entry> before(UUID organisation, UUID person, long before, int limit) {
        return db.read(tx ->
                store.inboxBefore(
                        tx, organisation, person, before == 0 ? Long.MAX_VALUE : before, limit));
    }

    /** The entries after {@code after}, oldest first. */
    public List<Entry> after(UUID organisation, UUID person, long after, int limit) {
        return db.read(tx -> store.inboxAfter(tx, organisation, person, after, limit));
    }

    public long unread(UUID organisation, UUID person) {
        return db.read(tx -> store.unread(tx, organisation, person));
    }

    /** Marks all up to a position as read; returns what is still unread. */
    public long read(Tx tx, UUID organisation, UUID person, long upTo) {
        store.markRead(tx, organisation, person, upTo);
        return store.unread(tx, organisation, person);
    }

    /**
     * A permit comes whenever there may be something new for the person; give it back by {@link
     * #leave}.
     */
    public Semaphore listen(UUID person) {
        Semaphore signal = new Semaphore(0);
        // In one step: a set that is left empty goes.
        listeners.compute(
                person,
                (key, some) -> {
                    Set<Semaphore> signals = some == null ? ConcurrentHashMap.newKeySet() : some;
                    signals.add(signal);
                    return signals;
                });
        return signal;
    }

    public void leave(UUID person, Semaphore signal) {
        listeners.computeIfPresent(
                person,
                (key, signals) -> {
                    signals.remove(signal);
                    return signals.isEmpty() ? null : signals;
                });
    }

    private void tell(UUID person) {
        wake(person);
        bus.publish(
                TOPIC,
                ByteBuffer.allocate(16)
                        .putLong(person.getMostSignificantBits())
                        .putLong(person.getLeastSignificantBits())
                        .array());
    }

    private void hear(byte[] hint) {
        ByteBuffer bytes = ByteBuffer.wrap(hint);
        wake(new UUID(bytes.getLong(), bytes.getLong()));
    }

    private void wake(UUID person) {
        listeners.getOrDefault(person, Set.of()).forEach(Semaphore::release);
    }

    @Override
    public void close() {
        listeners.values().forEach(signals -> signals.forEach(Semaphore::release));
    }
}
