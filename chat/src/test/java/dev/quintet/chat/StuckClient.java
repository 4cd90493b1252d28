package dev.quintet.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** A client that connects and then never reads again. */
final class StuckClient implements AutoCloseable {

    private final Socket socket;
    private final boolean connected;

    StuckClient(int port, String token) throws IOException {
        socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.getOutputStream()
                .write(
                        """
                        GET /connection/websocket HTTP/1.1\r
                        Host: 127.0.0.1:%d\r
                        Upgrade: websocket\r
                        Connection: Upgrade\r
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                        Sec-WebSocket-Version: 13\r
                        \r
                        """
                                .formatted(port)
                                .getBytes(UTF_8));
        connected = socket.getInputStream().read() == 'H';
        socket.getOutputStream().write(connectFrame(token));
    }

    /** A masked text frame with a mask of zeros (RFC 6455 section 5.3). */
    static byte[] connectFrame(String token) {
        byte[] command = ("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}").getBytes(UTF_8);
        byte[] frame = new byte[6 + command.length];
        frame[0] = (byte) 0x81;
        frame[1] = (byte) (0x80 | command.length);
        System.arraycopy(command, 0, frame, 6, command.length);
        return frame;
    }

    boolean connected() {
        return connected;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
