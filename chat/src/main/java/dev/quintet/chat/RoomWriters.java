package dev.quintet.chat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives each busy room of this node its one writer. A room's queue and the life of its thread
 * change together, under the map's lock of that room, so that no draft waits without a writer.
 */
final class RoomWriters {

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int MAX_BATCH = 200;
    // A batch is one statement: 200 texts of the greatest size are too much for one.
    private static final int MAX_BATCH_CHARACTERS = 1 << 20;

    private final RoomWriter.Tools tools;
    private final int maxWaiting;
    private final Map<UUID, ArrayDeque<Pending>> queues = new ConcurrentHashMap<>();

    RoomWriters(RoomWriter.Tools tools, int maxWaiting) {
        this.tools = tools;
        this.maxWaiting = maxWaiting;
    }

    /** Queues a draft behind those that wait in its room. */
    Pending submit(UUID organisation, UUID room, Draft draft) {
        Pending pending = new Pending(organisation, room, draft);
        boolean[] first = {false};
        queues.compute(
                room,
                (id, queue) -> {
                    ArrayDeque<Pending> waiting = queue;
                    if (waiting == null) {
                        waiting = new ArrayDeque<>();
                        first[0] = true;
                    } else if (waiting.size() >= maxWaiting) {
                        throw ChatRefusal.ROOM_BUSY
                                .because(Room.ID.show(id), maxWaiting)
                                .retryAfter(RETRY);
                    }
                    waiting.add(pending);
                    return waiting;
                });
        if (first[0]) {
            Thread.ofVirtual().name("chat-writer").start(() -> writeAll(room));
        }
        return pending;
    }

    private void writeAll(UUID room) {
        RoomWriter writer = new RoomWriter(room, tools);
        for (List<Pending> batch = next(room); !batch.isEmpty(); batch = next(room)) {
            writer.write(batch);
        }
    }

    /** Takes all that waits, so that a busy room pays one commit for many messages. */
    private List<Pending> next(UUID room) {
        List<Pending> batch = new ArrayList<>();
        queues.computeIfPresent(
                room,
                (id, waiting) -> {
                    if (waiting.isEmpty()) {
                        return null;
                    }
                    int characters = 0;
                    while (!waiting.isEmpty() && batch.size() < MAX_BATCH) {
                        characters += waiting.getFirst().draft().text().length();
                        if (characters > MAX_BATCH_CHARACTERS && !batch.isEmpty()) {
                            break;
                        }
                        batch.add(waiting.removeFirst());
                    }
                    return waiting;
                });
        return batch;
    }
}
