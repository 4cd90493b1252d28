package dev.quintet.platform.jobs;

import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs schedules. Register with {@link #every}, then {@link #start}; each runs on a virtual thread
 * of its own.
 */
public final class Jobs implements AutoCloseable {

    /** How often a node looks whether a schedule is due. */
    public static final Duration OFTEN_ENOUGH = Duration.ofMillis(500);

    private final Database db;
    private final Leases leases;
    private final Duration poll;
    private final ScheduleStore store = new ScheduleStore();
    private final List<Schedule> schedules = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    public Jobs(Database db, Leases leases, Duration poll) {
        this.db = db.background();
        this.leases = leases;
        this.poll = poll;
    }

    /** Runs {@code work} on one node, and again so long after it ended; the first time at once. */
    public void every(String name, Duration interval, Runnable work) {
        db.run(tx -> store.add(tx, name));
        schedules.add(new Schedule(name, interval, work, db, leases, poll));
    }

    public void start() {
        for (Schedule schedule : schedules) {
            threads.add(Thread.ofVirtual().name("jobs/" + schedule.name()).start(schedule));
        }
    }

    /** Lets running work end. */
    @Override
    public void close() {
        schedules.forEach(Schedule::stop);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while jobs end", nobodyInterrupts);
        }
    }
}
