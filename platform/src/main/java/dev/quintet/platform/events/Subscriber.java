package dev.quintet.platform.events;

import dev.quintet.platform.Refused;
import dev.quintet.platform.Signal;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Lease;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of the outbox: holds its lease, reads from tick to tick, hands each event to its
 * handler and saves how far it came. Its virtual thread owns all fields but the signal.
 */
final class Subscriber<E extends Event> implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);
    static final int AT_ONCE = 500;
    private static final int ATTEMPTS = 12;
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final Duration SAVE_EVERY = Duration.ofSeconds(1);
    private static final int LONGEST_ERROR = 500;

    // What passes by itself, e.g. a full disk, is tried for as long as it lasts.
    private static final Duration PASSING_WAIT = Duration.ofSeconds(5);
    private static final Set<Integer> PASSING = Set.of(429, 503, 504, 507);

    private final String name;
    private final Class<E> type;
    private final WireName wire;
    private final int atOnce;
    private final Handler<E> handler;
    private final Database db;
    private final Outbox outbox;
    private final Leases leases;
    private final Duration poll;
    private final int mostParked;
    private final OutboxStore events = new OutboxStore();
    private final SubscriberStore store = new SubscriberStore();
    private final Signal signal = new Signal();
    private volatile boolean stopping;

    private Optional<Lease> lease = Optional.empty();
    private Optional<Position> position = Optional.empty();
    private boolean saveWaits;
    private long savedAt = System.nanoTime();
    private long lookedAt = System.nanoTime();
    private boolean lookAgain;
    // Counted when it takes over; only the holder of the lease parks and takes back.
    private long parkedCount;
    private boolean waitsForRoom;

    Subscriber(
            String name,
            Class<E> type,
            int atOnce,
            Handler<E> handler,
            Database db,
            Outbox outbox,
            Leases leases,
            Events.Settings settings) {
        this.name = name;
        this.type = type;
        this.wire = WireName.of(type);
        this.atOnce = atOnce;
        this.handler = handler;
        this.db = db;
        this.outbox = outbox;
        this.leases = leases;
        this.poll = settings.poll();
        this.mostParked = settings.mostParked();
    }

    String name() {
        return name;
    }

    void register() {
        db.run(tx -> store.register(tx, name, wire.name()));
    }

    void wake() {
        signal.raise();
    }

    void stop() {
        stopping = true;
        signal.raise();
    }

    @Override
    public void run() {
        while (!stopping) {
            try {
                if (!step() && !stopping) {
                    signal.await(poll);
                }
            } catch (RuntimeException | Error failure) {
                LOG.warn("subscriber {} goes on after: {}", name, failure.toString());
                giveUpLease();
                signal.await(poll);
            }
        }
        giveUpLease();
    }

    /** Does the next piece of work; false when there is none for now. */
    private boolean step() {
        if (lease.filter(Lease::holds).isEmpty() && !takeOver()) {
            return false;
        }
        boolean retried = (lookAgain || past(lookedAt, poll)) && retryParked();
        if (waitsForRoom()) {
            return retried;
        }
        Position at = position.orElseThrow();
        Optional<Stretch> next = db.read(tx -> next(tx, at));
        next.ifPresent(this::readOn);
        if (saveWaits && past(savedAt, SAVE_EVERY)) {
            save(new LinkedHashMap<>());
        }
        return retried || next.isPresent();
    }

    /**
     * With as much parked as may be it stands still; it goes on when a tenth is free, so that it
     * does not change its mind with each event.
     */
    private boolean waitsForRoom() {
        if (!waitsForRoom && parkedCount >= mostParked) {
            waitsForRoom = true;
            LOG.error(
                    "subscriber {} waits: {} of its events are parked and more may not be; what"
                            + " follows stays in the outbox until they can be taken or are skipped (the console's"
                            + " overview and GET /api/v1/parked-events show them)",
                    name,
                    parkedCount);
        } else if (waitsForRoom && parkedCount <= mostParked - Math.max(1, mostParked / 10)) {
            waitsForRoom = false;
            LOG.info("subscriber {} goes on: {} of its events are still parked", name, parkedCount);
        }
        return waitsForRoom;
    }

    private static boolean past(long since, Duration wait) {
        return System.nanoTime() - since >= wait.toNanos();
    }

    /** What is read next, and the keys in it of which something is parked. */
    private record Stretch(Position at, List<Announced> events, Set<String> parkedKeys) {}

    private Optional<Stretch> next(Tx tx, Position at) {
        Optional<Position> towards =
                at.atTick() ? events.nextTick(tx, at.tick()).map(at::towards) : Optional.of(at);
        return towards.map(to -> {
            List<Announced> batch = events.read(tx, to, wire.name(), AT_ONCE);
            List<String> keys = batch.stream().map(Announced::key).distinct().toList();
            return new Stretch(
                    to,
                    batch,
                    keys.isEmpty() ? Set.of() : new HashSet<>(store.parkedKeys(tx, name, keys)));
        });
    }

    private boolean takeOver() {
        position = Optional.empty();
        lease = leases.take("events/" + name);
        if (lease.isEmpty()) {
            return false;
        }
        long epoch = lease.get().epoch();
        position =
                db.tx(tx -> {
                    Optional<Position> from = store.takeOver(tx, name, epoch);
                    // After it: the holder before this one parks nothing any more.
                    parkedCount = store.countParked(tx, name);
                    return from;
                });
        if (position.isEmpty()) {
            // Dropped while no node ran it: it begins anew.
            register();
            giveUpLease();
        }
        return position.isPresent();
    }

    private void giveUpLease() {
        position = Optional.empty();
        try {
            lease.ifPresent(leases::release);
        } catch (RuntimeException failure) {
            LOG.warn("the lease of {} ends by itself: {}", name, failure.toString());
        }
        lease = Optional.empty();
    }

    private void readOn(Stretch stretch) {
        List<Announced> batch = stretch.events();
        Position at = stretch.at();
        Map<Announced, Failure> toPark = new LinkedHashMap<>();
        position = Optional.of(at);
        for (int from = 0; from < batch.size(); from += atOnce) {
            if (stopping || !lease.orElseThrow().holds()) {
                break;
            }
            List<Announced> some = batch.subList(from, Math.min(from + atOnce, batch.size()));
            int done = deliver(some, stretch.parkedKeys(), toPark);
            position = Optional.of(at.readTo(some.get(done - 1).id()));
            if (past(savedAt, SAVE_EVERY)) {
                save(toPark);
            }
            if (room(toPark) <= 0) {
                break;
            }
        }
        boolean all = batch.isEmpty() || position.orElseThrow().lastId() == batch.getLast().id();
        if (all && batch.size() < AT_ONCE) {
            position = Optional.of(at.readAll());
        }
        // How far it came without an event is worth no write of its own.
        saveWaits = true;
        if (!batch.isEmpty()) {
            save(toPark);
        }
    }

    /** How many more may be parked. */
    private long room(Map<Announced, Failure> toPark) {
        return mostParked - parkedCount - toPark.size();
    }

    /** How many were taken or parked, at least one; fewer than all when no more may be parked. */
    private int deliver(
            List<Announced> events, Set<String> parkedKeys, Map<Announced, Failure> toPark) {
        List<Announced> fit = new ArrayList<>();
        List<Announced> behind = new ArrayList<>();
        for (Announced event : events) {
            if (behind.size() == room(toPark)) {
                break;
            }
            (parkedKeys.contains(event.key()) ? behind : fit).add(event);
        }
        if (fit.size() > 1 && handle(fit).isEmpty()) {
            behind.forEach(event -> toPark.put(event, Failure.OF_ANOTHER));
            return fit.size() + behind.size();
        }
        int done = 0;
        while (done < events.size() && room(toPark) > 0) {
            deliver(events.get(done++), parkedKeys, toPark);
        }
        return done;
    }

    private void deliver(Announced event, Set<String> parkedKeys, Map<Announced, Failure> toPark) {
        if (parkedKeys.contains(event.key())) {
            toPark.put(event, Failure.OF_ANOTHER);
            return;
        }
        handle(List.of(event)).ifPresent(failure -> park(event, failure, parkedKeys, toPark));
    }

    private void park(
            Announced event,
            Failure failure,
            Set<String> parkedKeys,
            Map<Announced, Failure> toPark) {
        LOG.warn(
                "subscriber {} parked key {} at event {}: {}",
                name,
                event.key(),
                event.eventId(),
                failure.error());
        parkedKeys.add(event.key());
        toPark.put(event, failure);
    }

    /**
     * Why an event was not taken.
     *
     * @param error empty when it was not tried, because another of its key waits
     * @param passes whether the event is not to blame, so that it is no attempt
     */
    private record Failure(String error, boolean passes) {

        static final Failure OF_ANOTHER = new Failure("", true);

        static Failure of(Throwable failure) {
            String error = failure.toString();
            return new Failure(
                    error.substring(0, Math.min(error.length(), LONGEST_ERROR)),
                    failure instanceof Refused refused
                            && PASSING.contains(refused.refusal().status()));
        }

        /** How many attempts there were, with this one. */
        int after(int attempts) {
            return passes ? attempts : attempts + 1;
        }

        Duration firstWait() {
            return error.isEmpty() ? Duration.ZERO : FIRST_WAIT;
        }

        Duration waitAfter(int attempts) {
            if (passes) {
                return PASSING_WAIT;
            }
            Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(attempts, 20));
            return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
        }
    }

    /** The failure, if the handler could not take the events. */
    private Optional<Failure> handle(List<Announced> events) {
        try {
            handler.handle(
                    events.stream()
                            .map(one ->
                                    new Handler.Told<>(
                                            one.eventId(), outbox.read(one.body(), type)))
                            .toList());
            return Optional.empty();
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError failure) {
            LOG.debug(
                    "subscriber {} failed at event {} and {} more",
                    name,
                    events.getFirst().eventId(),
                    events.size() - 1,
                    failure);
            return Optional.of(Failure.of(failure));
        }
    }

    private void save(Map<Announced, Failure> toPark) {
        long epoch = lease.orElseThrow().epoch();
        Position reached = position.orElseThrow();
        OptionalInt newly =
                db.tx(tx -> {
                    if (toPark.isEmpty()) {
                        store.doNotWaitForDisk(tx);
                    }
                    return store.save(tx, name, epoch, reached)
                            ? OptionalInt.of(park(tx, toPark))
                            : OptionalInt.empty();
                });
        parkedCount += newly.orElse(0);
        toPark.clear();
        saveWaits = false;
        savedAt = System.nanoTime();
        if (newly.isEmpty()) {
            giveUpLease();
        }
    }

    private int park(Tx tx, Map<Announced, Failure> toPark) {
        int newly = 0;
        for (Map.Entry<Announced, Failure> one : toPark.entrySet()) {
            Failure failure = one.getValue();
            newly +=
                    store.park(
                            tx,
                            name,
                            one.getKey(),
                            failure.after(0),
                            failure.error(),
                            failure.firstWait());
        }
        return newly;
    }

    private boolean retryParked() {
        lookedAt = System.nanoTime();
        lookAgain = false;
        List<SubscriberStore.Due> due =
                db.read(tx -> {
                    if (waitsForRoom) {
                        // Less than was parked here, when an operator has skipped some.
                        parkedCount = store.countParked(tx, name);
                    }
                    return store.due(tx, name);
                });
        for (SubscriberStore.Due parked : due) {
            if (stopping || !lease.orElseThrow().holds()) {
                return false;
            }
            Optional<Failure> failure = handle(List.of(parked.event()));
            int attempts = failure.map(why -> why.after(parked.attempts())).orElse(0);
            boolean givesUp = attempts >= ATTEMPTS && !failure.orElseThrow().passes();
            if (givesUp) {
                LOG.error(
                        "subscriber {} gave up on event {} of key {} after {} attempts: {}",
                        name,
                        parked.event().eventId(),
                        parked.event().key(),
                        attempts,
                        failure.orElseThrow().error());
            }
            int taken =
                    db.tx(tx -> {
                        if (failure.isEmpty()) {
                            return store.unpark(tx, parked.position());
                        }
                        Failure why = failure.get();
                        store.fail(
                                tx,
                                parked.position(),
                                attempts,
                                why.error(),
                                why.waitAfter(attempts),
                                givesUp);
                        return 0;
                    });
            parkedCount -= taken;
            if (failure.isEmpty()) {
                // The next of its key need not wait.
                lookAgain = true;
            }
        }
        return !due.isEmpty();
    }
}
