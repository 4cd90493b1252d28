package dev.quintet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Durable sends in 500 rooms of two, each room pushed to both; one message in flight a person. */
final class ChatSendSlice implements Slice {

    private static final int PEOPLE = 125;
    private static final int ROOMS_EACH = 4;

    private final List<ChatSocket> sockets = new ArrayList<>();
    private final String[][] rooms = new String[PEOPLE][ROOMS_EACH];
    private final int[] sent = new int[PEOPLE];

    ChatSendSlice(QuintetProcess server) {
        People people = People.make(server, "sender", PEOPLE);
        try (Wire wire = new Wire(server.base())) {
            for (int at = 0; at < PEOPLE; at++) {
                List<People.Person> other = List.of(people.all().get((at + 1) % PEOPLE));
                for (int room = 0; room < ROOMS_EACH; room++) {
                    rooms[at][room] = People.room(wire, people.all().get(at), other);
                }
            }
        }
        people.all().forEach(person -> sockets.add(new ChatSocket(server.base(), person.token())));
    }

    @Override
    public String counts() {
        return "chat sends";
    }

    @Override
    public String load() {
        return PEOPLE + " sockets, one message in flight each, 500 rooms of two";
    }

    @Override
    public Work run(Duration time) {
        double[][] waits = new double[PEOPLE][];
        Work work =
                Crew.count(
                        PEOPLE,
                        time,
                        (worker, turn) -> {
                            long began = System.nanoTime();
                            send(worker);
                            keep(waits, worker, turn, (System.nanoTime() - began) / 1e6);
                        });
        Spread all =
                new Spread(
                        Arrays.stream(waits)
                                .flatMapToDouble(Arrays::stream)
                                .filter(wait -> wait > 0)
                                .toArray());
        return new Work(
                work.operations(),
                work.seconds(),
                "ack p50 %.1f ms, p99 %.1f ms".formatted(all.median(), all.percentile(0.99)));
    }

    private static void keep(double[][] waits, int worker, int turn, double wait) {
        if (waits[worker] == null) {
            waits[worker] = new double[1024];
        }
        if (turn == waits[worker].length) {
            waits[worker] = Arrays.copyOf(waits[worker], turn * 2);
        }
        waits[worker][turn] = wait;
    }

    private void send(int worker) {
        int number = sent[worker]++;
        sockets.get(worker)
                .ask(
                        "\"rpc\":{\"method\":\"message.send\",\"data\":{\"room\":\"%s\",\"clientId\":\"%d-%d\",\"text\":\"a message of usual length\"}}"
                                .formatted(rooms[worker][number % ROOMS_EACH], worker, number));
    }

    @Override
    public void close() {
        sockets.forEach(ChatSocket::close);
    }
}
