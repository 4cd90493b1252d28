package dev.quintet.platform.events;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.Signal;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Lease;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading side of the outbox: who reacts to what. Register with {@link #on}, then {@link
 * #start}; each subscriber runs on one node at a time, on a virtual thread of its own.
 */
public final class Events implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final String TOPIC = "events";

    /** Every tick is read by every subscriber: one for each commit would cost more than these. */
    private static final Duration APART = Duration.ofMillis(20);

    /**
     * @param poll how often readers look without being told
     * @param tick how often a moment is stored to which they can read; sooner after a commit
     * @param rotate how long one table takes new events
     * @param keep how long a subscriber that no node runs holds back the rest
     * @param mostParked how many events of one subscriber may be parked; then it waits, and what
     *     follows stays in the outbox
     */
    public record Settings(
            Duration poll, Duration tick, Duration rotate, Duration keep, int mostParked) {

        public static final Settings DEFAULT =
                new Settings(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(5),
                        Duration.ofDays(7),
                        10_000);
    }

    // Between two looks of a tail that no hint wakes: one cheap read.
    private static final Duration TAIL = Duration.ofMillis(250);

    private static final Duration LOOK = Duration.ofSeconds(5);

    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Database db;
    private final Outbox outbox;
    private final Leases leases;
    private final Bus bus;
    private final Settings settings;
    private final Consumer<String> dropped;
    private final OutboxStore store = new OutboxStore();
    private final RotationStore upkeep = new RotationStore();
    private final SubscriberStore positions = new SubscriberStore();
    private final OutboxReadings readings;
    private final List<Subscriber<?>> subscribers = new ArrayList<>();
    private final List<Tail<?>> tails = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Signal committed = new Signal();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile boolean stopping;

    /**
     * @param dropped is told the name of each subscriber that was dropped because nobody ran it; it
     *     writes the audit entry
     */
    public Events(
            Database db,
            Outbox outbox,
            Leases leases,
            Bus bus,
            Settings settings,
            Consumer<String> dropped) {
        this.db = db.background();
        this.outbox = outbox;
        this.leases = leases;
        this.bus = bus;
        this.settings = settings;
        this.dropped = dropped;
        this.readings = new OutboxReadings(this.db, System::nanoTime);
    }

    /**
     * Lets {@code handler} see every event of one type that is announced from now on, at least once
     * and in the order of its key.
     *
     * @param subscriber keeps its position under this name; never renamed
     */
    public <E extends Record & Event> void on(
            String subscriber, Class<E> type, Handler.OfOne<E> handler) {
        subscribe(
                subscriber,
                type,
                1,
                told -> told.forEach(one -> handler.handle(one.id(), one.event())));
    }

    /** Like {@link #on} for a handler that is faster with many: it gets all that is there. */
    public <E extends Record & Event> void onMany(
            String subscriber, Class<E> type, Handler<E> handler) {
        subscribe(subscriber, type, Subscriber.AT_ONCE, handler);
    }

    /**
     * Lets {@code listener} see, on every node and soon, what any node announces from {@link
     * #start} on. For what only makes things faster: nothing is kept, repeated or parked.
     */
    public <E extends Record & Event> void tail(Class<E> type, Consumer<List<E>> listener) {
        tails.add(new Tail<>(db, outbox, type, TAIL, listener));
    }

    private <E extends Record & Event> void subscribe(
            String subscriber, Class<E> type, int atOnce, Handler<E> handler) {
        if (!threads.isEmpty()) {
            throw new IllegalStateException("subscribe before start: " + subscriber);
        }
        if (subscribers.stream().anyMatch(known -> known.name().equals(subscriber))) {
            throw new IllegalStateException("two subscribers are named " + subscriber);
        }
        Subscriber<E> made =
                new Subscriber<>(subscriber, type, atOnce, handler, db, outbox, leases, settings);
        made.register();
        subscribers.add(made);
    }

    public void start() {
        outbox.onCommit(committed::raise);
        bus.subscribe(TOPIC, hint -> wakeAll());
        threads.add(Thread.ofVirtual().name("events/ticks").start(this::tick));
        threads.add(Thread.ofVirtual().name("events/upkeep").start(this::keepUp));
        threads.add(Thread.ofVirtual().name("events/readings").start(this::look));
        for (Subscriber<?> subscriber : subscribers) {
            threads.add(Thread.ofVirtual().name("events/" + subscriber.name()).start(subscriber));
        }
        tails.forEach(Tail::start);
    }

    /**
     * What subscribers could not take, oldest first: for the operator's eyes.
     *
     * @param after the position of the last one seen; 0 for the beginning
     */
    public List<Parked> parked(Tx tx, long after, int limit) {
        return positions.list(tx, after, limit);
    }

    /** How many events wait because a subscriber could not take them or one before them. */
    public long parkedCount() {
        return db.read(positions::countParked).all();
    }

    /** For metrics: looked up every few seconds, also while nobody asks. */
    public OutboxReadings readings() {
        return readings;
    }

    /** Lets a parked key be tried again from its first event; how many of it are parked. */
    public int retry(Tx tx, String subscriber, String key) {
        return positions.retry(tx, subscriber, key);
    }

    /**
     * The way out for an event that can never be taken: the subscriber is never told it, and goes
     * on with the next of its key.
     *
     * @return its key; nothing when the subscriber has not failed at it, or has taken it meanwhile
     */
    public Optional<String> skip(Tx tx, String subscriber, UUID event) {
        return positions.skip(tx, subscriber, event);
    }

    /**
     * Lets running handlers end, gives leases back. A handler that takes too long is left behind:
     * it is told the same again after the next start.
     */
    @Override
    public void close() {
        stopping = true;
        subscribers.forEach(Subscriber::stop);
        tails.forEach(Tail::close);
        committed.raise();
        closing.countDown();
        Deadline deadline = Deadline.in(CLOSING);
        for (Thread thread : threads) {
            try {
                if (!thread.join(deadline.left())) {
                    LOG.warn("{} has not ended in {} s", thread.getName(), CLOSING.toSeconds());
                }
            } catch (InterruptedException nobodyInterrupts) {
                throw new IllegalStateException("interrupted while closing", nobodyInterrupts);
            }
        }
    }

    private void wakeAll() {
        subscribers.forEach(Subscriber::wake);
        tails.forEach(Tail::wake);
    }

    private void tick() {
        while (!stopping) {
            boolean told = committed.await(settings.tick());
            try {
                OutboxStore.State state = db.read(store::state);
                outbox.turnTo(state.current());
                if (!state.quiet()) {
                    db.run(store::tick);
                    wakeAll();
                    if (told) {
                        bus.publish(TOPIC, new byte[0]);
                    }
                    pause(APART);
                }
            } catch (RuntimeException failure) {
                LOG.warn("no tick this time: {}", failure.toString());
            }
        }
    }

    private void keepUp() {
        Rotation rotation = new Rotation(db, upkeep, settings.rotate());
        Duration pause = shorter(settings.rotate().dividedBy(5), Duration.ofMinutes(1));
        Optional<Lease> lease = Optional.empty();
        while (!stopping) {
            pause(pause);
            try {
                if (lease.filter(Lease::holds).isEmpty()) {
                    lease = leases.take("events.upkeep");
                }
                if (lease.isPresent() && !stopping) {
                    rotation.turn();
                    dropUnseen();
                }
            } catch (RuntimeException failure) {
                LOG.warn("no upkeep of the outbox this time: {}", failure.toString());
            }
        }
        lease.ifPresent(leases::release);
    }

    private void look() {
        while (!stopping) {
            try {
                readings.look();
            } catch (RuntimeException failure) {
                LOG.debug("no reading of the outbox this time", failure);
            }
            pause(LOOK);
        }
    }

    private void pause(Duration time) {
        try {
            closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted between ticks", nobodyInterrupts);
        }
    }

    private void dropUnseen() {
        db.run(upkeep::seeRunning);
        for (String name : db.tx(tx -> upkeep.dropUnseen(tx, settings.keep()))) {
            LOG.error(
                    "subscriber {} was dropped: no node has run it for {}; what it did not read is"
                            + " lost to it",
                    name,
                    settings.keep());
            dropped.accept(name);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
