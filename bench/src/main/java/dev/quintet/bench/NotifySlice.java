package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Notifications to one webhook on this machine: taken in, or delivered from the queue. */
final class NotifySlice implements Slice {

    private static final int CONNECTIONS = 16;
    private static final Duration SLOWEST = Duration.ofMinutes(2);

    private final List<Wire> wires = new ArrayList<>();
    private final Sink sink;
    private final AtomicLong accepted = new AtomicLong();
    private final byte[] request;
    private final boolean deliveries;

    /**
     * @param deliveries whether these are counted, instead of what is accepted
     */
    NotifySlice(QuintetProcess server, Sink sink, boolean deliveries) {
        this.sink = sink;
        this.deliveries = deliveries;
        accepted.set(sink.taken());
        for (int at = 0; at < CONNECTIONS; at++) {
            wires.add(new Wire(server.base()));
        }
        String endpoint =
                wires.getFirst()
                        .ask(
                                server.adminKey(),
                                "POST",
                                "/api/v1/webhook-endpoints",
                                "{\"url\":\"" + sink.url() + "\"}")
                        .require(201)
                        .json()
                        .get("id")
                        .stringValue();
        request =
                Wire.request(
                        "POST",
                        "/api/v1/notifications",
                        Map.of(
                                "Authorization",
                                "Bearer " + server.adminKey(),
                                "Content-Type",
                                "application/json"),
                        ("{\"to\":[{\"webhook\":\""
                                        + endpoint
                                        + "\"}],\"content\":{\"title\":\"An order\",\"body\":\"was paid\"}}")
                                .getBytes(UTF_8));
    }

    @Override
    public String counts() {
        return deliveries ? "notifications delivered" : "notifications accepted";
    }

    @Override
    public String load() {
        return deliveries
                ? "to a webhook on this machine, from the queue"
                : CONNECTIONS + " connections, deliveries at work";
    }

    @Override
    public void prepare(Duration time) {
        drained();
        if (deliveries) {
            accept(time);
        }
    }

    @Override
    public Work run(Duration time) {
        if (!deliveries) {
            return accept(time);
        }
        long before = sink.taken();
        long began = System.nanoTime();
        drained();
        return new Work(sink.taken() - before, (System.nanoTime() - began) / 1e9, "");
    }

    private Work accept(Duration time) {
        Work work =
                Crew.count(
                        CONNECTIONS,
                        time,
                        (worker, turn) -> wires.get(worker).exchange(request).require(202));
        accepted.addAndGet(work.operations());
        return work;
    }

    private void drained() {
        long giveUp = System.nanoTime() + SLOWEST.toNanos();
        while (sink.taken() < accepted.get()) {
            if (System.nanoTime() > giveUp) {
                throw new IllegalStateException(
                        sink.taken() + " of " + accepted + " notifications were delivered");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        drained();
        wires.forEach(Wire::close);
    }
}
