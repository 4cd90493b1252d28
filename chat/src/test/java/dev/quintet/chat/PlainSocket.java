package dev.quintet.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.Await;
import dev.quintet.platform.http.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The JDK's WebSocket and JSON written by hand: no library of the protocol. */
final class PlainSocket implements WebSocket.Listener, AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    final List<JsonNode> replies = new CopyOnWriteArrayList<>();
    volatile int closedWith;
    volatile String closedBecause = "";
    private final StringBuilder parts = new StringBuilder();
    private final WebSocket socket;

    PlainSocket(String address) {
        socket = HTTP.newWebSocketBuilder().buildAsync(URI.create(address), this).join();
    }

    PlainSocket connect(String token) {
        send("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");
        Await.until("connected", () -> !replies.isEmpty() || closedWith != 0);
        return this;
    }

    void send(String frame) {
        socket.sendText(frame, true).join();
    }

    /** Sends one command and waits for the reply with its id. */
    JsonNode ask(int id, String command) {
        send("{\"id\":" + id + "," + command + "}");
        return reply(id);
    }

    JsonNode reply(int id) {
        Await.until("a reply to " + id, () -> replies.stream().anyMatch(one -> is(one, id)));
        return replies.stream().filter(one -> is(one, id)).findFirst().orElseThrow();
    }

    List<JsonNode> pushes(String kind) {
        return replies.stream().map(one -> one.path("push")).filter(p -> p.has(kind)).toList();
    }

    int code() {
        Await.until("the socket is closed", () -> closedWith != 0);
        return closedWith;
    }

    private static boolean is(JsonNode reply, int id) {
        return reply.path("id").asInt(0) == id;
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket same, CharSequence text, boolean last) {
        parts.append(text);
        if (last) {
            for (String line : parts.toString().split("\n", -1)) {
                JsonNode reply = Json.tree(line.getBytes(UTF_8));
                if (reply.isEmpty()) {
                    var _ = same.sendText("{}", true);
                } else {
                    replies.add(reply);
                }
            }
            parts.setLength(0);
        }
        same.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket same, int code, String reason) {
        closedBecause = reason;
        closedWith = code;
        return null;
    }

    @Override
    public void close() {
        socket.abort();
    }
}
