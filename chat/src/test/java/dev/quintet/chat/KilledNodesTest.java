package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.ChildJvm;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Two server processes on one PostgreSQL, killed by signal 9 while everybody writes. */
final class KilledNodesTest {

    private static final int SENDERS = 20;
    private static final int READERS = 5;
    private static final int MESSAGES = 40;

    private final long seed = new SecureRandom().nextInt(1_000_000);
    private final Random chance = new Random(seed);
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();

    /** One process; {@code port} is where it serves. */
    private record Child(Process process, int port) {}

    @Test
    void what_was_acknowledged_survives_kills_once_and_in_order() throws Exception {
        System.out.println("seed " + seed);
        try (Stage stage = new Stage()) {
            List<Child> children = new ArrayList<>(List.of(start(stage), start(stage)));
            List<Line> lines = new ArrayList<>();
            List<StockClient> clients = new ArrayList<>();
            try {
                Stage.Person[] people = new Stage.Person[SENDERS + READERS];
                for (int at = 0; at < people.length; at++) {
                    people[at] = stage.person();
                    lines.add(new Line(children.get(at % 2).port()));
                    clients.add(new StockClient(lines.get(at).address(), people[at].token()));
                }
                UUID room = stage.group(stage.node(), people[0], people);
                clients.forEach(StockClient::connect);
                play(stage, room, children, lines, clients);
                check(stage, room, clients.subList(SENDERS, clients.size()));
            } finally {
                clients.forEach(StockClient::close);
                lines.forEach(Line::close);
                children.forEach(child -> child.process().destroyForcibly());
            }
        }
    }

    private Child start(Stage stage) throws IOException {
        var url = stage.testDatabase().url();
        Process process =
                ChildJvm.start(
                        ChatNode.class,
                        Long.toString(chance.nextInt(1000)),
                        url.jdbc(),
                        url.user(),
                        url.password());
        return new Child(process, Integer.parseInt(ChildJvm.said(process, "port ")));
    }

    private void play(
            Stage stage,
            UUID room,
            List<Child> children,
            List<Line> lines,
            List<StockClient> clients)
            throws Exception {
        List<Future<?>> senders = new ArrayList<>();
        int kills = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int sender = 0; sender < SENDERS; sender++) {
                int number = sender;
                senders.add(threads.submit(() -> sendAll(clients.get(number), room, number)));
            }
            while (kills < 3 || senders.stream().anyMatch(one -> !one.isDone())) {
                LockSupport.parkNanos(chance.nextInt(50, 400) * 1_000_000L);
                if (kills < 3 && acknowledged.size() > SENDERS * MESSAGES * kills / 4) {
                    int victim = chance.nextInt(2);
                    children.get(victim).process().destroyForcibly();
                    lines.forEach(line -> line.lead(children.get(1 - victim).port()));
                    children.set(victim, start(stage));
                    kills++;
                }
                Line line = lines.get(chance.nextInt(lines.size()));
                line.lead(children.get(chance.nextInt(2)).port());
                line.blink();
            }
            for (Future<?> sender : senders) {
                sender.get();
            }
        }
    }

    private boolean sendAll(StockClient client, UUID room, int sender) {
        for (int number = 0; number < MESSAGES; number++) {
            String clientId = "s" + sender + "-" + number;
            for (int attempt = 1; !acknowledged.containsKey(clientId); attempt++) {
                try {
                    acknowledged.put(
                            clientId, client.send(room, clientId, clientId).path("seq").asLong());
                } catch (IllegalStateException cut) {
                    assertThat(attempt).as("attempts, last %s", cut).isLessThan(200);
                    Await.until("connected again", client::connected);
                }
            }
        }
        return true;
    }

    private void check(Stage stage, UUID room, List<StockClient> readers) {
        List<Message> history = stage.stored(room);
        List<Long> numbers = LongStream.rangeClosed(1, history.size()).boxed().toList();
        assertThat(history).extracting(Message::seq).isEqualTo(numbers);
        Map<String, Long> stored = new HashMap<>();
        history.forEach(message -> stored.put(message.text(), message.seq()));
        assertThat(stored).as("seed %d", seed).hasSize(history.size()).isEqualTo(acknowledged);
        for (StockClient reader : readers) {
            Await.until(
                    "the reader has all",
                    Duration.ofSeconds(20),
                    () -> reader.offsets(room).size() >= history.size());
            assertThat(reader.offsets(room)).as("seed %d", seed).isEqualTo(numbers);
        }
    }
}
