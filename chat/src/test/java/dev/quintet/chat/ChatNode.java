package dev.quintet.chat;

import dev.quintet.chat.centrifugo.CentrifugoSockets;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.PostgresBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.events.Outbox;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A chat node as a process of its own, to be killed: prints its port, serves until it dies. The
 * token {@code token-<uuid>} is that person's.
 */
final class ChatNode {

    private ChatNode() {}

    public static void main(String[] arguments) {
        DatabaseUrl url = new DatabaseUrl(arguments[1], arguments[2], arguments[3]);
        Ids ids = new Ids(InstantSource.system(), new SecureRandom());
        Outbox outbox = new Outbox(ids);
        Database db = Database.open(url, Database.Limits.DEFAULT, outbox);
        Chat chat =
                new Chat(
                        db,
                        new LossyBus(
                                new PostgresBus(url, ids.next()), Long.parseLong(arguments[0])),
                        ids,
                        InstantSource.system(),
                        new SecureRandom(),
                        Stage.settings(),
                        (tx, organisation, persons) -> Set.copyOf(persons));
        var _ = Stage.tail(db, outbox, chat);
        CentrifugoSockets sockets =
                new CentrifugoSockets(
                        chat,
                        db,
                        ChatNode::person,
                        live -> live,
                        Limiter.NONE,
                        InstantSource.system());
        System.out.println("port " + TestWeb.of(ChatNode::person, sockets.routes()).port());
    }

    private static Optional<Caller> person(String token) {
        UUID id = UUID.fromString(token.substring("token-".length()));
        return Optional.of(
                new Caller(
                        "session:" + id,
                        Caller.ROOT,
                        Optional.of(id),
                        Set.of(Scope.CHAT_READ, Scope.CHAT_WRITE)));
    }
}
