package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.http.WebSocketTest.Echo;
import dev.quintet.platform.http.WebSocketTest.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets that send more than is handled: what they may hold of the server's memory. */
final class GreedySocketsTest {

    private static final byte[] LARGE = WebSocketTest.masked(0x82, new byte[60_000]);

    private final Semaphore gate = new Semaphore(0);
    private final AtomicInteger handled = new AtomicInteger();
    private final List<RawClient> clients = new ArrayList<>();
    private TestWeb web;

    @BeforeEach
    void open() {
        web =
                new TestWeb(
                        EdgeTest.config("http.maxUnhandled", "512k"),
                        TestWeb::allRights,
                        Routes.of(
                                "chat",
                                Route.get("/echo")
                                        .open("a test")
                                        .opens(
                                                request -> new Echo(),
                                                DataSize.kibibytes(64),
                                                DataSize.mebibytes(1)),
                                Route.get("/gated")
                                        .open("a test")
                                        .opens(
                                                request -> new Gated(),
                                                DataSize.kibibytes(64),
                                                DataSize.mebibytes(1)),
                                Route.get("/strangers")
                                        .open("a test")
                                        .opensToStrangers(
                                                request -> new Doorkeeper(),
                                                DataSize.kibibytes(1),
                                                DataSize.kibibytes(64),
                                                DataSize.mebibytes(1))));
    }

    @AfterEach
    void close() throws IOException {
        gate.release(1000);
        for (RawClient client : clients) {
            client.close();
        }
        web.close();
    }

    @Test
    void before_its_client_is_known_a_socket_takes_little_and_then_the_whole() throws Exception {
        byte[] fragment = WebSocketTest.masked(0x02, new byte[600]);
        byte[] more = WebSocketTest.masked(0x00, new byte[600]);
        byte[] whole = WebSocketTest.masked(0x82, new byte[1025]);
        for (List<byte[]> greedy :
                List.of(
                        List.of(Arrays.copyOf(LARGE, 2000)),
                        List.of(fragment, more),
                        List.of(whole))) {
            RawClient client = connected("/strangers");
            for (byte[] bytes : greedy) {
                client.write(bytes);
            }
            assertThat(client.frame(0x88)).startsWith((byte) (1009 >> 8), (byte) 1009);
        }
        RawClient client = connected("/strangers");
        client.write(WebSocketTest.masked(0x82, new byte[1024]));
        assertThat(client.frame(0x82)).hasSize(1024);
        client.write(LARGE);
        assertThat(client.frame(0x82)).hasSize(60_000);
    }

    @Test
    void frames_that_are_not_whole_share_one_budget_and_the_slowest_pays() throws Exception {
        // The decoder's buffer is of the next power of two.
        fillUp("/echo", Arrays.copyOf(LARGE, 59_000), 65_536);
        clients.get(1).write(Arrays.copyOfRange(LARGE, 59_000, LARGE.length));
        assertThat(clients.get(1).frame(0x82)).hasSize(60_000);
        assertThat(cut()).isEqualTo(1);
    }

    @Test
    void messages_without_their_end_share_one_budget_and_the_slowest_pays() throws Exception {
        fillUp("/echo", WebSocketTest.masked(0x02, new byte[50_000]), 50_000);
        clients.get(1).write(WebSocketTest.masked(0x80, new byte[1]));
        assertThat(clients.get(1).frame(0x82)).hasSize(50_001);
        assertThat(cut()).isEqualTo(1);
    }

    @Test
    void messages_that_nobody_handled_share_one_budget_and_the_slowest_pays() throws Exception {
        fillUp("/gated", LARGE, 60_128);
        gate.release(1000);
        Await.until("all is handled", () -> waiting() == 0);
        assertThat(handled).hasValue(clients.size());
        assertThat(cut()).isEqualTo(1);
    }

    /** Opens clients that send too much until the first of them is cut. */
    private void fillUp(String path, byte[] much, int counted) throws Exception {
        while (cut() == 0) {
            assertThat(clients).hasSizeLessThan(50);
            connected(path).write(much);
            double all = (double) counted * clients.size();
            Await.until("it counts", () -> waiting() == all || cut() > 0);
        }
        assertThat(clients).hasSizeGreaterThan(7);
        assertThat(clients.getFirst().ended()).isTrue();
    }

    private RawClient connected(String path) throws IOException {
        RawClient client = new RawClient(web.port());
        clients.add(client);
        client.handshake(path);
        return client;
    }

    private double cut() {
        return web.meters()
                .get("http.clients.cut")
                .tag("what", "received")
                .functionCounter()
                .count();
    }

    private double waiting() {
        return web.meters().get("http.waiting").tag("what", "received").gauge().value();
    }

    /** Lets in whoever says anything. */
    private static final class Doorkeeper implements Listener {
        private final Listener within = new Echo();

        @Override
        public void opened(Socket socket) {}

        @Override
        public void received(Socket socket, Message message) {
            socket.admit();
            within.received(socket, message);
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
            handled.incrementAndGet();
        }

        @Override
        public void closed(Socket socket, int code) {}
    }
}
