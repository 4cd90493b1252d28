package dev.quintet.chat;

import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One room's only writer on this node: numbers what waits, stores it in one commit, then tells
 * everyone who should hear. Its virtual thread lives while drafts wait.
 */
final class RoomWriter {

    private static final Logger LOG = LoggerFactory.getLogger(RoomWriter.class);

    /** What a batch came to: the outcome of each draft, and the messages that are new. */
    private record Batch(Map<Pending, Outcome> outcomes, List<Message> stored) {}

    /** What became of one draft. */
    sealed interface Outcome {
        record Stored(Sent sent) implements Outcome {}

        record Rejected(Refused why) implements Outcome {}

        /** Whether it is stored is not known; the same client id tells. */
        record Unknown(RuntimeException failure) implements Outcome {}
    }

    /** What every writer of a node works with. */
    record Tools(
            Database db,
            ChatStore store,
            LiveRooms live,
            Hints hints,
            Predicate<UUID> online,
            Ids ids,
            InstantSource time) {}

    private final UUID id;
    private final Tools tools;

    RoomWriter(UUID id, Tools tools) {
        this.id = id;
        this.tools = tools;
    }

    /** Writes one batch and answers each of its drafts. */
    void write(List<Pending> drafts) {
        Batch batch;
        try {
            batch = tools.db().tx(tx -> inTransaction(tx, drafts));
        } catch (RuntimeException failure) {
            drafts.forEach(draft -> draft.done(new Outcome.Unknown(failure)));
            return;
        }
        try {
            // Stored before pushed: a crash in between makes a late message, never a lost one.
            if (!batch.stored().isEmpty()) {
                tools.live().stored(id, batch.stored());
                tools.hints().messages(id, batch.stored().getLast().seq());
            }
        } catch (RuntimeException failure) {
            // The messages stand; hints and the position check bring them to the sockets.
            LOG.warn("room {} is pushed late", Room.ID.show(id), failure);
        }
        batch.outcomes().forEach(Pending::done);
    }

    private Batch inTransaction(Tx tx, List<Pending> drafts) {
        Map<Pending, Outcome> outcomes = new LinkedHashMap<>();
        Optional<Room> room = tools.store().lockRoom(tx, id);
        List<Pending> known = new ArrayList<>();
        for (Pending draft : drafts) {
            if (room.isPresent() && room.get().organisation().equals(draft.organisation())) {
                known.add(draft);
            } else {
                outcomes.put(
                        draft,
                        new Outcome.Rejected(ChatRefusal.ROOM_UNKNOWN.because(Room.ID.show(id))));
            }
        }
        if (known.isEmpty()) {
            return new Batch(outcomes, List.of());
        }
        return number(tx, room.orElseThrow(), known, outcomes);
    }

    private Batch number(Tx tx, Room room, List<Pending> drafts, Map<Pending, Outcome> outcomes) {
        Set<UUID> members = tools.store().members(tx, id, persons(drafts));
        Map<ChatStore.Once, Sent> sent =
                new HashMap<>(
                        tools.store().sent(tx, id, drafts.stream().map(Pending::once).toList()));
        List<Message> stored = new ArrayList<>();
        List<String> clientIds = new ArrayList<>();
        // Microseconds are what PostgreSQL keeps: a pushed message equals the one read later.
        var now = tools.time().instant().truncatedTo(ChronoUnit.MICROS);
        for (Pending pending : drafts) {
            Draft draft = pending.draft();
            Optional<Refused> refused = pending.refusal(members);
            if (refused.isPresent()) {
                outcomes.put(pending, new Outcome.Rejected(refused.get()));
                continue;
            }
            Sent first = sent.get(pending.once());
            if (first == null) {
                first = new Sent(room.lastSeq() + stored.size() + 1, tools.ids().next());
                sent.put(pending.once(), first);
                stored.add(
                        new Message(
                                id,
                                first.seq(),
                                first.id(),
                                Optional.of(draft.sender()),
                                draft.text(),
                                draft.mentions(),
                                now));
                clientIds.add(draft.clientId());
            }
            outcomes.put(pending, new Outcome.Stored(first));
        }
        if (!stored.isEmpty()) {
            tools.store().insertMessages(tx, room, stored, clientIds);
            tx.announce(event(room, stored));
        }
        return new Batch(outcomes, stored);
    }

    private static Set<UUID> persons(List<Pending> drafts) {
        Set<UUID> persons = new HashSet<>();
        for (Pending pending : drafts) {
            persons.add(pending.draft().sender());
            persons.addAll(pending.draft().mentions());
        }
        return persons;
    }

    private MessagesSent event(Room room, List<Message> stored) {
        List<MessagesSent.Missed> missed = new ArrayList<>();
        for (Message message : stored) {
            UUID sender = message.sender().orElseThrow();
            for (UUID person : message.mentions()) {
                if (!person.equals(sender) && !tools.online().test(person)) {
                    missed.add(new MessagesSent.Missed(person, sender, message.seq()));
                }
            }
        }
        return new MessagesSent(
                room.organisation(),
                id,
                stored.getFirst().seq(),
                stored.getLast().seq(),
                stored.size(),
                missed);
    }
}
