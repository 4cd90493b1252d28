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
    private final Duration heartbeat;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread beating;
    private final NodeStore.Joined joined;

    /** Joins the others. */
    public Nodes(Database db, UUID self, Set<String> systems, Duration heartbeat) {
        this.store = new NodeStore(db.background());
        this.self = self;
        this.heartbeat = heartbeat;
        this.joined = store.join(self, systems);
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

    /** How long nobody served before this node joined; ends at once while another one is live. */
    public Outage outage() {
        return joined.outage();
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
                } catch (RuntimeException failure) {
                    LOG.warn("no heartbeat this time: {}", failure.getMessage());
                }
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted between heartbeats", nobodyInterrupts);
        }
    }
}
