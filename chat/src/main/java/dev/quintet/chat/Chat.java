package dev.quintet.chat;

import static dev.quintet.chat.ChatRefusal.NOT_A_MEMBER;
import static dev.quintet.chat.ChatRefusal.PERSON_NEEDED;
import static dev.quintet.chat.ChatRefusal.ROOM_UNKNOWN;
import static dev.quintet.chat.ChatRefusal.TEXT_TOO_LONG;
import static dev.quintet.chat.ChatRefusal.TOO_MANY_MENTIONS;

import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** The front door of chat: rooms and their members, sending, history, live seats, presence. */
public final class Chat implements AutoCloseable {

    private static final int ERASED_AT_ONCE = 1000;

    /** Which of these people the organisation has; {@code People::known}. */
    @FunctionalInterface
    public interface KnownPeople {
        Set<UUID> known(Tx tx, UUID organisation, Collection<UUID> persons);
    }

    /** A stretch of a room's history and where the room stands. */
    public record History(Room room, List<Message> messages) {}

    /** A room, and after which number a socket goes on in it. */
    public record Position(UUID room, long seq) {}

    private final Database db;
    private final ChatStore store;
    private final LiveRooms live;
    private final Hints hints;
    private final Presence presence;
    private final Rooms rooms;
    private final Mentions mentions;
    private final RoomWriters writers;
    private final Rounds rounds;
    private final ChatConfig config;

    public Chat(
            Database db,
            Bus bus,
            Ids ids,
            InstantSource time,
            RandomGenerator random,
            ChatConfig config,
            KnownPeople people) {
        this(
                db,
                new Parts(new SendingStore(), LiveRooms::new),
                bus,
                ids,
                time,
                random,
                config,
                people);
    }

    /** Where a test plants faults. */
    record Parts(SendingStore sending, MakeLive live) {}

    @FunctionalInterface
    interface MakeLive {
        LiveRooms make(Database db, ChatStore store);
    }

    Chat(
            Database db,
            Parts parts,
            Bus bus,
            Ids ids,
            InstantSource time,
            RandomGenerator random,
            ChatConfig config,
            KnownPeople people) {
        this.db = db;
        this.store = new ChatStore();
        this.config = config;
        this.live = parts.live().make(db, store);
        this.hints = new Hints(bus);
        this.presence = new Presence(ids.next(), hints, time);
        this.rooms = new Rooms(store, this::becameMembers, ids, time, random, config, people);
        this.mentions = new Mentions(db, presence, time, config);
        this.writers =
                new RoomWriters(
                        new RoomWriter.Tools(db, parts.sending(), live, mentions, ids, time),
                        config.maxWaiting());
        this.rounds = new Rounds(db, store, live, presence, config, random);
        hints.listen(new Heard(live, presence));
        rounds.start();
        mentions.start();
    }

    /** What any node has stored, by the tail of the outbox: rooms that are live here read it. */
    public void announced(List<MessagesSent> batches) {
        batches.forEach(batch -> live.heard(batch.room(), batch.lastSeq()));
    }

    public ChatConfig config() {
        return config;
    }

    /**
     * Rooms before a place in the order of their creation, newest first: an administrator's
     * organisation's, anybody else's own.
     */
    public List<RoomListed> rooms(Caller caller, Instant beforeAt, UUID beforeId, int limit) {
        Optional<UUID> person =
                caller.may(Scope.CHAT_ADMIN)
                        ? Optional.empty()
                        : Optional.of(caller.person().orElseThrow(PERSON_NEEDED::because));
        return db.read(tx ->
                new RoomListStore()
                        .list(tx, caller.organisation(), person, beforeAt, beforeId, limit));
    }

    /** Opens a room with these members and, if the caller is a person, themself. */
    public Room create(Tx tx, Caller caller, RoomKind kind, String name, Set<UUID> members) {
        return rooms.create(tx, caller, kind, name, members);
    }

    /** Adds members to a room of the caller's; gives how many were not in it. */
    public int add(Tx tx, Caller caller, UUID room, Set<UUID> members) {
        return rooms.add(tx, caller, room, members);
    }

    /** Sends and waits until the message is durable. */
    public Sent send(Caller caller, UUID room, String clientId, String text, List<UUID> mentions) {
        return submit(caller, room, clientId, text, mentions).sent();
    }

    /** Queues a message in its room; those of one thread are numbered in the order of the calls. */
    public Pending submit(
            Caller caller, UUID room, String clientId, String text, List<UUID> mentions) {
        UUID sender = caller.person().orElseThrow(PERSON_NEEDED::because);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > config.maxText().bytes()) {
            throw TEXT_TOO_LONG.because(bytes, config.maxText().bytes());
        }
        Draft draft = new Draft(sender, clientId, text, mentions);
        if (draft.mentions().size() > config.maxMentions()) {
            throw TOO_MANY_MENTIONS.because(draft.mentions().size(), config.maxMentions());
        }
        return writers.submit(caller.organisation(), room, draft);
    }

    /** The room's next messages after a number, ascending; a limit of 0 tells only its position. */
    public History after(Caller caller, UUID room, long after, int limit) {
        return db.read(tx -> {
            Room found = readable(tx, caller, room);
            return new History(found, limit == 0 ? List.of() : store.after(tx, room, after, limit));
        });
    }

    /** The room's last messages before a number, descending. */
    public History before(Caller caller, UUID room, long before, int limit) {
        return db.read(tx -> {
            Room found = readable(tx, caller, room);
            return new History(found, store.before(tx, room, before, limit));
        });
    }

    /** One message, for those who heard of it by its number. */
    public Optional<Message> message(UUID room, long seq) {
        return db.read(tx -> store.after(tx, room, seq - 1, 1)).stream()
                .filter(found -> found.seq() == seq)
                .findFirst();
    }

    private Room readable(Tx tx, Caller caller, UUID id) {
        Room room = ownRoom(tx, caller, id);
        if (!caller.may(Scope.CHAT_ADMIN)) {
            requireMember(tx, id, caller.person().orElseThrow(PERSON_NEEDED::because));
        }
        return room;
    }

    private Room ownRoom(Tx tx, Caller caller, UUID id) {
        return store.room(tx, id)
                .filter(found -> found.organisation().equals(caller.organisation()))
                .orElseThrow(() -> ROOM_UNKNOWN.because(Room.ID.show(id)));
    }

    private void requireMember(Tx tx, UUID room, UUID person) {
        if (!store.members(tx, room, List.of(person)).contains(person)) {
            throw NOT_A_MEMBER.because(Room.ID.show(room));
        }
    }

    /** The person's rooms that a new socket gets: those it asks for, then the newest. */
    public List<Room> recent(Caller caller, Set<UUID> asked) {
        UUID person = caller.person().orElseThrow(PERSON_NEEDED::because);
        int limit = Math.clamp(asked.size(), config.roomsOnConnect(), config.maxRoomsPerSocket());
        return db.read(tx -> store.recentRooms(tx, caller.organisation(), person, asked, limit));
    }

    /** A room for a socket of its member, with what follows a number. */
    public History entry(Caller caller, UUID room, long after, int limit) {
        UUID person = caller.person().orElseThrow(PERSON_NEEDED::because);
        return db.read(tx -> {
            Room found = ownRoom(tx, caller, room);
            requireMember(tx, room, person);
            return new History(found, store.after(tx, room, after, limit));
        });
    }

    /** A room and the number after which somebody has been its member. */
    public record Entry(Room room, long seq) {}

    /** Empty when the caller is no member (any more). */
    public Optional<Entry> sinceJoined(Caller caller, UUID room) {
        UUID person = caller.person().orElseThrow(PERSON_NEEDED::because);
        return db.read(tx -> {
            Optional<Room> found =
                    store.room(tx, room)
                            .filter(one -> one.organisation().equals(caller.organisation()));
            return found.flatMap(
                    one -> store.joinedAt(tx, room, person).map(seq -> new Entry(one, seq)));
        });
    }

    /** The first messages after each position, in order per room, at most {@code limit} in all. */
    public List<Message> missed(List<Position> positions, int limit) {
        return positions.isEmpty()
                ? List.of()
                : db.read(tx -> store.afterEach(tx, positions, limit));
    }

    /** A socket is there: its person is online. False when the person has too many already. */
    public boolean enter(Subscriber subscriber) {
        return presence.enter(subscriber, config.maxSocketsPerPerson());
    }

    /** A socket is gone, after it has left its rooms. */
    public void exit(Subscriber subscriber) {
        presence.leave(subscriber);
    }

    /** Seats a socket: it gets every message after these positions, once and in order. */
    public void join(Subscriber subscriber, List<Position> positions) {
        live.join(subscriber, positions);
    }

    /** Takes a socket out of a room; gives the last number that it was given. */
    public OptionalLong leave(Subscriber subscriber, UUID room) {
        return live.leave(subscriber, room);
    }

    /** Whether the person has a socket on any node, as far as this one knows. */
    public boolean online(UUID person) {
        return presence.online(person);
    }

    /**
     * Whether a socket of the person gave a sign of life after a moment, as far as this one knows.
     */
    boolean aliveSince(UUID person, Instant moment) {
        return presence.aliveSince(person, moment);
    }

    /** How much an organisation has here, and its sockets on this node. */
    public Map<String, Long> figures(UUID organisation) {
        ChatStore.Totals totals = db.read(tx -> store.totals(tx, organisation));
        return Map.of(
                "rooms", totals.rooms(),
                "messages", totals.messages(),
                "sockets", presence.count(organisation));
    }

    /** Forgets a person: tombstones keep their numbers, memberships and sockets end. */
    public void erase(UUID person) {
        Set<UUID> left = db.background().tx(tx -> store.deleteMemberships(tx, person));
        hints.expelled(person);
        left.forEach(room -> hints.removed(room, List.of(person)));
        presence.sockets(person).forEach(Subscriber::expelled);
        while (db.background().tx(tx -> store.eraseSent(tx, person, ERASED_AT_ONCE)) > 0) {}
        db.background().run(tx -> store.eraseMentions(tx, person));
        mentions.forget(person);
    }

    /** For tests, which decide by a clock of their own. */
    Mentions mentions() {
        return mentions;
    }

    private void becameMembers(UUID room, Set<UUID> persons) {
        persons.forEach(person -> presence.sockets(person).forEach(one -> one.added(room)));
        hints.added(room, persons);
    }

    @Override
    public void close() {
        rounds.close();
        mentions.close();
        hints.close();
    }
}
