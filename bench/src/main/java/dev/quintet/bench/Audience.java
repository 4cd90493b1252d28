package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Many chat sockets that one thread reads: it counts the messages that reach them. */
final class Audience implements AutoCloseable {

    private static final int WEBSOCKET_PING = 9;
    private static final int CLOSE = 8;

    private final Selector selector;
    private final Thread reader = Thread.ofPlatform().name("audience").unstarted(this::read);
    private final AtomicLong heard = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private volatile boolean done;

    Audience(URI server, String token, int count) {
        this(server, List.of(token), count);
    }

    /** The sockets are dealt out to these people in turn. */
    Audience(URI server, List<String> tokens, int count) {
        try {
            selector = Selector.open();
            for (int at = 0; at < count; at++) {
                open(server, tokens.get(at % tokens.size()));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        reader.start();
        // Each socket's first frame answers its connect command.
        await(count, Duration.ofSeconds(60));
        heard.set(0);
    }

    private void open(URI server, String token) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
        channel.write(ByteBuffer.wrap(ChatSocket.handshake()));
        awaitUpgrade(channel);
        String connect = "{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}";
        channel.write(ByteBuffer.wrap(ChatSocket.frame(connect)));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new Frames());
    }

    // A client sends nothing before it has the answer (RFC 6455 section 4.1).
    private static void awaitUpgrade(SocketChannel channel) throws IOException {
        ByteBuffer next = ByteBuffer.allocate(1);
        for (int ends = 0; ends < 4; ) {
            if (channel.read(next.clear()) < 0) {
                throw new IOException("the server closed the connection");
            }
            byte letter = next.get(0);
            ends = letter == '\r' || letter == '\n' ? ends + 1 : 0;
        }
    }

    /** Messages that came since all were connected, all sockets together. */
    long heard() {
        return heard.get();
    }

    /** Waits until so many came. */
    void await(long count, Duration most) {
        long giveUp = System.nanoTime() + most.toNanos();
        while (heard.get() < count) {
            if (closed.get() > 0 || System.nanoTime() > giveUp) {
                throw new IllegalStateException(
                        "%d of %d messages came; %d sockets were closed"
                                .formatted(heard.get(), count, closed.get()));
            }
            LockSupport.parkNanos(200_000);
        }
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256 * 1024);
        try {
            while (!done) {
                selector.select(
                        key -> {
                            try {
                                take(key, buffer.clear());
                            } catch (IOException cut) {
                                key.cancel();
                                closed.incrementAndGet();
                            }
                        },
                        100);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void take(SelectionKey key, ByteBuffer buffer) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        Frames frames = (Frames) key.attachment();
        if (channel.read(buffer) < 0) {
            throw new IOException("end of stream");
        }
        int before = frames.pings;
        heard.addAndGet(frames.count(buffer.flip()));
        if (frames.pings > before) {
            channel.write(ByteBuffer.wrap(ChatSocket.frame("{}")));
        }
    }

    /** Splits one socket's stream into frames, and looks at nothing but their lengths. */
    private static final class Frames {

        private final ByteBuffer head = ByteBuffer.allocate(10);
        private long left;
        private int pings;

        int count(ByteBuffer bytes) throws IOException {
            int messages = 0;
            while (bytes.hasRemaining()) {
                if (left > 0) {
                    int step = (int) Math.min(left, bytes.remaining());
                    bytes.position(bytes.position() + step);
                    left -= step;
                } else {
                    messages += head(bytes.get());
                }
            }
            return messages;
        }

        private int head(byte next) throws IOException {
            head.put(next);
            int size = head.position();
            if (size < 2) {
                return 0;
            }
            int shortLength = head.get(1) & 0x7f;
            int wanted = shortLength == 127 ? 10 : shortLength == 126 ? 4 : 2;
            if (size < wanted) {
                return 0;
            }
            left =
                    switch (wanted) {
                        case 10 -> head.getLong(2);
                        case 4 -> Short.toUnsignedInt(head.getShort(2));
                        default -> shortLength;
                    };
            int operation = head.get(0) & 0x0f;
            head.clear();
            if (operation == CLOSE) {
                throw new IOException("closed by the server");
            }
            // The protocol's own ping is an empty object.
            if (left <= 3 && operation != WEBSOCKET_PING) {
                pings++;
                return 0;
            }
            return operation == WEBSOCKET_PING ? 0 : 1;
        }
    }

    @Override
    public void close() {
        done = true;
        try {
            reader.join();
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
