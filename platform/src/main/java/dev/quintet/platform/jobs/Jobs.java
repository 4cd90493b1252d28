package dev.quintet.platform.jobs;

import dev.quintet.platform.Ids;
import dev.quintet.platform.Signal;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs and schedules. Register with {@link #on} and {@link #every}, then {@link #start}; each
 * job runs on a virtual thread of its own, so many at a time.
 */
public final class Jobs implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
    private static final int LONGEST_PAYLOAD = 64 * 1024;
    private static final int LONGEST_ERROR = 500;
    private static final int MOST_SHOWN = 1_000;

    /**
     * @param poll how often a node looks for work that it was not told of
     * @param atOnce how many jobs a node runs at a time
     * @param attempts after so many failures a job is dead
     * @param firstWait the pause after the first failure; doubles, up to an hour
     */
    public record Settings(Duration poll, int atOnce, int attempts, Duration firstWait) {

        public static final Settings DEFAULT =
                new Settings(Duration.ofMillis(500), 8, 10, Duration.ofSeconds(1));
    }

    private final Database db;
    private final Ids ids;
    private final Leases leases;
    private final Settings settings;
    private final JobStore store = new JobStore();
    private final Map<String, Job.Handler> handlers = new ConcurrentHashMap<>();
    private final Set<JobStore.Claimed> running = ConcurrentHashMap.newKeySet();
    private final List<Schedule> schedules = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Signal enqueued = new Signal();
    private final Signal closing = new Signal();
    private final Semaphore slots;
    private volatile boolean stopping;

    public Jobs(Database db, Ids ids, Leases leases, Settings settings) {
        this.db = db.background();
        this.ids = ids;
        this.leases = leases;
        this.settings = settings;
        this.slots = new Semaphore(settings.atOnce());
    }

    /** Lets {@code handler} do all jobs of one kind on this node. */
    public void on(String kind, Job.Handler handler) {
        if (handlers.putIfAbsent(kind, handler) != null) {
            throw new IllegalStateException("two handlers do jobs of kind " + kind);
        }
    }

    /** Runs {@code work} on one node, and again so long after it ended; the first time at once. */
    public void every(String name, Duration interval, Runnable work) {
        db.run(tx -> store.schedule(tx, name));
        schedules.add(new Schedule(name, interval, work, db, leases, settings.poll()));
    }

    /** Asks for work, if and only if this transaction commits. */
    public UUID enqueue(Tx tx, UUID organisation, String kind, String payload, Instant runAt) {
        if (payload.length() > LONGEST_PAYLOAD) {
            throw new IllegalStateException(
                    "a job of kind %s carries %d characters".formatted(kind, payload.length()));
        }
        UUID id = ids.next();
        store.insert(tx, id, organisation, kind, payload, runAt);
        tx.afterCommit(enqueued::raise);
        return id;
    }

    public void start() {
        threads.add(Thread.ofVirtual().name("jobs").start(this::runAll));
        threads.add(Thread.ofVirtual().name("jobs/leases").start(this::keepLeases));
        for (Schedule schedule : schedules) {
            threads.add(Thread.ofVirtual().name("jobs/" + schedule.name()).start(schedule));
        }
    }

    /** The jobs that failed for good, oldest first. */
    public List<Job.Dead> dead() {
        return db.read(tx -> store.dead(tx, MOST_SHOWN));
    }

    /** Tries a dead job again; false if there is none with this id. */
    public boolean retry(UUID id) {
        boolean found = db.tx(tx -> store.retry(tx, id));
        enqueued.raise();
        return found;
    }

    /** Lets running jobs end. */
    @Override
    public void close() {
        stopping = true;
        schedules.forEach(Schedule::stop);
        enqueued.raise();
        try {
            slots.acquire(settings.atOnce());
            closing.raise();
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while jobs end", nobodyInterrupts);
        }
    }

    private void runAll() {
        while (!stopping) {
            int claimed = 0;
            try {
                claimed = claimSome();
            } catch (RuntimeException failure) {
                LOG.warn("no jobs this time: {}", failure.toString());
            }
            if (claimed == 0) {
                enqueued.await(settings.poll());
            }
        }
    }

    private int claimSome() {
        int free = slots.drainPermits();
        List<JobStore.Claimed> claimed = List.of();
        try {
            if (free > 0 && !handlers.isEmpty() && !stopping) {
                claimed = db.tx(tx -> store.claim(tx, handlers.keySet(), leases.length(), free));
            }
        } finally {
            slots.release(free - claimed.size());
        }
        for (JobStore.Claimed job : claimed) {
            running.add(job);
            Thread.ofVirtual().name("job " + job.job().kind()).start(() -> runOne(job));
        }
        return claimed.size();
    }

    private void runOne(JobStore.Claimed claimed) {
        Job job = claimed.job();
        try {
            Objects.requireNonNull(handlers.get(job.kind()), job.kind()).run(job);
            db.run(tx -> store.done(tx, claimed));
        } catch (RuntimeException failure) {
            failed(claimed, failure);
        } finally {
            running.remove(claimed);
            slots.release();
            enqueued.raise();
        }
    }

    private void failed(JobStore.Claimed claimed, RuntimeException failure) {
        Job job = claimed.job();
        boolean dead = job.attempt() >= settings.attempts();
        Duration wait = waitAfter(job.attempt());
        LOG.warn(
                "job {} of kind {} failed, attempt {}",
                job.id(),
                job.kind(),
                job.attempt(),
                failure);
        String error = failure.toString();
        String shown = error.substring(0, Math.min(error.length(), LONGEST_ERROR));
        try {
            db.run(tx -> store.failed(tx, claimed, shown, wait, dead));
        } catch (RuntimeException unreachable) {
            LOG.warn("job {} runs again when its lease ends: {}", job.id(), unreachable.toString());
        }
    }

    private Duration waitAfter(int attempt) {
        Duration wait = settings.firstWait().multipliedBy(1L << Math.min(attempt - 1, 20));
        Duration longest = Duration.ofHours(1);
        return wait.compareTo(longest) < 0 ? wait : longest;
    }

    private void keepLeases() {
        while (!closing.await(leases.length().dividedBy(3))) {
            List<JobStore.Claimed> mine = List.copyOf(running);
            if (!mine.isEmpty()) {
                try {
                    db.run(tx -> store.renew(tx, mine, leases.length()));
                } catch (RuntimeException failure) {
                    LOG.warn("could not renew {} jobs: {}", mine.size(), failure.toString());
                }
            }
        }
    }
}
