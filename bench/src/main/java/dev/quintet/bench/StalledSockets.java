package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Chat sockets that connect and never read again. */
final class StalledSockets implements AutoCloseable {

    private final List<SocketChannel> sockets = new ArrayList<>();

    StalledSockets(URI server, List<String> tokens, int count) {
        try {
            for (int at = 0; at < count; at++) {
                SocketChannel socket = SocketChannel.open();
                sockets.add(socket);
                socket.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
                socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
                socket.write(ByteBuffer.wrap(ChatSocket.handshake()));
                // Its answer's first byte: a client sends nothing before.
                socket.read(ByteBuffer.allocate(1));
                String connect =
                        "{\"id\":1,\"connect\":{\"token\":\""
                                + tokens.get(at % tokens.size())
                                + "\"}}";
                socket.write(ByteBuffer.wrap(ChatSocket.frame(connect)));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        try {
            for (SocketChannel socket : sockets) {
                socket.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
