package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.http.Json;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** A client of one room that connects again when it is cut, and resumes where it was. */
final class RoomReader {

    private static final long GIVE_UP = 60_000_000_000L;

    private final URI server;
    private final String token;
    private final String channel;
    private final Thread thread = Thread.ofVirtual().name("reader").unstarted(this::read);
    private volatile boolean done;
    private volatile long offset;
    private volatile String wrong = "";
    private volatile boolean connected;
    private String epoch = "";

    RoomReader(URI server, String token, String room) {
        this.server = server;
        this.token = token;
        this.channel = "room:" + room;
        thread.start();
        while (!connected) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** Waits for the room's last number; what went wrong, if anything did. */
    Optional<String> finish(long last) {
        long end = System.nanoTime() + GIVE_UP;
        while (offset < last && wrong.isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
        }
        done = true;
        if (offset < last && wrong.isEmpty()) {
            return Optional.of("stands at " + offset + " of " + last);
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(wrong);
    }

    private void read() {
        while (!done && wrong.isEmpty()) {
            try (Socket socket = new Socket(server.getHost(), server.getPort())) {
                socket.setSoTimeout(40_000);
                listen(socket);
            } catch (IOException cut) {
                LockSupport.parkNanos(200_000_000);
            }
        }
    }

    private void listen(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        socket.getOutputStream().write(ChatSocket.handshake());
        for (int ends = 0; ends < 4; ) {
            int next = in.readUnsignedByte();
            ends = next == '\r' || next == '\n' ? ends + 1 : 0;
        }
        String held =
                epoch.isEmpty()
                        ? ""
                        : ",\"subs\":{\"%s\":{\"recover\":true,\"offset\":%d,\"epoch\":\"%s\"}}"
                                .formatted(channel, offset, epoch);
        String connect = "{\"id\":1,\"connect\":{\"token\":\"" + token + "\"" + held + "}}";
        socket.getOutputStream().write(ChatSocket.frame(connect));
        while (!done) {
            for (String line : ChatSocket.text(in, socket).split("\n", -1)) {
                take(Json.tree(line.getBytes(UTF_8)));
            }
        }
    }

    private void take(JsonNode reply) {
        JsonNode sub = reply.path("connect").path("subs").path(channel);
        if (sub.isObject()) {
            if (!epoch.isEmpty() && !sub.path("recovered").asBoolean(false)) {
                wrong = "not recovered after " + offset;
            }
            if (epoch.isEmpty()) {
                offset = sub.path("offset").asLong(0);
            }
            epoch = sub.path("epoch").asString();
            sub.path("publications").forEach(one -> next(one.path("offset").asLong()));
            connected = true;
        }
        JsonNode push = reply.path("push");
        if (push.path("channel").asString("").equals(channel) && push.has("pub")) {
            next(push.path("pub").path("offset").asLong());
        }
    }

    private void next(long number) {
        if (number != offset + 1) {
            wrong = number + " came after " + offset;
        }
        offset = number;
    }
}
