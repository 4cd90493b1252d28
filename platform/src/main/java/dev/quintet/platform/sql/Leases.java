package dev.quintet.platform.sql;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What at most one node does at a time. A lease ends by the database's clock unless its node renews
 * it; its epoch rises with every change of hands, so that a late writer can be told from the
 * present one. One virtual thread renews all leases of this node.
 */
public final class Leases implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final LeaseStore store;
    private final UUID node;
    private final Duration length;
    private final Map<String, Lease> held = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread keeper;

    /**
     * @param length how long a lease outlives its node; renewed three times in it
     */
    public Leases(Database db, UUID node, Duration length) {
        this.store = new LeaseStore(db.background());
        this.node = node;
        this.length = length;
        this.keeper = Thread.ofVirtual().name("leases").start(this::keep);
    }

    /**
     * The lease on {@code name} if no other node holds it. A name is used in one place of a node.
     */
    public Optional<Lease> take(String name) {
        long asked = System.nanoTime();
        Optional<Lease> taken =
                store.take(name, node, length)
                        .map(epoch -> new Lease(name, epoch, asked + length.toNanos()));
        taken.ifPresent(lease -> held.put(name, lease));
        return taken;
    }

    /** Gives a lease back, so that another node need not wait for its end. */
    public void release(Lease lease) {
        held.remove(lease.name(), lease);
        lease.lose();
        store.release(lease.name(), node, lease.epoch());
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            keeper.join();
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while leases end", nobodyInterrupts);
        }
        List.copyOf(held.values()).forEach(this::release);
    }

    private void keep() {
        try {
            while (!closing.await(length.toMillis() / 3, TimeUnit.MILLISECONDS)) {
                renew(List.copyOf(held.values()));
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while leases are kept", nobodyInterrupts);
        }
    }

    private void renew(List<Lease> leases) {
        if (leases.isEmpty()) {
            return;
        }
        long asked = System.nanoTime();
        try {
            Set<String> renewed = store.renew(leases, node, length);
            for (Lease lease : leases) {
                if (renewed.contains(lease.name())) {
                    lease.extend(asked + length.toNanos());
                } else {
                    held.remove(lease.name(), lease);
                    lease.lose();
                }
            }
        } catch (RuntimeException failure) {
            // They end by themselves if the database stays away.
            LOG.warn("could not renew {} leases: {}", leases.size(), failure.getMessage());
        }
    }
}
