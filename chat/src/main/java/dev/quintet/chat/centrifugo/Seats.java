package dev.quintet.chat.centrifugo;

import dev.quintet.chat.Chat;
import dev.quintet.chat.Message;
import dev.quintet.chat.Room;
import dev.quintet.platform.caller.Caller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rooms of one socket. A seat is taken (its subscription goes into the reply) before it is
 * joined (pushes begin), so that no push overtakes the reply. Used in the session's turn; only
 * {@link #forget} comes from outside.
 */
final class Seats {

    private static final String PREFIX = "room:";
    private static final int MOST_RECOVERED = 500;

    /**
     * @param own whether the client subscribed by itself; else the server did
     * @param seen the number up to which the client has been told
     */
    private record Seat(boolean own, boolean joined, long seen) {}

    /** What the reply to a subscribe says. */
    record Taken(Reply.Subscription subscription) {}

    private final Chat chat;
    private final Session session;
    private final Map<UUID, Seat> seats = new ConcurrentHashMap<>();

    // What the client gave up stays so: who has just become a member is looked up again and again.
    private final Set<UUID> unsubscribed = new HashSet<>();

    Seats(Chat chat, Session session) {
        this.chat = chat;
        this.session = session;
    }

    /** The room that a channel names. */
    static Optional<UUID> room(String channel) {
        return channel.startsWith(PREFIX)
                ? Room.ID.read(channel.substring(PREFIX.length()))
                : Optional.empty();
    }

    int count() {
        return seats.size();
    }

    /** Whether the client itself is subscribed; it may take over what the server did for it. */
    boolean subscribed(UUID room) {
        Seat seat = seats.get(room);
        return seat != null && seat.own();
    }

    /** Takes the person's newest rooms and those that the client had, recovering where it can. */
    Map<String, Reply.Subscription> takeAll(
            Caller caller, Map<String, Optional<Command.Position>> known) {
        Map<UUID, Command.Position> held = new HashMap<>();
        Set<UUID> wanted = new HashSet<>();
        known.forEach((channel, position) ->
                room(channel)
                        .ifPresent(room -> {
                            wanted.add(room);
                            position.ifPresent(at -> held.put(room, at));
                        }));
        List<Room> rooms = chat.recent(caller, wanted);
        List<Chat.Position> behind = new ArrayList<>();
        for (Room room : rooms) {
            Command.Position at = held.get(room.id());
            if (at != null && valid(at, room) && at.offset() < room.lastSeq()) {
                behind.add(new Chat.Position(room.id(), at.offset()));
            }
        }
        Map<UUID, List<Message>> missed = new HashMap<>();
        for (Message message : chat.missed(behind, MOST_RECOVERED)) {
            missed.computeIfAbsent(message.room(), id -> new ArrayList<>()).add(message);
        }
        Map<String, Reply.Subscription> taken = new LinkedHashMap<>();
        for (Room room : rooms) {
            Optional<Command.Position> at = Optional.ofNullable(held.get(room.id()));
            List<Message> messages = missed.getOrDefault(room.id(), List.of());
            taken.put(room.channel(), take(room, false, at, messages, OptionalLong.empty()));
        }
        return taken;
    }

    /** Takes one room for the client's own subscription. */
    Taken take(Caller caller, UUID id, Optional<Command.Position> since) {
        OptionalLong told = leave(id);
        long after = since.map(Command.Position::offset).orElse(Long.MAX_VALUE);
        Chat.History history = chat.entry(caller, id, after, MOST_RECOVERED);
        Room room = history.room();
        List<Message> messages =
                since.filter(at -> valid(at, room)).isPresent() ? history.messages() : List.of();
        return new Taken(take(room, true, since, messages, told));
    }

    /**
     * @param told up to which number the server's subscription has pushed; one without a position
     *     of its own goes on from there
     */
    private Reply.Subscription take(
            Room room,
            boolean own,
            Optional<Command.Position> since,
            List<Message> messages,
            OptionalLong told) {
        boolean recovered = since.filter(at -> valid(at, room)).isPresent();
        long seen = told.orElse(room.lastSeq());
        long offset = seen;
        if (recovered) {
            // The client moves on with each publication that it delivers: one that leaves in
            // between
            // comes back to where it was, not behind what it never saw.
            offset = since.get().offset();
            seen = messages.isEmpty() ? offset : messages.getLast().seq();
        }
        seats.put(room.id(), new Seat(own, false, seen));
        unsubscribed.remove(room.id());
        return new Reply.Subscription(
                room.epoch(),
                offset,
                since.isPresent(),
                recovered,
                HistoryCall.publications(messages));
    }

    private static boolean valid(Command.Position at, Room room) {
        return (at.epoch().isEmpty() || at.epoch().equals(room.epoch()))
                && at.offset() >= 0
                && at.offset() <= room.lastSeq();
    }

    /** Begins the pushes of a room that was taken. */
    void join(UUID room) {
        joinThose(List.of(room));
    }

    /** Begins the pushes of all that were taken and not yet joined. */
    void joinAll() {
        joinThose(List.copyOf(seats.keySet()));
    }

    private void joinThose(List<UUID> rooms) {
        List<Chat.Position> positions = new ArrayList<>();
        for (UUID room : rooms) {
            Seat seat = seats.get(room);
            if (seat != null && !seat.joined()) {
                positions.add(new Chat.Position(room, seat.seen()));
                seats.replace(room, seat, new Seat(seat.own(), true, seat.seen()));
            }
        }
        chat.join(session, positions);
    }

    /** Became a member while connected: the server subscribes the client, and says so. */
    void added(Caller caller, UUID id) {
        if (seats.containsKey(id)
                || unsubscribed.contains(id)
                || seats.size() >= chat.config().maxRoomsPerSocket()) {
            return;
        }
        chat.sinceJoined(caller, id)
                .ifPresent(entry -> {
                    seats.put(id, new Seat(false, false, entry.seq()));
                    session.send(
                            new Reply.Joined(
                                    entry.room().channel(), entry.room().epoch(), entry.seq()));
                    join(id);
                });
    }

    /** The client gives up its seat. */
    void unsubscribe(UUID room) {
        leave(room);
        if (unsubscribed.size() < chat.config().maxRoomsPerSocket()) {
            unsubscribed.add(room);
        }
    }

    /** Gives up a seat; tells the last number that was pushed, where pushes had begun. */
    private OptionalLong leave(UUID room) {
        Seat seat = seats.remove(room);
        if (seat == null) {
            return OptionalLong.empty();
        }
        OptionalLong pushed = chat.leave(session, room);
        return pushed.isPresent() ? pushed : OptionalLong.of(seat.seen());
    }

    void leaveAll() {
        List.copyOf(seats.keySet()).forEach(this::leave);
    }

    /** The room has put this socket out. */
    boolean forget(UUID room) {
        return seats.remove(room) != null;
    }
}
