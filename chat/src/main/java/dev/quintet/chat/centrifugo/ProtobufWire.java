package dev.quintet.chat.centrifugo;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The protocol's Protobuf form: length-delimited messages; field numbers are those of {@code
 * client.proto} of centrifugal/protocol. Unknown fields are skipped, as Protobuf wants.
 */
final class ProtobufWire implements Wire {

    @Override
    public boolean text() {
        return false;
    }

    @Override
    public List<Command> read(byte[] frame) throws Malformed {
        ProtobufReader stream = new ProtobufReader(ByteBuffer.wrap(frame));
        List<Command> commands = new ArrayList<>();
        while (!stream.empty()) {
            commands.add(command(stream.delimited()));
        }
        if (commands.isEmpty()) {
            throw new Malformed("an empty frame");
        }
        return commands;
    }

    private static Command command(ProtobufReader in) throws Malformed {
        if (in.empty()) {
            return new Command.Pong(0);
        }
        long id = 0;
        int method = 0;
        ProtobufReader body = in;
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 1) {
                id = Wire.id(in.number());
            } else if (field >= 4 && field <= 15 && method == 0) {
                method = field;
                body = in.message();
            } else {
                in.skip();
            }
        }
        return call(id, method, body);
    }

    private static Command call(long id, int method, ProtobufReader body) throws Malformed {
        return switch (method) {
            case 4 -> connect(id, body);
            case 5 -> subscribe(id, body);
            case 6 -> new Command.Unsubscribe(id, text(body, 1));
            case 7 -> new Command.Publish(id, text(body, 1));
            case 8 -> new Command.Presence(id, text(body, 1));
            case 9 -> new Command.PresenceStats(id, text(body, 1));
            case 10 -> history(id, body);
            case 11 -> new Command.Ping(id);
            case 12 -> new Command.Send(id);
            case 13 -> rpc(id, body);
            case 14 -> new Command.Refresh(id, text(body, 1));
            case 15 -> new Command.SubRefresh(id, text(body, 1));
            default -> throw new Malformed("unknown command");
        };
    }

    private static String text(ProtobufReader in, int wanted) throws Malformed {
        String text = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == wanted) {
                text = in.string();
            } else {
                in.skip();
            }
        }
        return text;
    }

    private static Command connect(long id, ProtobufReader in) throws Malformed {
        String token = "";
        Map<String, Optional<Command.Position>> known = new LinkedHashMap<>();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> token = in.string();
                case 3 -> knownEntry(in.message(), known);
                default -> in.skip();
            }
        }
        return new Command.Connect(id, token, known);
    }

    private static void knownEntry(ProtobufReader in, Map<String, Optional<Command.Position>> known)
            throws Malformed {
        String channel = "";
        Optional<Command.Position> since = Optional.empty();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> channel = in.string();
                case 2 -> since = subscribe(0, in.message()).since();
                default -> in.skip();
            }
        }
        known.put(channel, since);
    }

    private static Command.Subscribe subscribe(long id, ProtobufReader in) throws Malformed {
        String channel = "";
        boolean recover = false;
        String epoch = "";
        long offset = 0;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> channel = in.string();
                case 3 -> recover = in.flag();
                case 6 -> epoch = in.string();
                case 7 -> offset = in.number();
                default -> in.skip();
            }
        }
        return new Command.Subscribe(
                id,
                channel,
                recover ? Optional.of(new Command.Position(offset, epoch)) : Optional.empty());
    }

    private static Command history(long id, ProtobufReader in) throws Malformed {
        String channel = "";
        int limit = 0;
        Optional<Command.Position> since = Optional.empty();
        boolean reverse = false;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> channel = in.string();
                case 7 -> limit = (int) in.number();
                case 8 -> since = Optional.of(position(in.message()));
                case 9 -> reverse = in.flag();
                default -> in.skip();
            }
        }
        return new Command.History(id, channel, limit, since, reverse);
    }

    private static Command.Position position(ProtobufReader in) throws Malformed {
        long offset = 0;
        String epoch = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> offset = in.number();
                case 2 -> epoch = in.string();
                default -> in.skip();
            }
        }
        return new Command.Position(offset, epoch);
    }

    private static Command rpc(long id, ProtobufReader in) throws Malformed {
        String data = "";
        String method = "";
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> data = in.string();
                case 2 -> method = in.string();
                default -> in.skip();
            }
        }
        return new Command.Rpc(id, method, data);
    }

    @Override
    public byte[] write(Reply reply) {
        ProtobufWriter out = new ProtobufWriter();
        switch (reply) {
            case Reply.Failed(long id, ProtocolError error) ->
                    out.number(1, id).message(2, body -> error(body, error));
            case Reply.Connected connected ->
                    out.number(1, connected.id()).message(5, body -> connected(body, connected));
            case Reply.Subscribed(long id, Reply.Subscription subscription) ->
                    out.number(1, id).message(6, body -> subscription(body, subscription));
            case Reply.Unsubscribed(long id) -> out.number(1, id).message(7, body -> {});
            case Reply.History(long id, var publications, long offset, String epoch) ->
                    out.number(1, id)
                            .message(
                                    11,
                                    body -> {
                                        publications(body, 1, publications);
                                        body.string(2, epoch).number(3, offset);
                                    });
            case Reply.Pinged(long id) -> out.number(1, id).message(12, body -> {});
            case Reply.RpcDone(long id, String data) ->
                    out.number(1, id).message(13, body -> body.string(1, data));
            case Reply.Refreshed(long id, String client, Reply.Expiry expiry) ->
                    out.number(1, id)
                            .message(
                                    14,
                                    body ->
                                            expiry(
                                                    body.string(1, client)
                                                            .string(2, CentrifugoSockets.VERSION),
                                                    expiry));
            case Reply.Ping() -> {}
            case Reply.Published(String channel, Reply.Publication publication) ->
                    push(out, channel, 4, body -> publication(body, publication));
            case Reply.Joined(String channel, String epoch, long offset) ->
                    push(
                            out,
                            channel,
                            9,
                            body ->
                                    body.flag(1, true)
                                            .string(4, epoch)
                                            .number(5, offset)
                                            .flag(6, true));
            case Reply.Left(String channel, int code, String reason) ->
                    push(out, channel, 7, body -> body.number(2, code).string(3, reason));
        }
        return out.delimited();
    }

    private static void push(
            ProtobufWriter out,
            String channel,
            int kind,
            java.util.function.Consumer<ProtobufWriter> body) {
        out.message(4, push -> push.string(2, channel).message(kind, body));
    }

    private static void error(ProtobufWriter body, ProtocolError error) {
        body.number(1, error.code()).string(2, error.message()).flag(3, error.temporary());
    }

    private static void connected(ProtobufWriter body, Reply.Connected connected) {
        body.string(1, connected.client()).string(2, CentrifugoSockets.VERSION);
        expiry(body, connected.expiry());
        connected
                .subscriptions()
                .forEach((channel, subscription) ->
                        body.message(
                                6,
                                entry ->
                                        entry.string(1, channel)
                                                .message(
                                                        2,
                                                        value ->
                                                                subscription(
                                                                        value, subscription))));
        body.number(7, connected.pingSeconds()).flag(8, true);
    }

    /** {@code expires} and {@code ttl} have the numbers 3 and 4 in both replies that carry them. */
    private static void expiry(ProtobufWriter body, Reply.Expiry expiry) {
        body.flag(3, expiry.seconds() > 0).number(4, expiry.seconds());
    }

    private static void subscription(ProtobufWriter body, Reply.Subscription subscription) {
        body.flag(3, true).string(6, subscription.epoch());
        publications(body, 7, subscription.publications());
        body.flag(8, subscription.recovered())
                .number(9, subscription.offset())
                .flag(10, true)
                .flag(12, subscription.wasRecovering());
    }

    private static void publications(
            ProtobufWriter body, int field, List<Reply.Publication> publications) {
        publications.forEach(one -> body.message(field, inner -> publication(inner, one)));
    }

    private static void publication(ProtobufWriter body, Reply.Publication publication) {
        body.string(4, publication.data()).number(6, publication.offset());
    }
}
