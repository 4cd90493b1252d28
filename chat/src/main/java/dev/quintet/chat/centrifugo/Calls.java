package dev.quintet.chat.centrifugo;

import dev.quintet.chat.Chat;
import dev.quintet.chat.Message;
import dev.quintet.chat.Pending;
import dev.quintet.chat.Room;
import dev.quintet.chat.RoomKind;
import dev.quintet.chat.Sent;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.sql.Database;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** The {@code rpc} methods: {@code room.create}, {@code room.add}, {@code message.send}. */
final class Calls {

    private record NewRoom(RoomKind kind, Optional<String> name, List<String> members) {}

    private record NewMembers(String room, List<String> members) {}

    private record NewMessage(
            String room, String clientId, String text, Optional<List<String>> mentions) {}

    private record RoomCreated(String id) {}

    private record MembersAdded(int added) {}

    private record MessageSent(long seq, String id) {}

    private final Chat chat;
    private final Database db;

    Calls(Chat chat, Database db) {
        this.chat = chat;
        this.db = db;
    }

    /**
     * Begins a call on the caller's thread, which fixes its order; what comes back waits for the
     * result. Empty when there is no such method.
     */
    Optional<Supplier<String>> begin(Caller caller, String method, String data) {
        return switch (method) {
            case "message.send" -> Optional.of(send(allowed(caller), read(data, NewMessage.class)));
            case "room.create" -> Optional.of(done(create(allowed(caller), data)));
            case "room.add" -> Optional.of(done(add(allowed(caller), data)));
            default -> Optional.empty();
        };
    }

    private static Caller allowed(Caller caller) {
        if (!caller.may(Scope.CHAT_WRITE)) {
            throw HttpRefusal.MISSING_SCOPE.because(Scope.CHAT_WRITE.wire());
        }
        return caller;
    }

    private static <T> T read(String data, Class<T> type) {
        return Json.read(data.getBytes(StandardCharsets.UTF_8), type);
    }

    private static Supplier<String> done(Object result) {
        String json = write(result);
        return () -> json;
    }

    private static String write(Object result) {
        return new String(Json.write(result), StandardCharsets.UTF_8);
    }

    private Supplier<String> send(Caller caller, NewMessage call) {
        Pending pending =
                chat.submit(
                        caller,
                        Room.ID.parse(call.room()),
                        call.clientId(),
                        call.text(),
                        List.copyOf(persons(call.mentions().orElse(List.of()))));
        return () -> {
            Sent sent = pending.sent();
            return write(new MessageSent(sent.seq(), Message.ID.show(sent.id())));
        };
    }

    private RoomCreated create(Caller caller, String data) {
        NewRoom call = read(data, NewRoom.class);
        Set<UUID> members = persons(call.members());
        Room room =
                db.tx(tx -> chat.create(tx, caller, call.kind(), call.name().orElse(""), members));
        return new RoomCreated(Room.ID.show(room.id()));
    }

    private MembersAdded add(Caller caller, String data) {
        NewMembers call = read(data, NewMembers.class);
        UUID room = Room.ID.parse(call.room());
        Set<UUID> members = persons(call.members());
        return new MembersAdded(db.tx(tx -> chat.add(tx, caller, room, members)));
    }

    private static Set<UUID> persons(List<String> shown) {
        Set<UUID> ids = new LinkedHashSet<>();
        shown.forEach(one -> ids.add(IdKind.PERSON.parse(one)));
        return ids;
    }

    /** A refusal as the error of a reply; its stable code leads the sentence. */
    static ProtocolError error(Refused refused) {
        String message = refused.refusal().name() + ": " + refused.detail();
        return switch (refused.refusal().status()) {
            case 403 -> ProtocolError.permissionDenied(message);
            case 404 -> new ProtocolError(102, message, false);
            case 409 -> ProtocolError.limitExceeded(message);
            case 429, 503, 504 -> ProtocolError.tooManyRequests(message);
            default -> ProtocolError.badRequest(message);
        };
    }
}
