package dev.quintet.platform.events;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Signal;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A reader of the outbox that runs on every node: it holds no lease and keeps no position, so that
 * a node soon hears what the others announce. It begins with what is announced after {@link
 * #start}; what happened while its node was down is asked for elsewhere. Its virtual thread owns
 * all fields but the signal.
 */
public final class Tail<E extends Event> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
    private static final int AT_ONCE = 500;
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Database db;
    private final Outbox outbox;
    private final Class<E> type;
    private final String name;
    private final Duration poll;
    private final Consumer<List<E>> listener;
    private final OutboxStore store = new OutboxStore();
    private final Signal signal = new Signal();
    private final Thread thread;
    private volatile boolean stopping;

    private Optional<Position> position = Optional.empty();

    /**
     * @param poll how often it looks without being told
     * @param listener must not block
     */
    public Tail(
            Database db, Outbox outbox, Class<E> type, Duration poll, Consumer<List<E>> listener) {
        this.db = db.background();
        this.outbox = outbox;
        this.type = type;
        this.name = WireName.of(type).name();
        this.poll = poll;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("tail/" + name).unstarted(this::run);
    }

    public Tail<E> start() {
        thread.start();
        return this;
    }

    /** Something was announced somewhere. */
    void wake() {
        signal.raise();
    }

    private void run() {
        while (!stopping) {
            boolean more = false;
            try {
                more = step();
            } catch (RuntimeException | OutOfMemoryError failure) {
                LOG.atLevel(PlatformRefusal.isDatabaseGone(failure) ? Level.DEBUG : Level.WARN)
                        .log("the tail of {} goes on after: {}", name, failure.toString());
            }
            if (!more) {
                signal.await(poll);
            }
        }
    }

    /** Hands over what is new; true when there may be more already. */
    private boolean step() {
        List<Announced> batch = db.read(this::next);
        if (!batch.isEmpty()) {
            listener.accept(batch.stream().map(one -> outbox.read(one.body(), type)).toList());
        }
        Position reached = position.orElseThrow();
        boolean more = batch.size() == AT_ONCE;
        position = Optional.of(more ? reached.readTo(batch.getLast().id()) : reached.readAll());
        return more;
    }

    private List<Announced> next(Tx tx) {
        Position at = position.orElse(null);
        if (at == null || at.atTick()) {
            Position.Tick now = new Position.Tick(0, store.snapshot(tx));
            at = at == null ? new Position(now.snapshot(), now.snapshot(), 0, 0) : at.towards(now);
        }
        position = Optional.of(at);
        return store.read(tx, at, name, AT_ONCE);
    }

    @Override
    public void close() {
        stopping = true;
        signal.raise();
        try {
            if (thread.isAlive() && !thread.join(CLOSING)) {
                LOG.warn("the tail of {} has not ended in {} s", name, CLOSING.toSeconds());
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while closing", nobodyInterrupts);
        }
    }
}
