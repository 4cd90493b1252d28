package dev.quintet.notify;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One priority's engine on this node: expands what is due, claims deliveries under a lease,
 * attempts each on a virtual thread, and stores the outcomes in batches. Two threads own it: the
 * claimer (only it acquires {@code workers}) and the finisher (only it stores outcomes).
 */
final class Lane implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Lane.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration RECOUNT = Duration.ofSeconds(5);
    private static final int NOTIFICATIONS_AT_ONCE = 50;

    // What this server was too busy for is soon tried.
    private static final Duration UNTRIED = Duration.ofSeconds(1);

    /**
     * @param age of the delivery since its first attempt, at the begin of this one
     */
    record Finished(Delivery delivery, Duration age, Outcome outcome) {}

    private final Database db;
    private final QueueStore store = new QueueStore();
    private final NotificationStore notifications = new NotificationStore();
    private final Expansion expansion;
    private final Priority priority;
    private final Map<ChannelKind, Channel> channels;
    private final Delivering delivering;
    private final RandomGenerator random;
    private final Semaphore workers;
    private final Destinations destinations;
    private final Semaphore wake = new Semaphore(0);
    private final BlockingQueue<Finished> finished;
    private final CountDownLatch stopped = new CountDownLatch(2);
    private volatile boolean closed;
    private volatile boolean full;
    // Of the claimer: so many deliveries wait that no more are made.
    private boolean crowded;

    /**
     * How deliveries are made on this node.
     *
     * @param lease how long a claim holds; longer than any attempt may take
     * @param maxWaiting as many notifications, and as many deliveries, wait before a lane takes, or
     *     expands, no more
     */
    record Delivering(
            UUID node, Duration lease, Function<ChannelKind, Backoff> backoff, long maxWaiting) {}

    Lane(
            Database db,
            Expansion expansion,
            Priority priority,
            Map<ChannelKind, Channel> channels,
            Delivering delivering,
            RandomGenerator random) {
        this.db = db;
        this.expansion = expansion;
        this.priority = priority;
        this.channels = channels;
        this.delivering = delivering;
        this.random = random;
        this.workers = new Semaphore(priority.workers());
        this.destinations = new Destinations(priority.workers());
        this.finished = new ArrayBlockingQueue<>(priority.workers() + priority.batch());
        Thread.ofVirtual()
                .name("notify-" + priority.wire())
                .start(() -> run(this::claimUntilClosed));
        Thread.ofVirtual()
                .name("notify-" + priority.wire() + "-outcomes")
                .start(() -> run(this::storeUntilClosed));
    }

    /** Something may be due now; a hint, the poll finds it anyway. */
    void wake() {
        wake.release();
    }

    /** Whether so much waits that no more is taken; as old as {@link #RECOUNT}. */
    boolean full() {
        return full;
    }

    private void run(Runnable loop) {
        try {
            loop.run();
        } finally {
            stopped.countDown();
        }
    }

    // --- claimer

    private void claimUntilClosed() {
        long recount = System.nanoTime();
        while (!closed) {
            boolean worked = false;
            try {
                if (System.nanoTime() - recount >= 0) {
                    full = db.read(tx -> notifications.full(tx, priority, delivering.maxWaiting()));
                    crowded = db.read(tx -> store.crowded(tx, priority, delivering.maxWaiting()));
                    recount = System.nanoTime() + RECOUNT.toNanos();
                }
                worked = !crowded && expansion.expand(priority, NOTIFICATIONS_AT_ONCE) > 0;
                worked |= claim() > 0;
            } catch (RuntimeException unavailable) {
                log.warn(
                        "the {} lane could not read its queue; it tries again, nothing is lost",
                        priority.wire(),
                        unavailable);
                pause(new Semaphore(0), POLL);
            }
            if (!worked) {
                pause(wake, POLL);
            }
        }
    }

    private int claim() {
        int free = Math.min(workers.availablePermits(), priority.batch());
        if (free == 0) {
            return 0;
        }
        List<QueueStore.Claimed> claimed =
                db.tx(tx ->
                        store.claim(
                                tx,
                                priority,
                                free,
                                destinations.room(),
                                delivering.node(),
                                delivering.lease()));
        for (QueueStore.Claimed each : claimed) {
            workers.acquireUninterruptibly();
            destinations.began(each.delivery().address());
            Thread.ofVirtual().name("notify-attempt").start(() -> attempt(each));
        }
        return claimed.size();
    }

    private void attempt(QueueStore.Claimed claimed) {
        Outcome outcome;
        long began = System.nanoTime();
        try {
            outcome =
                    claimed.expired()
                            ? new Outcome.Skipped("expired before it could be sent")
                            : send(claimed);
        } catch (Refused busy) {
            outcome =
                    busy.refusal() instanceof PlatformRefusal
                            ? new Outcome.NotTried(busy.detail())
                            : new Outcome.RetryLater(busy.detail());
        } catch (RuntimeException broken) {
            // The edge of this thread: an unforeseen failure of a channel must not lose the
            // delivery.
            log.error(
                    "channel {} failed on delivery {}; it is tried again",
                    claimed.delivery().channel(),
                    claimed.delivery().id(),
                    broken);
            outcome =
                    new Outcome.RetryLater(
                            "internal failure: " + broken.getClass().getSimpleName());
        }
        destinations.ended(
                claimed.delivery().address(), Duration.ofNanos(System.nanoTime() - began));
        Finished result = new Finished(claimed.delivery(), claimed.age(), outcome);
        boolean stored = false;
        while (!stored) {
            stored = offer(result);
        }
        workers.release();
        wake.release();
    }

    private Outcome send(QueueStore.Claimed claimed) {
        Channel channel = channels.get(claimed.delivery().channel());
        return channel == null
                ? new Outcome.Skipped(
                        "this server has no " + claimed.delivery().channel().wire() + " channel")
                : channel.attempt(claimed.delivery(), claimed.message());
    }

    // --- finisher

    private void storeUntilClosed() {
        List<Finished> batch = new ArrayList<>();
        while (!(closed
                && finished.isEmpty()
                && workers.availablePermits() == priority.workers())) {
            gather(batch);
            if (batch.isEmpty()) {
                continue;
            }
            try {
                db.tx(tx -> {
                    store.finish(tx, batch.stream().map(this::judge).toList());
                    return batch.size();
                });
                batch.clear();
            } catch (RuntimeException unavailable) {
                // Kept and stored later; if the lease ends first, the deliveries are made again
                // under the same ids.
                log.warn(
                        "{} outcomes of the {} lane wait for the database",
                        batch.size(),
                        priority.wire(),
                        unavailable);
                pause(new Semaphore(0), POLL);
            }
        }
    }

    /** Waits for one outcome, then for company. */
    private void gather(List<Finished> batch) {
        Finished first = poll(POLL);
        if (first == null) {
            return;
        }
        batch.add(first);
        long until = System.nanoTime() + priority.linger().toNanos();
        while (batch.size() < priority.batch()) {
            Finished next = poll(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
            if (next == null) {
                return;
            }
            batch.add(next);
        }
    }

    private QueueStore.Verdict judge(Finished result) {
        Delivery delivery = result.delivery();
        return switch (result.outcome()) {
            case Outcome.Delivered done ->
                    QueueStore.Verdict.last(delivery, "delivered", done.detail());
            case Outcome.Skipped skipped ->
                    QueueStore.Verdict.last(delivery, "skipped", skipped.detail());
            case Outcome.Refused refused ->
                    QueueStore.Verdict.last(delivery, "failed", refused.detail());
            case Outcome.Gone gone -> QueueStore.Verdict.gone(delivery, gone.detail());
            case Outcome.NotTried untried -> QueueStore.Verdict.untried(delivery, UNTRIED);
            case Outcome.RetryLater again -> {
                Backoff backoff = delivering.backoff().apply(delivery.channel());
                Duration pause = backoff.after(delivery.attempt(), again.pause(), random);
                yield backoff.isOver(result.age(), pause)
                        ? QueueStore.Verdict.last(
                                delivery,
                                "failed",
                                "gave up after "
                                        + delivery.attempt()
                                        + " attempts: "
                                        + again.detail())
                        : QueueStore.Verdict.retry(delivery, again.detail(), pause);
            }
        };
    }

    // --- waiting; nobody interrupts these threads, so an interrupt is a broken invariant

    private @Nullable Finished poll(Duration limit) {
        try {
            return finished.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private boolean offer(Finished result) {
        try {
            return finished.offer(result, POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void pause(Semaphore signal, Duration limit) {
        try {
            if (signal.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                signal.drainPermits();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /**
     * Claims no more, and waits for attempts under way; what outlasts the wait is claimed again by
     * the next start.
     */
    @Override
    public void close() {
        closed = true;
        wake.release();
        try {
            if (!stopped.await(20, TimeUnit.SECONDS)) {
                log.warn(
                        "the {} lane stops with attempts under way; they are made again under the same ids",
                        priority.wire());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
