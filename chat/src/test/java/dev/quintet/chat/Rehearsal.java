package dev.quintet.chat;

import dev.quintet.platform.Await;
import dev.quintet.platform.bus.PostgresBus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/**
 * Twenty senders and five readers in one room over two nodes, with lost hints, sockets cut at
 * seeded moments, and each client id now and then sent to both nodes at once. Gives what was wrong.
 */
final class Rehearsal {

    private static final int SENDERS = 20;
    private static final int READERS = 5;

    private final long seed;
    private final int messages;
    private final Duration patience;
    private final SendingStore store;
    private final Chat.MakeLive live;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final List<String> wrong = new ArrayList<>();

    /**
     * @param messages how many each sender sends
     * @param patience how long a reader may take to the last one
     */
    Rehearsal(long seed, int messages, Duration patience, SendingStore store, Chat.MakeLive live) {
        this.seed = seed;
        this.messages = messages;
        this.patience = patience;
        this.store = store;
        this.live = live;
    }

    List<String> run() throws Exception {
        try (Stage stage = new Stage()) {
            List<Stage.Node> nodes = List.of(node(stage, 1), node(stage, 2));
            Stage.Person[] people = new Stage.Person[SENDERS + READERS];
            for (int at = 0; at < people.length; at++) {
                people[at] = stage.person();
            }
            UUID room = stage.group(nodes.getFirst(), people[0], people);
            List<Line> lines = new ArrayList<>();
            List<StockClient> clients = new ArrayList<>();
            for (int at = 0; at < people.length; at++) {
                // Ten senders speak over sockets, ten by the front door.
                if (at < 10 || at >= SENDERS) {
                    Line line = new Line(nodes.get(at % 2).web.port());
                    lines.add(line);
                    clients.add(new StockClient(line.address(), people[at].token()).connect());
                }
            }
            try {
                play(stage, nodes, people, room, lines, clients);
            } finally {
                clients.forEach(StockClient::close);
                lines.forEach(Line::close);
            }
        }
        return wrong;
    }

    private Stage.Node node(Stage stage, int number) {
        var bus = new PostgresBus(stage.testDatabase().url(), UUID.randomUUID());
        return stage.node(Stage.settings(), store, live, new LossyBus(bus, seed + number));
    }

    private void play(
            Stage stage,
            List<Stage.Node> nodes,
            Stage.Person[] people,
            UUID room,
            List<Line> lines,
            List<StockClient> clients)
            throws Exception {
        AtomicInteger left = new AtomicInteger(SENDERS);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> senders = new ArrayList<>();
            for (int at = 0; at < SENDERS; at++) {
                int sender = at;
                senders.add(
                        threads.submit(() -> {
                            try {
                                if (sender < 10) {
                                    sendOverSocket(clients.get(sender), room, sender);
                                } else {
                                    sendByDoor(nodes, people[sender], room, sender);
                                }
                            } finally {
                                left.decrementAndGet();
                            }
                            return true;
                        }));
            }
            Random chance = new Random(seed);
            while (left.get() > 0) {
                Line line = lines.get(chance.nextInt(lines.size()));
                line.lead(nodes.get(chance.nextInt(2)).web.port());
                line.blink();
                java.util.concurrent.locks.LockSupport.parkNanos(
                        chance.nextInt(20, 120) * 1_000_000L);
            }
            for (Future<?> sender : senders) {
                try {
                    sender.get();
                } catch (java.util.concurrent.ExecutionException failed) {
                    wrong.add("a send failed: " + failed.getCause());
                }
            }
        }
        check(stage, room, clients.subList(10, clients.size()));
    }

    /** As an application does: sends again under the same client id until there is an answer. */
    private void sendOverSocket(StockClient client, UUID room, int sender) {
        for (int number = 0; number < messages; number++) {
            String clientId = "s" + sender + "-" + number;
            for (int attempt = 1; !acknowledged.containsKey(clientId); attempt++) {
                try {
                    long seq = client.send(room, clientId, clientId).path("seq").asLong();
                    acknowledge(clientId, seq);
                } catch (IllegalStateException cut) {
                    if (attempt == 200) {
                        throw cut;
                    }
                    Await.until("connected again", client::connected);
                }
            }
        }
    }

    private void sendByDoor(List<Stage.Node> nodes, Stage.Person person, UUID room, int sender) {
        Random chance = new Random(seed * 31 + sender);
        for (int number = 0; number < messages; number++) {
            String clientId = "d" + sender + "-" + number;
            int first = chance.nextInt(2);
            List<Pending> waiting = new ArrayList<>();
            for (int copy = 0; copy < (chance.nextInt(4) == 0 ? 3 : 1); copy++) {
                waiting.add(
                        nodes.get((first + copy) % 2)
                                .chat
                                .submit(person.caller(), room, clientId, clientId, List.of()));
            }
            waiting.forEach(one -> acknowledge(clientId, one.sent().seq()));
        }
    }

    private void acknowledge(String clientId, long seq) {
        Long before = acknowledged.putIfAbsent(clientId, seq);
        if (before != null && before != seq) {
            synchronized (wrong) {
                wrong.add("%s is number %d and %d".formatted(clientId, before, seq));
            }
        }
    }

    private void check(Stage stage, UUID room, List<StockClient> readers) {
        List<Message> history = stage.stored(room);
        Map<String, Long> stored = new HashMap<>();
        for (Message message : history) {
            if (stored.put(message.text(), message.seq()) != null) {
                wrong.add(message.text() + " is stored twice");
            }
        }
        List<Long> numbers = LongStream.rangeClosed(1, history.size()).boxed().toList();
        if (!history.stream().map(Message::seq).toList().equals(numbers)) {
            wrong.add("history has gaps");
        }
        if (!stored.equals(acknowledged)) {
            wrong.add("history is not what was acknowledged");
        }
        for (StockClient reader : readers) {
            try {
                Await.until(
                        "the reader has all",
                        patience,
                        () -> reader.offsets(room).size() >= history.size());
            } catch (AssertionError late) {
                wrong.add("a reader has " + reader.offsets(room).size() + " of " + history.size());
            }
            if (!reader.offsets(room).equals(numbers)) {
                wrong.add("a reader saw other numbers than history: " + odd(reader.offsets(room)));
            }
        }
    }

    private static String odd(List<Long> offsets) {
        List<String> odd = new ArrayList<>();
        long last = 0;
        for (long offset : offsets) {
            if (offset != last + 1) {
                odd.add(last + "->" + offset);
            }
            last = offset;
        }
        return String.join(" ", new HashSet<>(odd));
    }
}
