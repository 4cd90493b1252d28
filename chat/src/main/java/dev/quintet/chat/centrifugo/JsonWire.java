package dev.quintet.chat.centrifugo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** The protocol's JSON form: commands and replies as objects, one a line. */
final class JsonWire implements Wire {

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(32)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();
    // Half a surrogate pair would become a question mark on its way through UTF-8, and be taken.
    private static final ObjectWriter ASCII = JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    @Override
    public boolean text() {
        return true;
    }

    @Override
    public List<Command> read(byte[] frame) throws Malformed {
        List<Command> commands = new ArrayList<>();
        for (String line : new String(frame, UTF_8).split("\n", -1)) {
            if (!line.isBlank()) {
                commands.add(command(tree(line)));
            }
        }
        if (commands.isEmpty()) {
            throw new Malformed("an empty frame");
        }
        return commands;
    }

    private static JsonNode tree(String line) throws Malformed {
        try {
            JsonNode tree = JSON.readTree(line);
            if (tree.isObject()) {
                return tree;
            }
        } catch (JacksonException broken) {
            var at = broken.getLocation();
            throw new Malformed(
                    at == null
                            ? "not JSON that is read here"
                            : "not JSON at column " + at.getColumnNr() + " of a line");
        }
        throw new Malformed("a command is a JSON object");
    }

    private static Command command(JsonNode command) throws Malformed {
        long id = Wire.id(number(command, "id"));
        if (command.isEmpty()) {
            return new Command.Pong(0);
        }
        for (Map.Entry<String, JsonNode> call : command.properties()) {
            if (call.getKey().equals("id")) {
                continue;
            }
            if (!call.getValue().isObject()) {
                throw new Malformed("'" + call.getKey() + "' is not an object");
            }
            return call(id, call.getKey(), call.getValue());
        }
        throw new Malformed("a command without a method");
    }

    private static Command call(long id, String method, JsonNode body) throws Malformed {
        return switch (method) {
            case "connect" -> new Command.Connect(id, string(body, "token"), known(body));
            case "subscribe" -> new Command.Subscribe(id, string(body, "channel"), recovery(body));
            case "unsubscribe" -> new Command.Unsubscribe(id, string(body, "channel"));
            case "publish" -> new Command.Publish(id, string(body, "channel"));
            case "presence" -> new Command.Presence(id, string(body, "channel"));
            case "presence_stats" -> new Command.PresenceStats(id, string(body, "channel"));
            case "history" -> history(id, body);
            case "ping" -> new Command.Ping(id);
            case "send" -> new Command.Send(id);
            case "rpc" -> new Command.Rpc(id, string(body, "method"), data(body));
            case "refresh" -> new Command.Refresh(id, string(body, "token"));
            case "sub_refresh" -> new Command.SubRefresh(id, string(body, "channel"));
            default -> throw new Malformed("unknown command '" + method + "'");
        };
    }

    private static Map<String, Optional<Command.Position>> known(JsonNode connect)
            throws Malformed {
        Map<String, Optional<Command.Position>> known = new LinkedHashMap<>();
        JsonNode subs = connect.path("subs");
        if (!subs.isObject() && !subs.isMissingNode() && !subs.isNull()) {
            throw new Malformed("'subs' is not an object");
        }
        for (Map.Entry<String, JsonNode> sub : subs.properties()) {
            known.put(whole(sub.getKey()), recovery(sub.getValue()));
        }
        return known;
    }

    private static Optional<Command.Position> recovery(JsonNode body) throws Malformed {
        return body.path("recover").asBoolean(false)
                ? Optional.of(position(body))
                : Optional.empty();
    }

    private static Command history(long id, JsonNode body) throws Malformed {
        JsonNode since = body.path("since");
        return new Command.History(
                id,
                string(body, "channel"),
                (int) number(body, "limit"),
                since.isObject() ? Optional.of(position(since)) : Optional.empty(),
                body.path("reverse").asBoolean(false));
    }

    private static Command.Position position(JsonNode body) throws Malformed {
        return new Command.Position(number(body, "offset"), string(body, "epoch"));
    }

    private static String data(JsonNode body) {
        JsonNode data = body.path("data");
        return data.isMissingNode() ? "" : ASCII.writeValueAsString(data);
    }

    private static String string(JsonNode body, String name) throws Malformed {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isString()) {
            throw new Malformed("'" + name + "' is not a string");
        }
        return whole(value.stringValue());
    }

    /** What an answer may name again: half a surrogate pair cannot be written (RFC 3629). */
    private static String whole(String text) throws Malformed {
        if (!UTF_8.newEncoder().canEncode(text)) {
            throw new Malformed("a string holds half of a surrogate pair");
        }
        return text;
    }

    private static long number(JsonNode body, String name) throws Malformed {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.canConvertToLong() || !value.isIntegralNumber()) {
            throw new Malformed("'" + name + "' is not a whole number");
        }
        return value.longValue();
    }

    @Override
    public byte[] write(Reply reply) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            write(json, reply);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, Reply reply) {
        switch (reply) {
            case Reply.Failed(long id, ProtocolError error) -> {
                answer(json, id, "error");
                json.writeNumberProperty("code", error.code());
                json.writeStringProperty("message", error.message());
                if (error.temporary()) {
                    json.writeBooleanProperty("temporary", true);
                }
                json.writeEndObject();
            }
            case Reply.Connected connected -> connected(json, connected);
            case Reply.Subscribed(long id, Reply.Subscription subscription) -> {
                answer(json, id, "subscribe");
                subscription(json, subscription);
                json.writeEndObject();
            }
            case Reply.Unsubscribed(long id) -> {
                answer(json, id, "unsubscribe");
                json.writeEndObject();
            }
            case Reply.History(long id, var publications, long offset, String epoch) -> {
                answer(json, id, "history");
                publications(json, publications);
                json.writeStringProperty("epoch", epoch);
                json.writeNumberProperty("offset", offset);
                json.writeEndObject();
            }
            case Reply.Pinged(long id) -> {
                answer(json, id, "ping");
                json.writeEndObject();
            }
            case Reply.RpcDone(long id, String data) -> {
                answer(json, id, "rpc");
                raw(json, data);
                json.writeEndObject();
            }
            case Reply.Refreshed(long id, String client, Reply.Expiry expiry) -> {
                answer(json, id, "refresh");
                json.writeStringProperty("client", client);
                expiry(json, expiry);
                json.writeEndObject();
            }
            case Reply.Ping() -> {}
            case Reply.Published(String channel, Reply.Publication publication) -> {
                push(json, channel, "pub");
                publication(json, publication);
                endPush(json);
            }
            case Reply.Joined(String channel, String epoch, long offset) -> {
                push(json, channel, "subscribe");
                json.writeBooleanProperty("recoverable", true);
                json.writeStringProperty("epoch", epoch);
                json.writeNumberProperty("offset", offset);
                json.writeBooleanProperty("positioned", true);
                endPush(json);
            }
            case Reply.Left(String channel, int code, String reason) -> {
                push(json, channel, "unsubscribe");
                json.writeNumberProperty("code", code);
                json.writeStringProperty("reason", reason);
                endPush(json);
            }
        }
    }

    private static void answer(JsonGenerator json, long id, String kind) {
        json.writeNumberProperty("id", id);
        json.writeObjectPropertyStart(kind);
    }

    private static void push(JsonGenerator json, String channel, String kind) {
        json.writeObjectPropertyStart("push");
        json.writeStringProperty("channel", channel);
        json.writeObjectPropertyStart(kind);
    }

    private static void endPush(JsonGenerator json) {
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void connected(JsonGenerator json, Reply.Connected connected) {
        answer(json, connected.id(), "connect");
        json.writeStringProperty("client", connected.client());
        json.writeStringProperty("version", CentrifugoSockets.VERSION);
        expiry(json, connected.expiry());
        json.writeObjectPropertyStart("subs");
        connected
                .subscriptions()
                .forEach((channel, subscription) -> {
                    json.writeObjectPropertyStart(channel);
                    subscription(json, subscription);
                    json.writeEndObject();
                });
        json.writeEndObject();
        json.writeNumberProperty("ping", connected.pingSeconds());
        json.writeBooleanProperty("pong", true);
        json.writeEndObject();
    }

    private static void expiry(JsonGenerator json, Reply.Expiry expiry) {
        if (expiry.seconds() > 0) {
            json.writeBooleanProperty("expires", true);
            json.writeNumberProperty("ttl", expiry.seconds());
        }
    }

    private static void subscription(JsonGenerator json, Reply.Subscription subscription) {
        json.writeBooleanProperty("recoverable", true);
        json.writeStringProperty("epoch", subscription.epoch());
        publications(json, subscription.publications());
        json.writeBooleanProperty("recovered", subscription.recovered());
        json.writeNumberProperty("offset", subscription.offset());
        json.writeBooleanProperty("positioned", true);
        json.writeBooleanProperty("was_recovering", subscription.wasRecovering());
    }

    private static void publications(JsonGenerator json, List<Reply.Publication> publications) {
        json.writeArrayPropertyStart("publications");
        for (Reply.Publication publication : publications) {
            json.writeStartObject();
            publication(json, publication);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void publication(JsonGenerator json, Reply.Publication publication) {
        raw(json, publication.data());
        json.writeNumberProperty("offset", publication.offset());
    }

    private static void raw(JsonGenerator json, String data) {
        json.writeName("data");
        json.writeRawValue(data);
    }
}
