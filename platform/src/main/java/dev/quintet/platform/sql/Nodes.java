package dev.quintet.platform.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server processes on this database: each one is a row with a heartbeat. */
public final class Nodes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    /**
     * @param epoch rises with every start of the node
     * @param seenAt its last heartbeat, by the database's clock
     */
    public record Node(UUID id, long epoch, Set<String> systems, Instant seenAt) {}

    private final NodeStore store;
    private final UUID self;
    private final Set<String> systems;
    private final Duration heartbeat;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread beating;
    private final NodeStore.Joined joined;
    private volatile Outage outage;

    // Asked for by whoever opens the server; done by them, or by the heartbeat when the database
    // did not answer.
    private volatile boolean wanted;
    private volatile boolean serving;

    /** Joins the others. */
    public Nodes(Database db, UUID self, Set<String> systems, Duration heartbeat) {
        this.store = new NodeStore(db.background());
        this.self = self;
        this.systems = Set.copyOf(systems);
        this.heartbeat = heartbeat;
        this.joined = store.join(self, systems, heartbeat.multipliedBy(2));
        this.outage = joined.outage();
        this.beating = Thread.ofVirtual().name("heartbeat").start(this::beat);
    }

    /**
     * Who is live on this database before anyone joins it.
     *
     * @param alive for how long after its last heartbeat a node counts as live
     */
    public static List<Node> live(Database db, Duration alive) {
        return new NodeStore(db).live(alive);
    }

    public UUID self() {
        return self;
    }

    public long epoch() {
        return joined.epoch();
    }

    /** The last outage: it lasts until this node serves, unless another one does already. */
    public Outage outage() {
        return outage;
    }

    /** This node is ready: who got no answer from the one before can ask again. Repeatable. */
    public void serve() {
        wanted = true;
        try {
            serveNow();
        } catch (RuntimeException failure) {
            LOG.warn("could not end the outage; the next heartbeat will: {}", failure.getMessage());
        }
    }

    private synchronized void serveNow() {
        if (!serving) {
            outage = store.serve(self, epoch(), systems, heartbeat.multipliedBy(2));
            serving = true;
        }
    }

    /** Leaves: the others need not wait for the heartbeat to grow old. */
    @Override
    public void close() {
        closing.countDown();
        try {
            beating.join();
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while leaving", nobodyInterrupts);
        }
        store.leave(self, epoch());
    }

    private void beat() {
        try {
            while (!closing.await(heartbeat.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    store.beat(self, epoch());
                    if (wanted) {
                        serveNow();
                    }
                } catch (RuntimeException failure) {
                    LOG.warn("no heartbeat this time: {}", failure.getMessage());
                }
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted between heartbeats", nobodyInterrupts);
        }
    }
}
