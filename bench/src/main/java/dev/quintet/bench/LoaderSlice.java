package dev.quintet.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** What waits in the log goes into the lake, while nothing else happens. */
final class LoaderSlice implements Slice {

    private final QuintetProcess server;
    private final EventSlice events;
    private final Wire wire;

    LoaderSlice(QuintetProcess server) {
        this.server = server;
        this.events = new EventSlice(server);
        this.wire = new Wire(server.base());
    }

    @Override
    public String counts() {
        return "events loaded";
    }

    @Override
    public String load() {
        return "what waits in the log, at most so long";
    }

    @Override
    public void prepare(Duration time) {
        if (ledger("pending") < 100_000) {
            events.run(time);
        }
    }

    @Override
    public Work run(Duration time) {
        long before = ledger("stored");
        long began = System.nanoTime();
        long after = before;
        while (System.nanoTime() - began < 2 * time.toNanos() && ledger("pending") > 0) {
            LockSupport.parkNanos(20_000_000);
            after = ledger("stored");
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return new Work(after - before, seconds, ledger("pending") + " still wait");
    }

    private long ledger(String count) {
        JsonNode ledger =
                wire.ask(server.adminKey(), "GET", "/api/v1/analytics/ledger", "")
                        .require(200)
                        .json();
        return ledger.get(count).longValue();
    }

    @Override
    public void close() {
        events.close();
        wire.close();
    }
}
