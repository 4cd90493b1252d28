package dev.quintet.chat.http;

import dev.quintet.chat.Chat;
import dev.quintet.chat.ChatRefusal;
import dev.quintet.chat.Message;
import dev.quintet.chat.Room;
import dev.quintet.chat.RoomKind;
import dev.quintet.chat.RoomListed;
import dev.quintet.chat.Sent;
import dev.quintet.chat.ShownMessage;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Cursor;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.SqlRefusal;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Rooms, members and messages over REST. */
public final class ChatRoutes {

    private static final int MOST = 200;

    record NewRoom(RoomKind kind, Optional<String> name, List<String> members) {}

    record RoomCreated(String id) {}

    record NewMembers(List<String> members) {}

    record MembersAdded(int added) {}

    record NewMessage(Optional<String> clientId, String text, Optional<List<String>> mentions) {}

    record MessageSent(long seq, String id) {}

    /**
     * @param next the number to go on after; absent at the end
     */
    record MessagePage(List<ShownMessage> items, Optional<String> next) {}

    private final Chat chat;
    private final Ids ids;
    private final Idempotency idempotency;

    public ChatRoutes(Chat chat, Ids ids, Idempotency idempotency) {
        this.chat = chat;
        this.ids = ids;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "chat",
                Route.post("/api/v1/chat/rooms")
                        .scope(Scope.CHAT_WRITE)
                        .says("Opens a room; two people always get the same direct room.")
                        .takes(NewRoom.class)
                        .gives(201, RoomCreated.class)
                        .refuses(
                                ChatRefusal.BAD_ROOM_NAME,
                                ChatRefusal.CHANNEL_NEEDS_ADMIN,
                                ChatRefusal.DIRECT_NEEDS_TWO,
                                ChatRefusal.PERSON_NEEDED,
                                ChatRefusal.PERSON_UNKNOWN,
                                ChatRefusal.ROOM_FULL,
                                ChatRefusal.TOO_MANY_MEMBERS_AT_ONCE)
                        .refuses(SqlRefusal.IDEMPOTENCY_KEY_REUSED)
                        .by(this::create),
                Route.get("/api/v1/chat/rooms")
                        .scope(Scope.CHAT_READ)
                        .says(
                                "One's own rooms, or all of the organisation for chat:admin; newest first.")
                        .query("limit", "1 to 200, 50 when left out")
                        .query("after", "'next' of the page before")
                        .gives(200, RoomPage.class)
                        .refuses(ChatRefusal.PERSON_NEEDED, ChatRefusal.BAD_CURSOR)
                        .by(this::list),
                Route.post("/api/v1/chat/rooms/{id}/members")
                        .scope(Scope.CHAT_WRITE)
                        .says("Adds members to a room of one's own.")
                        .takes(NewMembers.class)
                        .gives(200, MembersAdded.class)
                        .refuses(
                                ChatRefusal.DIRECT_IS_FIXED,
                                ChatRefusal.NOT_A_MEMBER,
                                ChatRefusal.PERSON_NEEDED,
                                ChatRefusal.PERSON_UNKNOWN,
                                ChatRefusal.ROOM_FULL,
                                ChatRefusal.ROOM_UNKNOWN,
                                ChatRefusal.TOO_MANY_MEMBERS_AT_ONCE)
                        .refuses(SqlRefusal.IDEMPOTENCY_KEY_REUSED)
                        .by(this::add),
                Route.post("/api/v1/chat/rooms/{id}/messages")
                        .scope(Scope.CHAT_WRITE)
                        .says("Sends a message; the Idempotency-Key is its clientId.")
                        .takes(NewMessage.class)
                        .gives(201, MessageSent.class)
                        .refuses(
                                ChatRefusal.BAD_CLIENT_ID,
                                ChatRefusal.CLIENT_ID_REUSED,
                                ChatRefusal.CLIENT_ID_TWICE,
                                ChatRefusal.EMPTY_TEXT,
                                ChatRefusal.MENTION_NOT_A_MEMBER,
                                ChatRefusal.NOT_A_MEMBER,
                                ChatRefusal.PERSON_NEEDED,
                                ChatRefusal.ROOM_BUSY,
                                ChatRefusal.ROOM_UNKNOWN,
                                ChatRefusal.TEXT_TOO_LONG,
                                ChatRefusal.TOO_MANY_MENTIONS)
                        .by(this::send),
                Route.get("/api/v1/chat/rooms/{id}/messages")
                        .scope(Scope.CHAT_READ)
                        .says("The messages after a number, ascending.")
                        .query("after", "the number itself; 0 is from the beginning")
                        .query("limit", "1 to 200, 50 unless said")
                        .gives(200, MessagePage.class)
                        .refuses(
                                ChatRefusal.NOT_A_MEMBER,
                                ChatRefusal.PERSON_NEEDED,
                                ChatRefusal.ROOM_UNKNOWN)
                        .by(this::history));
    }

    record ListedRoom(
            String id, String kind, String name, int memberCount, long lastSeq, Instant createdAt) {

        static ListedRoom of(RoomListed room) {
            return new ListedRoom(
                    Room.ID.show(room.id()),
                    room.kind().wire(),
                    room.name(),
                    room.memberCount(),
                    room.lastSeq(),
                    room.createdAt());
        }
    }

    record RoomPage(List<ListedRoom> items, Optional<String> next) {}

    private Response list(Request request) {
        int limit = request.query("limit", 1, MOST, 50);
        Cursor before = Cursor.after(request, ChatRefusal.BAD_CURSOR);
        List<RoomListed> rooms = chat.rooms(request.caller(), before.at(), before.id(), limit);
        Optional<String> next =
                rooms.size() < limit
                        ? Optional.empty()
                        : Optional.of(
                                new Cursor(rooms.getLast().createdAt(), rooms.getLast().id())
                                        .toString());
        return Response.json(new RoomPage(rooms.stream().map(ListedRoom::of).toList(), next));
    }

    private Response create(Request request) {
        NewRoom body = request.json(NewRoom.class);
        Set<UUID> members = persons(body.members());
        return idempotency.answer(
                request,
                201,
                tx -> {
                    Room room =
                            chat.create(
                                    tx,
                                    request.caller(),
                                    body.kind(),
                                    body.name().orElse(""),
                                    members);
                    return new RoomCreated(Room.ID.show(room.id()));
                });
    }

    private Response add(Request request) {
        UUID room = request.path("id", Room.ID);
        Set<UUID> members = persons(request.json(NewMembers.class).members());
        return idempotency.answer(
                request,
                200,
                tx -> new MembersAdded(chat.add(tx, request.caller(), room, members)));
    }

    private Response send(Request request) {
        UUID room = request.path("id", Room.ID);
        NewMessage body = request.json(NewMessage.class);
        List<UUID> mentions = List.copyOf(persons(body.mentions().orElse(List.of())));
        Sent sent =
                chat.send(request.caller(), room, clientId(request, body), body.text(), mentions);
        return Response.created(new MessageSent(sent.seq(), Message.ID.show(sent.id())));
    }

    private String clientId(Request request, NewMessage body) {
        Optional<String> key = request.idempotencyKey();
        if (key.isPresent() && body.clientId().isPresent() && !key.equals(body.clientId())) {
            throw ChatRefusal.CLIENT_ID_TWICE.because();
        }
        return key.or(body::clientId).orElseGet(() -> ids.next().toString());
    }

    private Response history(Request request) {
        UUID room = request.path("id", Room.ID);
        int limit = request.query("limit", 1, MOST, 50);
        int after = request.query("after", 0, Integer.MAX_VALUE, 0);
        Chat.History history = chat.after(request.caller(), room, after, limit);
        List<Message> messages = history.messages();
        boolean more = !messages.isEmpty() && messages.getLast().seq() < history.room().lastSeq();
        return Response.json(
                new MessagePage(
                        messages.stream().map(ShownMessage::of).toList(),
                        more
                                ? Optional.of(Long.toString(messages.getLast().seq()))
                                : Optional.empty()));
    }

    private static Set<UUID> persons(List<String> shown) {
        Set<UUID> persons = new LinkedHashSet<>();
        shown.forEach(one -> persons.add(IdKind.PERSON.parse(one)));
        return persons;
    }
}
