package dev.quintet.platform.events;

import dev.quintet.platform.Ids;
import dev.quintet.platform.sql.Announcer;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The writing side: puts each event into the announcing transaction, and wakes this process's
 * readers once it is committed.
 */
public final class Outbox implements Announcer {

    private static final int LONGEST_KEY = 200;
    private static final int LONGEST_BODY = 64 * 1024;

    private final Ids ids;
    private final OutboxStore store = new OutboxStore();
    private final JsonMapper json =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    // A late value only puts a few rows into a table that is still read and emptied later.
    private volatile int current;

    public Outbox(Ids ids) {
        this.ids = ids;
    }

    /** After a restore, positions of another cluster would hide what is announced in this one. */
    @Override
    public void opened(Database db) {
        new RestoreStore(db.background()).announceAgain();
    }

    @Override
    public void announce(Tx tx, List<? extends Event> events) {
        store.insert(tx, current, events.stream().map(this::announced).toList());
        tx.afterCommit(() -> listeners.forEach(Runnable::run));
    }

    private Announced announced(Event event) {
        WireName wire = WireName.of(event.getClass());
        String body = json.writeValueAsString(event);
        if (event.key().length() > LONGEST_KEY || body.length() > LONGEST_BODY) {
            throw new IllegalStateException(
                    "%s is too large for an event: key %d, body %d characters"
                            .formatted(wire, event.key().length(), body.length()));
        }
        return new Announced(
                0,
                ids.next(),
                event.organisation(),
                wire.name(),
                wire.version(),
                event.key(),
                body);
    }

    <E extends Event> E read(String body, Class<E> type) {
        return json.readValue(body, type);
    }

    void onCommit(Runnable listener) {
        listeners.add(listener);
    }

    void turnTo(int table) {
        current = table;
    }
}
