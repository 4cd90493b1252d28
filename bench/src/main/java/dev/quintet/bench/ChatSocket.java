package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;

/** A client of the Centrifugo protocol (JSON) with one command in flight. One thread at a time. */
final class ChatSocket implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;
    private int lastId;

    ChatSocket(URI server, String token) {
        try {
            socket = new Socket(server.getHost(), server.getPort());
            socket.setTcpNoDelay(true);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 16 * 1024));
            socket.getOutputStream().write(handshake());
            awaitUpgrade();
            ask("\"connect\":{\"token\":\"" + token + "\"}");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    static byte[] handshake() {
        return """
        GET /connection/websocket HTTP/1.1\r
        Host: 127.0.0.1\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r
        """
                .getBytes(UTF_8);
    }

    /** A text frame under a mask of zeros (RFC 6455 section 5.3). */
    static byte[] frame(String text) {
        byte[] payload = text.getBytes(UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(8 + payload.length).put((byte) 0x81);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        frame.putInt(0).put(payload);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** Sends a command and waits for its reply; pushes in between are dropped. */
    String ask(String command) {
        String id = "{\"id\":" + ++lastId + ",";
        try {
            socket.getOutputStream().write(frame(id + command + "}"));
            while (true) {
                for (String line : text().split("\n", -1)) {
                    if (line.startsWith(id)) {
                        return checked(line);
                    }
                }
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static String checked(String reply) {
        if (reply.contains("\"error\":")) {
            throw new IllegalStateException("the server refused: " + reply);
        }
        return reply;
    }

    private String text() throws IOException {
        return text(in, socket);
    }

    /** The next text frame; an empty object, the protocol's ping, is answered too. */
    static String text(DataInputStream in, Socket socket) throws IOException {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        byte[] payload = in.readNBytes(length);
        if ((first & 0x0f) == 8) {
            throw new IOException("the server closed the socket: " + new String(payload, UTF_8));
        }
        String text = new String(payload, UTF_8);
        if (text.equals("{}")) {
            socket.getOutputStream().write(frame("{}"));
        }
        return text;
    }

    private void awaitUpgrade() throws IOException {
        int ends = 0;
        while (ends < 4) {
            int next = in.readUnsignedByte();
            ends = next == '\r' || next == '\n' ? ends + 1 : 0;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
