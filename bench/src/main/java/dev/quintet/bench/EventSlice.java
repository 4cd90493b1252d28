package dev.quintet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Events that are durable when the answer comes, in batches of a hundred. */
final class EventSlice implements Slice {

    private static final int CONNECTIONS = 8;

    private final List<Wire> wires = new ArrayList<>();
    private final AtomicInteger batches = new AtomicInteger();
    private final String writeKey;

    EventSlice(QuintetProcess server) {
        writeKey = EventLoad.source(server);
        for (int at = 0; at < CONNECTIONS; at++) {
            wires.add(new Wire(server.base()));
        }
    }

    @Override
    public String counts() {
        return "events";
    }

    @Override
    public String load() {
        return CONNECTIONS + " connections, batches of " + EventLoad.BATCH + ", loader at work";
    }

    @Override
    public Work run(Duration time) {
        Work work =
                Crew.count(
                        CONNECTIONS,
                        time,
                        (worker, turn) -> {
                            byte[] request =
                                    EventLoad.request(writeKey, worker, batches.incrementAndGet());
                            wires.get(worker).exchange(request).require(200);
                        });
        return new Work(
                work.operations() * EventLoad.BATCH,
                work.seconds(),
                "%.0f batches/s".formatted(work.rate()));
    }

    @Override
    public void close() {
        wires.forEach(Wire::close);
    }
}
