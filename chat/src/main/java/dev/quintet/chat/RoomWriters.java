package dev.quintet.chat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The few writers of this node. Each takes what waits in many rooms and pays one commit for it; a
 * room is with one writer at a time, so that its messages keep the order in which they came.
 */
final class RoomWriters {

    private static final Duration RETRY = Duration.ofSeconds(1);

    /** While one writer waits for the disk, the next fills its batch. */
    private static final int WRITERS = 4;

    // A batch is one statement: 200 texts of the greatest size are too much for one.
    private static final int MAX_BATCH = 200;
    private static final int MAX_BATCH_CHARACTERS = 1 << 20;

    private final RoomWriter writer;
    private final int maxWaiting;

    private record Queue(UUID room, ArrayDeque<Pending> drafts) {}

    /** Of rooms in which something waits or is being written. */
    private final Map<UUID, Queue> queues = new HashMap<>();

    /** Those of them that no writer has, the longest waiting first. */
    private final ArrayDeque<Queue> ready = new ArrayDeque<>();

    private int writers;

    RoomWriters(RoomWriter.Tools tools, int maxWaiting) {
        this.writer = new RoomWriter(tools);
        this.maxWaiting = maxWaiting;
    }

    /** Queues a draft behind those that wait in its room. */
    synchronized Pending submit(UUID organisation, UUID room, Draft draft) {
        Queue queue = queues.get(room);
        if (queue == null) {
            queue = new Queue(room, new ArrayDeque<>());
            queues.put(room, queue);
            ready.add(queue);
        } else if (queue.drafts().size() >= maxWaiting) {
            throw ChatRefusal.ROOM_BUSY.because(Room.ID.show(room), maxWaiting).retryAfter(RETRY);
        }
        Pending pending = new Pending(organisation, room, draft);
        queue.drafts().add(pending);
        wake();
        return pending;
    }

    private void wake() {
        if (writers < WRITERS && !ready.isEmpty()) {
            writers++;
            Thread.ofVirtual().name("chat-writer").start(this::writeAll);
        }
    }

    private void writeAll() {
        for (List<RoomWriter.Waiting> batch = next(); !batch.isEmpty(); batch = next()) {
            List<RoomWriter.Waiting> alone = writer.writeTogether(batch);
            alone.forEach(this::writeAlone);
            done(batch.stream().filter(one -> !alone.contains(one)).toList());
        }
    }

    /** On a thread of its own: a room that somebody holds for long delays no other. */
    private void writeAlone(RoomWriter.Waiting waiting) {
        Thread.ofVirtual()
                .name("chat-writer")
                .start(() -> {
                    writer.writeAlone(waiting);
                    done(List.of(waiting));
                });
    }

    private synchronized void done(List<RoomWriter.Waiting> written) {
        for (RoomWriter.Waiting one : written) {
            queues.computeIfPresent(
                    one.room(),
                    (id, queue) -> {
                        if (queue.drafts().isEmpty()) {
                            return null;
                        }
                        ready.add(queue);
                        return queue;
                    });
        }
        wake();
    }

    /** Takes what waits; the writer that finds nothing ends. */
    private synchronized List<RoomWriter.Waiting> next() {
        List<RoomWriter.Waiting> batch = new ArrayList<>();
        int drafts = 0;
        int characters = 0;
        while (!ready.isEmpty() && drafts < MAX_BATCH && characters < MAX_BATCH_CHARACTERS) {
            Queue queue = ready.remove();
            List<Pending> taken = new ArrayList<>();
            do {
                Pending pending = queue.drafts().remove();
                taken.add(pending);
                characters += pending.draft().text().length();
            } while (!queue.drafts().isEmpty()
                    && drafts + taken.size() < MAX_BATCH
                    && characters < MAX_BATCH_CHARACTERS);
            drafts += taken.size();
            batch.add(new RoomWriter.Waiting(queue.room(), taken));
        }
        if (batch.isEmpty()) {
            writers--;
        }
        return batch;
    }
}
