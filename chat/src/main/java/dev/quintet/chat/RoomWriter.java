package dev.quintet.chat;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers what waits in rooms, stores it in one commit, then tells everyone who should hear. A room
 * is with one thread of this node at a time; its row's lock keeps the other nodes away.
 */
final class RoomWriter {

    private static final Logger LOG = LoggerFactory.getLogger(RoomWriter.class);

    /** What waits in one room, in the order in which it came. */
    record Waiting(UUID room, List<Pending> drafts) {}

    /** What every writer of a node works with. */
    record Tools(
            Database db,
            SendingStore store,
            LiveRooms live,
            Mentions mentions,
            Ids ids,
            InstantSource time) {}

    private final Tools tools;

    RoomWriter(Tools tools) {
        this.tools = tools;
    }

    /**
     * Writes many rooms with one commit. Gives back what has to be written alone: rooms that
     * somebody else holds or that do not exist, or all of them when the database could not take
     * one.
     */
    List<Waiting> writeTogether(List<Waiting> waiting) {
        List<UUID> rooms = waiting.stream().map(Waiting::room).toList();
        List<Numbering> written;
        try {
            written =
                    tools.db()
                            .tx(tx ->
                                    inTransaction(tx, tools.store().lockFree(tx, rooms), waiting));
        } catch (Refused refused) {
            waiting.forEach(one -> fail(one, refused));
            return List.of();
        } catch (RuntimeException failure) {
            LOG.debug("{} rooms are written one by one after a failure", rooms.size(), failure);
            return waiting;
        }
        written.forEach(this::tell);
        Set<UUID> done = written.stream().map(one -> one.room().id()).collect(toSet());
        return waiting.stream().filter(one -> !done.contains(one.room())).toList();
    }

    /** Writes one room, once whoever holds it lets go of it; draft by draft if it must be. */
    void writeAlone(Waiting waiting) {
        List<Numbering> written;
        try {
            written =
                    tools.db()
                            .tx(tx ->
                                    inTransaction(
                                            tx,
                                            tools.store().lock(tx, waiting.room()),
                                            List.of(waiting)));
        } catch (RuntimeException failure) {
            if (failure instanceof Refused || waiting.drafts().size() == 1) {
                fail(waiting, failure);
            } else {
                waiting.drafts()
                        .forEach(draft -> writeAlone(new Waiting(waiting.room(), List.of(draft))));
            }
            return;
        }
        if (written.isEmpty()) {
            Refused unknown = ChatRefusal.ROOM_UNKNOWN.because(Room.ID.show(waiting.room()));
            waiting.drafts().forEach(draft -> draft.done(new Outcome.Rejected(unknown)));
        }
        written.forEach(this::tell);
    }

    private static void fail(Waiting waiting, RuntimeException failure) {
        waiting.drafts().forEach(draft -> draft.done(new Outcome.Unknown(failure)));
    }

    private void tell(Numbering written) {
        UUID room = written.room().id();
        List<Message> stored = written.messages();
        try {
            // Stored before pushed: a crash in between makes a late message, never a lost one.
            if (!stored.isEmpty()) {
                tools.live().stored(room, stored);
            }
        } catch (RuntimeException failure) {
            // The messages stand; the outbox's tail and the position check bring them to the
            // sockets.
            LOG.warn("room {} is pushed late", Room.ID.show(room), failure);
        }
        written.answer();
    }

    private List<Numbering> inTransaction(Tx tx, List<Room> locked, List<Waiting> waiting) {
        Map<UUID, List<Pending>> drafts =
                waiting.stream().collect(toMap(Waiting::room, Waiting::drafts));
        List<Numbering> rooms =
                locked.stream()
                        .map(room -> new Numbering(room, drafts.getOrDefault(room.id(), List.of())))
                        .toList();
        if (rooms.isEmpty()) {
            return rooms;
        }
        Map<UUID, Set<UUID>> members =
                tools.store().members(tx, rooms.stream().flatMap(Numbering::people).distinct());
        Map<SendingStore.Once, SendingStore.Stored> sent =
                tools.store().sent(tx, rooms.stream().flatMap(Numbering::asked).toList());
        // Microseconds are what PostgreSQL keeps: a pushed message equals the one read later.
        Instant now = tools.time().instant().truncatedTo(ChronoUnit.MICROS);
        for (Numbering room : rooms) {
            room.run(members.getOrDefault(room.room().id(), Set.of()), sent, tools.ids(), now);
        }
        List<SendingStore.Numbered> numbered =
                rooms.stream().flatMap(room -> room.numbered().stream()).toList();
        if (!numbered.isEmpty()) {
            tools.store().insert(tx, numbered);
            tools.mentions().keep(tx, numbered);
            tx.announce(
                    rooms.stream()
                            .filter(room -> !room.numbered().isEmpty())
                            .map(room -> event(room.room(), room.messages()))
                            .toList());
        }
        return rooms;
    }

    private static MessagesSent event(Room room, List<Message> stored) {
        return new MessagesSent(
                room.organisation(),
                room.id(),
                stored.getFirst().seq(),
                stored.getLast().seq(),
                stored.size());
    }
}
