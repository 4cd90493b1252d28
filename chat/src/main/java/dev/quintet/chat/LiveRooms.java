package dev.quintet.chat;

import dev.quintet.platform.sql.Database;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rooms in which this node has sockets, and how they come to what was stored: from this node's
 * writers, by the tail of what other nodes announce, by the position check. PostgreSQL is read
 * wherever a number is missing. Not final: tests plant faults.
 */
class LiveRooms {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRooms.class);

    private static final int PAGE = 200;
    private static final int ROOMS_PER_CHECK = 1000;

    private final Database db;
    private final ChatStore store;
    private final Map<UUID, LiveRoom> rooms = new ConcurrentHashMap<>();

    LiveRooms(Database db, ChatStore store) {
        this.db = db;
        this.store = store;
    }

    LiveRoom open(UUID room, long position) {
        return new LiveRoom(room, position);
    }

    /**
     * Seats a subscriber that has seen everything up to these positions: reads and delivers what
     * follows, then every later message reaches it once and in order.
     */
    void join(Subscriber subscriber, List<Chat.Position> positions) {
        List<UUID> opened = new ArrayList<>();
        for (Chat.Position position : positions) {
            join(subscriber, position, opened);
        }
        catchUp(opened);
    }

    private void join(Subscriber subscriber, Chat.Position at, List<UUID> opened) {
        while (true) {
            LiveRoom live =
                    rooms.computeIfAbsent(
                            at.room(),
                            id -> {
                                opened.add(id);
                                return open(id, at.seq());
                            });
            OptionalLong pushed = live.beginJoin();
            if (pushed.isEmpty()) {
                rooms.remove(at.room(), live);
                continue;
            }
            try {
                seat(live, subscriber, at.seq(), pushed.getAsLong());
            } finally {
                live.endJoin();
            }
            return;
        }
    }

    /** A room that was just opened may have missed what was stored since its position was read. */
    void catchUp(List<UUID> opened) {
        if (!opened.isEmpty()) {
            db.read(tx -> store.heads(tx, opened))
                    .forEach(head -> heard(head.room(), head.lastSeq()));
        }
    }

    private void seat(LiveRoom live, Subscriber subscriber, long position, long pushed) {
        long seen = position;
        long target = pushed;
        while (true) {
            while (seen < target) {
                List<Message> page = page(live.id(), seen);
                for (Message message : page) {
                    if (!subscriber.ready() || !subscriber.deliver(new Delivery(message))) {
                        return;
                    }
                    seen = message.seq();
                }
                if (page.isEmpty()) {
                    throw new IllegalStateException(
                            "room %s was pushed up to %d and has nothing after %d"
                                    .formatted(live.id(), target, seen));
                }
            }
            if (live.finishJoin(subscriber, seen)) {
                return;
            }
            target = live.lastPushed();
        }
    }

    OptionalLong leave(Subscriber subscriber, UUID room) {
        LiveRoom live = rooms.get(room);
        if (live == null) {
            return OptionalLong.empty();
        }
        OptionalLong seen = live.leave(subscriber);
        if (live.closeIfEmpty()) {
            rooms.remove(room, live);
        }
        return seen;
    }

    /** This node's writer stored a batch: pushes it, behind what other nodes wrote in between. */
    void stored(UUID room, List<Message> batch) {
        LiveRoom live = rooms.get(room);
        if (live == null) {
            return;
        }
        while (!live.offer(batch)) {
            List<Message> gap = page(room, live.lastPushed());
            if (gap.isEmpty() || !live.offer(gap)) {
                throw new IllegalStateException(
                        "room %s has a gap after %d".formatted(room, live.lastPushed()));
            }
        }
    }

    /** A room has reached a number, by whatever way that was heard. */
    void heard(UUID room, long seq) {
        LiveRoom live = rooms.get(room);
        if (live != null && live.wants(seq)) {
            Thread.ofVirtual().name("chat-feed").start(() -> feed(live));
        }
    }

    private void feed(LiveRoom live) {
        try {
            long heard;
            do {
                List<Message> page;
                do {
                    heard = live.heard();
                    page = page(live.id(), live.lastPushed());
                    live.offer(page);
                } while (page.size() == PAGE);
            } while (live.readsOn(heard));
        } catch (RuntimeException failure) {
            live.stopReading();
            LOG.warn("room {} is behind until the next hint", Room.ID.show(live.id()), failure);
        }
    }

    List<Message> page(UUID room, long after) {
        return db.read(tx -> store.after(tx, room, after, PAGE));
    }

    /** Compares all live rooms with the database: finds lost hints about messages and members. */
    void checkPositions() {
        List<UUID> all = List.copyOf(rooms.keySet());
        for (int from = 0; from < all.size(); from += ROOMS_PER_CHECK) {
            List<UUID> some = all.subList(from, Math.min(all.size(), from + ROOMS_PER_CHECK));
            for (ChatStore.Head head : db.read(tx -> store.heads(tx, some))) {
                heard(head.room(), head.lastSeq());
                LiveRoom live = rooms.get(head.room());
                if (live != null && live.membersChanged(head.membersVersion())) {
                    removeStrangers(live);
                }
            }
        }
    }

    private void removeStrangers(LiveRoom live) {
        List<Subscriber> seated = live.subscribers();
        Set<UUID> persons = seated.stream().map(Subscriber::person).collect(Collectors.toSet());
        Set<UUID> members = db.read(tx -> store.members(tx, live.id(), persons));
        List<Subscriber> strangers = new ArrayList<>(seated);
        strangers.removeIf(one -> members.contains(one.person()));
        remove(live.id(), strangers);
    }

    void remove(UUID room, Collection<Subscriber> strangers) {
        for (Subscriber stranger : strangers) {
            if (leave(stranger, room).isPresent()) {
                stranger.removed(room);
            }
        }
    }
}
