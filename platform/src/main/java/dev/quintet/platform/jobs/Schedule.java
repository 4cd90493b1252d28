package dev.quintet.platform.jobs;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Signal;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Lease;
import dev.quintet.platform.sql.Leases;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that returns: run by whichever node holds its lease, on that node's virtual thread. */
final class Schedule implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Schedule.class);

    private final String name;
    private final Duration interval;
    private final Runnable work;
    private final Database db;
    private final Leases leases;
    private final Duration poll;
    private final ScheduleStore store = new ScheduleStore();
    private final Signal closing = new Signal();
    private volatile boolean stopping;

    Schedule(
            String name,
            Duration interval,
            Runnable work,
            Database db,
            Leases leases,
            Duration poll) {
        this.name = name;
        this.interval = interval;
        this.work = work;
        this.db = db;
        this.leases = leases;
        this.poll = poll;
    }

    String name() {
        return name;
    }

    void stop() {
        stopping = true;
        closing.raise();
    }

    @Override
    public void run() {
        Optional<Lease> lease = Optional.empty();
        while (!stopping) {
            try {
                if (lease.filter(Lease::holds).isEmpty()) {
                    lease = leases.take("jobs/" + name);
                }
                if (lease.isPresent() && db.<Boolean>read(tx -> store.isDue(tx, name))) {
                    work.run();
                    db.run(tx -> store.next(tx, name, interval));
                }
            } catch (RuntimeException failure) {
                if (PlatformRefusal.isDatabaseGone(failure)) {
                    LOG.debug("the schedule {} waits for the database", name, failure);
                } else {
                    LOG.error(
                            "the schedule {} failed and runs again in {}", name, interval, failure);
                    postpone();
                }
            }
            if (!stopping) {
                closing.await(poll);
            }
        }
        lease.ifPresent(leases::release);
    }

    private void postpone() {
        try {
            db.run(tx -> store.next(tx, name, interval));
        } catch (RuntimeException unreachable) {
            LOG.warn("the schedule {} stays due: {}", name, unreachable.toString());
        }
    }
}
