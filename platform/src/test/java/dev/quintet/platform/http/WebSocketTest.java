package dev.quintet.platform.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.DataSize;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** WebSockets as the JDK's client and as bytes on a plain socket see them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketTest {

    private final Room room = new Room();
    private final Semaphore gate = new Semaphore(0);
    private final BlockingQueue<String> gated = new LinkedBlockingQueue<>();
    private TestWeb web;

    @BeforeAll
    void open() {
        web =
                TestWeb.of(
                        Routes.of(
                                "chat",
                                Route.get("/echo")
                                        .open("a test")
                                        .opens(
                                                request -> new Echo(),
                                                DataSize.kibibytes(64),
                                                DataSize.mebibytes(1),
                                                "centrifuge-protobuf",
                                                "two"),
                                Route.get("/room")
                                        .open("a test")
                                        .opens(
                                                request -> room,
                                                DataSize.kibibytes(64),
                                                DataSize.kibibytes(256)),
                                Route.get("/gated")
                                        .open("a test")
                                        .opens(
                                                request -> new Gated(),
                                                DataSize.kibibytes(64),
                                                DataSize.mebibytes(1)),
                                Route.get("/closed")
                                        .scope(dev.quintet.platform.caller.Scope.CHAT_READ)
                                        .opens(
                                                request -> room,
                                                DataSize.kibibytes(64),
                                                DataSize.mebibytes(1))));
    }

    @AfterAll
    void close() {
        web.close();
    }

    @Test
    void text_and_binary_come_back_in_order() throws Exception {
        Client client = connect("/echo");
        for (int at = 0; at < 100; at++) {
            client.socket().sendText("héllo " + at, true).join();
        }
        for (int at = 0; at < 100; at++) {
            assertThat(client.next()).isEqualTo("héllo " + at);
        }
        client.socket().sendBinary(ByteBuffer.wrap(new byte[] {1, 2, 3}), true).join();
        assertThat(client.next()).isEqualTo("[1, 2, 3]");
        client.socket().sendClose(1000, "bye").join();
        assertThat(client.closed()).isEqualTo(1000);
    }

    @Test
    void fragments_are_one_message_and_pings_are_answered_between_them() throws Exception {
        Client client = connect("/echo");
        client.socket().sendText("one ", false).join();
        client.socket().sendPing(ByteBuffer.wrap(new byte[] {7})).join();
        assertThat(client.next()).isEqualTo("pong [7]");
        client.socket().sendText("two ", false).join();
        client.socket().sendText("three", true).join();
        assertThat(client.next()).isEqualTo("one two three");
        client.socket().abort();
    }

    @Test
    void a_message_of_the_largest_size_passes_and_one_byte_more_is_1009() throws Exception {
        Client client = connect("/echo");
        String largest = "x".repeat(64 * 1024);
        client.socket().sendText(largest, true).join();
        assertThat(client.next()).isEqualTo(largest);
        client.socket().sendText(largest + "x", true).join();
        assertThat(client.closed()).isEqualTo(1009);

        Client inParts = connect("/echo");
        inParts.socket().sendText(largest, false).join();
        inParts.socket().sendText("x", true).join();
        assertThat(inParts.closed()).isEqualTo(1009);
    }

    @Test
    void the_first_subprotocol_of_the_client_that_we_speak_is_taken() throws Exception {
        WebSocket both =
                web.client()
                        .newWebSocketBuilder()
                        .subprotocols("unknown", "centrifuge-protobuf", "two")
                        .buildAsync(ws("/echo"), new Client())
                        .join();
        assertThat(both.getSubprotocol()).isEqualTo("centrifuge-protobuf");
        both.abort();
        assertThat(connect("/echo").socket().getSubprotocol()).isEmpty();
    }

    @Test
    void text_that_is_not_utf8_is_1007_and_an_unmasked_frame_is_1002() throws Exception {
        assertThat(closeCodeAfter(masked(0x81, new byte[] {(byte) 0xc3, 0x28}))).isEqualTo(1007);
        assertThat(closeCodeAfter(new byte[] {(byte) 0x81, 1, 'a'})).isEqualTo(1002);
        assertThat(closeCodeAfter(masked(0x80, new byte[] {'a'}))).isEqualTo(1002);
        assertThat(closeCodeAfter(masked(0x83, new byte[] {'a'}))).isEqualTo(1002);
        assertThat(closeCodeAfter(masked(0xc1, new byte[] {'a'}))).isEqualTo(1002);
        assertThat(closeCodeAfter(masked(0x09, new byte[] {'a'}))).isEqualTo(1002);
        assertThat(closeCodeAfter(masked(0x88, new byte[] {3, (byte) 0xe9}))).isEqualTo(1001);
    }

    @Test
    void one_frame_reaches_many_sockets() throws Exception {
        List<Client> clients = new ArrayList<>();
        for (int at = 0; at < 200; at++) {
            clients.add(connect("/room"));
        }
        room.waitFor(200);
        Frame text = Frame.text("to all".getBytes(UTF_8));
        Frame binary = Frame.binary(new byte[] {4, 5});
        room.sockets().forEach(socket -> socket.send(text));
        room.sockets().forEach(socket -> socket.send(binary));
        for (Client client : clients) {
            assertThat(client.next()).isEqualTo("to all");
            assertThat(client.next()).isEqualTo("[4, 5]");
            client.socket().abort();
        }
    }

    @Test
    void who_lags_too_far_is_closed_and_the_queue_shows_it() throws Exception {
        try (RawClient lazy = new RawClient(web.port())) {
            lazy.handshake("/room");
            Socket socket = room.newest();
            Frame frame = Frame.binary(new byte[16 * 1024]);
            long most = 0;
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (socket.isOpen() && System.nanoTime() < end) {
                socket.send(frame);
                most = Math.max(most, socket.queuedBytes());
            }
            assertThat(socket.isOpen()).isFalse();
            assertThat(most).isBetween(200_000L, 256L * 1024);
        }
    }

    @Test
    void while_the_listener_lags_the_socket_is_not_read() throws Exception {
        try (RawClient eager = new RawClient(web.port())) {
            eager.handshake("/gated");
            byte[] frame = masked(0x82, new byte[32 * 1024]);
            CountDownLatch stuck = new CountDownLatch(1);
            int frames = 2000;
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    for (int at = 0; at < frames; at++) {
                                        eager.write(frame);
                                    }
                                    stuck.countDown();
                                } catch (IOException e) {
                                    gated.add("broken " + e);
                                }
                            });
            // 64 MB do not fit in the kernel's buffers and eight waiting messages.
            assertThat(stuck.await(1, TimeUnit.SECONDS)).isFalse();
            gate.release(frames);
            assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
            writer.join();
            for (int at = 0; at < frames; at++) {
                assertThat(gated.poll(10, TimeUnit.SECONDS)).isEqualTo("32768");
            }
        }
    }

    @Test
    void a_plain_get_and_an_unknown_caller_are_refused_as_any_request() throws Exception {
        var plain = web.get("/echo");
        assertThat(plain.statusCode()).isEqualTo(426);
        assertThat(plain.body()).contains("UPGRADE_REQUIRED");
        assertThat(plain.headers().firstValue("Upgrade")).hasValue("websocket");
        try (RawClient nobody = new RawClient(web.port())) {
            assertThat(nobody.ask("/closed")).startsWith("HTTP/1.1 401");
        }
    }

    @Test
    void a_broken_connection_is_told_as_1006_once() throws Exception {
        try (RawClient client = new RawClient(web.port())) {
            client.handshake("/room");
            room.newest();
        }
        assertThat(room.closes.poll(10, TimeUnit.SECONDS)).isNotNull();
    }

    private URI ws(String path) {
        return URI.create("ws://127.0.0.1:" + web.port() + path);
    }

    private Client connect(String path) {
        Client client = new Client();
        client.open = web.client().newWebSocketBuilder().buildAsync(ws(path), client).join();
        return client;
    }

    private int closeCodeAfter(byte[] frame) throws IOException {
        try (RawClient client = new RawClient(web.port())) {
            client.handshake("/echo");
            client.write(frame);
            return client.closeCode();
        }
    }

    static byte[] masked(int first, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(payload.length >>> 8);
            frame.write(payload.length);
        }
        byte[] mask = {11, 22, 33, 44};
        frame.writeBytes(mask);
        for (int at = 0; at < payload.length; at++) {
            frame.write(payload[at] ^ mask[at % 4]);
        }
        return frame.toByteArray();
    }

    static final class Echo implements Listener {
        @Override
        public void opened(Socket socket) {}

        @Override
        public void received(Socket socket, Message message) {
            switch (message) {
                case Message.Text(String text) -> socket.send(Frame.text(text.getBytes(UTF_8)));
                case Message.Binary(ByteBuffer bytes) -> {
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    socket.send(Frame.binary(copy));
                }
            }
        }

        @Override
        public void closed(Socket socket, int code) {}
    }

    private final class Gated implements Listener {
        @Override
        public void opened(Socket socket) {}

        @Override
        public void received(Socket socket, Message message) {
            gate.acquireUninterruptibly();
            if (message instanceof Message.Binary(ByteBuffer bytes)) {
                gated.add(Integer.toString(bytes.remaining()));
            }
        }

        @Override
        public void closed(Socket socket, int code) {}
    }

    /** Remembers its sockets. */
    private static final class Room implements Listener {

        final BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();
        private final List<Socket> sockets = new ArrayList<>();
        private final BlockingQueue<Socket> news = new LinkedBlockingQueue<>();

        synchronized List<Socket> sockets() {
            return List.copyOf(sockets);
        }

        Socket newest() throws InterruptedException {
            Socket socket = news.poll(10, TimeUnit.SECONDS);
            assertThat(socket).isNotNull();
            return java.util.Objects.requireNonNull(socket);
        }

        void waitFor(int count) throws InterruptedException {
            for (int at = 0; at < count; at++) {
                newest();
            }
        }

        @Override
        public synchronized void opened(Socket socket) {
            sockets.add(socket);
            news.add(socket);
        }

        @Override
        public void received(Socket socket, Message message) {}

        @Override
        public synchronized void closed(Socket socket, int code) {
            sockets.remove(socket);
            closes.add(code);
        }
    }

    private static final class Client implements WebSocket.Listener {

        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private final BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private @Nullable WebSocket open;

        WebSocket socket() {
            return java.util.Objects.requireNonNull(open);
        }

        String next() throws InterruptedException {
            return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
        }

        int closed() throws InterruptedException {
            Integer code = codes.poll(10, TimeUnit.SECONDS);
            return code == null ? -1 : code;
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                heard.add(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket from, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            heard.add(java.util.Arrays.toString(bytes));
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer data) {
            heard.add("pong [" + data.get() + "]");
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            codes.add(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            heard.add("error " + error);
            codes.add(-2);
        }
    }

    /** Bytes on a socket, so that a test can break every rule. */
    static final class RawClient implements AutoCloseable {

        private final java.net.Socket socket;

        RawClient(int port) throws IOException {
            socket = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(10_000);
        }

        String ask(String path) throws IOException {
            write(
                    ("GET "
                                    + path
                                    + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                                    + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    break;
                }
                head.append((char) next);
            }
            return head.toString();
        }

        void handshake(String path) throws IOException {
            // The accept value of RFC 6455 section 1.3.
            assertThat(ask(path))
                    .startsWith("HTTP/1.1 101")
                    .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        }

        void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        boolean ended() throws IOException {
            return socket.getInputStream().read() < 0;
        }

        byte[] frame(int first) throws IOException {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(in.readUnsignedByte()).isEqualTo(first);
            int length = in.readUnsignedByte();
            return in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
        }

        int closeCode() throws IOException {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(in.readUnsignedByte()).isEqualTo(0x88);
            int length = in.readUnsignedByte();
            byte[] payload = in.readNBytes(length);
            assertThat(in.read()).as("the connection ends after the close frame").isNegative();
            return ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
