package dev.quintet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * Reads the loss ledger again and again: how many events were taken and how many have come to an
 * end, and so how long the last one that was taken had to wait.
 */
final class LedgerWatch implements AutoCloseable {

    private static final Duration PACE = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /**
     * @param ended stored, rejected or known as a duplicate
     * @param pending by the server's own count, which knows nothing of the other two
     * @param millis that the answer took
     */
    record Reading(long nanos, long received, long ended, long pending, double millis) {}

    private final QuintetProcess server;
    private final Wire wire;
    private final List<Reading> readings = new ArrayList<>();
    private final Thread watching;
    private volatile boolean done;

    LedgerWatch(QuintetProcess server) {
        this.server = server;
        this.wire = new Wire(server.base());
        this.watching = Thread.ofVirtual().start(this::watch);
    }

    private void watch() {
        while (!done) {
            Reading reading = read(server, wire);
            synchronized (readings) {
                readings.add(reading);
            }
            LockSupport.parkNanos(PACE.toNanos());
        }
    }

    static Reading read(QuintetProcess server, Wire wire) {
        long asked = System.nanoTime();
        JsonNode ledger =
                wire.ask(server.adminKey(), "GET", "/api/v1/analytics/ledger", "")
                        .require(200)
                        .json();
        long now = System.nanoTime();
        return new Reading(
                now,
                ledger.get("received").longValue(),
                ledger.get("stored").longValue()
                        + ledger.get("rejected").longValue()
                        + ledger.get("duplicate").longValue(),
                ledger.get("pending").longValue(),
                (now - asked) / 1e6);
    }

    /** Until nothing waits; the last reading. */
    static Reading drained(QuintetProcess server) {
        long giveUp = System.nanoTime() + PATIENCE.toNanos();
        try (Wire wire = new Wire(server.base())) {
            Reading reading = read(server, wire);
            while (reading.pending() > 0) {
                if (System.nanoTime() > giveUp) {
                    throw new IllegalStateException("still not loaded: " + reading);
                }
                LockSupport.parkNanos(PACE.toNanos());
                reading = read(server, wire);
            }
            return reading;
        }
    }

    /**
     * Seconds between the reading at which so many were taken and the one at which they had ended.
     */
    Spread freshness() {
        List<Double> seconds = new ArrayList<>();
        synchronized (readings) {
            int ended = 0;
            for (Reading taken : readings) {
                while (ended < readings.size() && readings.get(ended).ended < taken.received) {
                    ended++;
                }
                if (ended < readings.size()) {
                    double waited = (readings.get(ended).nanos - taken.nanos) / 1e9;
                    seconds.add(Math.max(0, waited));
                }
            }
        }
        return Spread.of(seconds);
    }

    /** Milliseconds of its own questions. */
    Spread asking() {
        synchronized (readings) {
            return new Spread(readings.stream().mapToDouble(Reading::millis).toArray());
        }
    }

    @Override
    public void close() {
        done = true;
        try {
            watching.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        wire.close();
    }
}
