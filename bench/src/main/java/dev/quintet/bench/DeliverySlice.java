package dev.quintet.bench;

import java.time.Duration;
import java.util.List;

/** One room with a thousand sockets: every message reaches each of them. */
final class DeliverySlice implements Slice {

    private static final int SOCKETS = 1000;
    private static final int SENDERS = 16;
    private static final int AHEAD = 64;

    private final ChatSocket[] senders = new ChatSocket[SENDERS];
    private final Audience audience;
    private final String room;
    private long sent;

    DeliverySlice(QuintetProcess server) {
        People people = People.make(server, "speaker", 2);
        try (Wire wire = new Wire(server.base())) {
            room = People.room(wire, people.all().get(0), List.of(people.all().get(1)));
        }
        for (int at = 0; at < SENDERS; at++) {
            senders[at] = new ChatSocket(server.base(), people.all().get(0).token());
        }
        audience = new Audience(server.base(), people.all().get(1).token(), SOCKETS);
    }

    @Override
    public String counts() {
        return "chat deliveries";
    }

    @Override
    public String load() {
        return "a room of "
                + SOCKETS
                + " sockets, "
                + SENDERS
                + " senders, at most "
                + AHEAD
                + " messages ahead of the readers";
    }

    @Override
    public Work run(Duration time) {
        long before = sent;
        long began = System.nanoTime();
        while (System.nanoTime() - began < time.toNanos()) {
            long round = sent;
            Crew.run(SENDERS, worker -> send(worker, round + worker));
            sent += SENDERS;
            audience.await((sent - AHEAD) * SOCKETS, Duration.ofSeconds(30));
        }
        audience.await(sent * SOCKETS, Duration.ofSeconds(30));
        double seconds = (System.nanoTime() - began) / 1e9;
        if (audience.heard() != sent * SOCKETS) {
            throw new IllegalStateException(
                    audience.heard() + " deliveries of " + sent + " messages");
        }
        return new Work(
                (sent - before) * SOCKETS,
                seconds,
                "%.0f messages/s".formatted((sent - before) / seconds));
    }

    private void send(int worker, long number) {
        senders[worker].ask(
                "\"rpc\":{\"method\":\"message.send\",\"data\":{\"room\":\"%s\",\"clientId\":\"%d\",\"text\":\"a message of usual length\"}}"
                        .formatted(room, number));
    }

    @Override
    public void close() {
        for (ChatSocket sender : senders) {
            sender.close();
        }
        audience.close();
    }
}
