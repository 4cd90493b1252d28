package dev.quintet.platform.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a server that is told to stop while they are at work. */
final class DrainTest {

    @TempDir Path folder;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final Semaphore entered = new Semaphore(0);
    private final TestWeb web =
            TestWeb.of(
                    Routes.of(
                            "test",
                            Route.get("/quick").open("a test").by(request -> Response.text("ok")),
                            Route.get("/slow")
                                    .open("a test")
                                    .by(request -> {
                                        enter();
                                        return Response.text("done");
                                    }),
                            Route.put("/upload")
                                    .open("a test")
                                    .takesBytes(DataSize.mebibytes(8))
                                    .lane(Lane.STREAMS)
                                    .by(request -> {
                                        entered.release();
                                        return Response.text(
                                                "got "
                                                        + request.body().stream()
                                                                .readAllBytes()
                                                                .length);
                                    }),
                            Route.get("/download")
                                    .open("a test")
                                    .lane(Lane.STREAMS)
                                    .by(request ->
                                            Response.stream(
                                                    "text/plain",
                                                    OptionalLong.empty(),
                                                    out -> {
                                                        out.write('a');
                                                        out.flush();
                                                        enter();
                                                        out.write('z');
                                                    })),
                            Route.get("/large")
                                    .open("a test")
                                    .by(request -> Response.text("0".repeat(16 << 20))),
                            Route.get("/file")
                                    .open("a test")
                                    .by(request -> Response.ranged(large())),
                            Route.get("/events")
                                    .open("a test")
                                    .lane(Lane.STREAMS)
                                    .by(request -> Response.events(DrainTest.this::follow)),
                            Route.get("/socket")
                                    .open("a test")
                                    .opens(
                                            request -> new Slow(),
                                            DataSize.kibibytes(64),
                                            DataSize.mebibytes(1))));

    @AfterEach
    void close() {
        gate.countDown();
        web.close();
    }

    @Test
    void open_work_finishes_and_what_is_new_is_refused() throws Exception {
        Door second = web.web().open("127.0.0.1", 0, Routes.of("test"));
        CompletableFuture<HttpResponse<String>> slow = ask("/slow");
        CompletableFuture<HttpResponse<String>> download = ask("/download");
        CompletableFuture<HttpResponse<String>> events = ask("/events");
        List<Ears> sockets = new ArrayList<>();
        for (int at = 0; at < 20; at++) {
            sockets.add(connect());
        }
        sockets.getFirst().socket().sendText("question", true).join();
        try (Raw upload = new Raw(web.port());
                Raw kept = new Raw(web.port())) {
            upload.write("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf.");
            kept.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(kept.answer("ok")).startsWith("HTTP/1.1 200");
            assertThat(entered.tryAcquire(5, 10, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> drained =
                    // The JDK's client completes its futures on the common pool, which may be one
                    // thread.
                    CompletableFuture.runAsync(
                            () -> web.web().drain(Duration.ofSeconds(20)),
                            task -> Thread.ofVirtual().start(task));
            for (Ears socket : sockets.subList(1, 20)) {
                assertThat(socket.next()).isEqualTo("closed 1012");
            }
            kept.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(kept.rest())
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("connection: close")
                    .containsIgnoringCase("retry-after: 1")
                    .contains("RESTARTING");
            assertThat(fresh(web.port())).startsWith("HTTP/1.1 503").contains("RESTARTING");
            assertThat(fresh(second.port())).startsWith("HTTP/1.1 503").contains("RESTARTING");
            assertThat(events.get(10, TimeUnit.SECONDS).body()).isEqualTo(": hello\n\n");
            assertThat(drained).isNotDone();
            assertThat(slow).isNotDone();

            upload.write(".rest");
            assertThat(upload.rest())
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("connection: close")
                    .endsWith("got 10");
            gate.countDown();
            assertThat(slow.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
            assertThat(download.get(10, TimeUnit.SECONDS).body()).isEqualTo("az");
            assertThat(sockets.getFirst().next()).isEqualTo("answer");
            assertThat(sockets.getFirst().next()).isEqualTo("closed 1012");
            drained.get(10, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> new Raw(web.port())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> new Raw(second.port())).isInstanceOf(ConnectException.class);
    }

    @Test
    void with_a_delay_the_server_serves_on_then_refuses_and_then_closes() throws Exception {
        try (Raw kept = new Raw(web.port())) {
            kept.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(kept.answer("ok")).startsWith("HTTP/1.1 200");
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(
                            () -> web.web().drain(Duration.ofMillis(700), Duration.ofSeconds(20)),
                            task -> Thread.ofVirtual().start(task));
            Await.until("answers are the last of their connections", this::saysGoodbye);
            kept.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(kept.rest())
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("connection: close")
                    .endsWith("ok");
            // Nothing was open any more, and still there is time to hear the refusal.
            Await.until("it refuses", this::refuses);
            assertThat(fresh(web.port())).startsWith("HTTP/1.1 503").contains("RESTARTING");
            drained.get(10, TimeUnit.SECONDS);
        }
        assertThatThrownBy(() -> new Raw(web.port())).isInstanceOf(ConnectException.class);
    }

    private boolean refuses() {
        try {
            return fresh(web.port()).startsWith("HTTP/1.1 503");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Test
    void who_does_not_finish_is_cut_at_the_limit() throws Exception {
        CompletableFuture<HttpResponse<String>> slow = ask("/slow");
        Ears socket = connect();
        socket.socket().sendText("question", true).join();
        assertThat(entered.tryAcquire(2, 10, TimeUnit.SECONDS)).isTrue();
        long start = System.nanoTime();
        web.web().drain(Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(socket.next()).isEqualTo("closed 1012");
        assertThatThrownBy(() -> slow.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void who_only_keeps_the_drain_waiting_is_cut_early() throws Exception {
        try (Raw drips = new Raw(web.port());
                Raw finishes = new Raw(web.port());
                Raw bytes = new Raw(web.port());
                Raw file = new Raw(web.port())) {
            drips.write("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\na");
            finishes.write("PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\na");
            bytes.write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
            file.write("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(bytes.answer("0000")).startsWith("HTTP/1.1 200");
            assertThat(file.answer("0000")).startsWith("HTTP/1.1 200");
            assertThat(entered.tryAcquire(2, 10, TimeUnit.SECONDS)).isTrue();
            long start = System.nanoTime();
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(
                            () -> web.web().drain(Duration.ofSeconds(8)),
                            task -> Thread.ofVirtual().start(task));
            // Each moves all the time; at its pace only one of them comes to its end.
            for (int sent = 1; sent < 40; sent++) {
                finishes.write("a");
                if (sent < 15) {
                    drips.write("a");
                }
                LockSupport.parkNanos(50_000_000);
            }
            assertThat(finishes.rest()).endsWith("got 40");
            assertThat(drips.rest()).startsWith("HTTP/1.1 503").contains("RESTARTING");
            drained.get(10, TimeUnit.SECONDS);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(7));
        }
    }

    @Test
    void with_nothing_open_a_door_closes_at_once() throws Exception {
        try (Raw idle = new Raw(web.port())) {
            idle.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(idle.answer("ok")).startsWith("HTTP/1.1 200");
            long start = System.nanoTime();
            web.web().drain(Duration.ofSeconds(20));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(idle.rest()).isEmpty();
        }
    }

    /** More than the kernel keeps for a client that does not read. */
    private Content large() throws IOException {
        Path file = Files.writeString(folder.resolve("large"), "0".repeat(16 << 20));
        return new Content(
                16 << 20,
                "text/plain",
                Optional.empty(),
                Optional.empty(),
                (offset, length, to) -> to.file(file, offset, length));
    }

    private void enter() {
        entered.release();
        try {
            assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void follow(EventStream events) throws IOException {
        Semaphore news = new Semaphore(0);
        events.whenEnding(news::release);
        events.comment("hello");
        entered.release();
        while (events.isOpen()) {
            news.acquireUninterruptibly();
        }
    }

    private CompletableFuture<HttpResponse<String>> ask(String path) {
        return web.client()
                .sendAsync(HttpRequest.newBuilder(web.at(path)).build(), BodyHandlers.ofString());
    }

    private Ears connect() {
        Ears ears = new Ears();
        URI uri = URI.create("ws://127.0.0.1:" + web.port() + "/socket");
        ears.open = web.client().newWebSocketBuilder().buildAsync(uri, ears).join();
        return ears;
    }

    private boolean saysGoodbye() {
        try (Raw client = new Raw(web.port())) {
            client.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            return client.answer("ok").toLowerCase(Locale.ROOT).contains("connection: close");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static String fresh(int port) throws IOException {
        try (Raw client = new Raw(port)) {
            client.write("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
            return client.rest();
        }
    }

    /** Answers after the gate has opened. */
    private final class Slow implements Listener {
        @Override
        public void opened(Socket socket) {}

        @Override
        public void received(Socket socket, Message message) {
            enter();
            socket.send(Frame.text("answer".getBytes(UTF_8)));
        }

        @Override
        public void closed(Socket socket, int code) {}
    }

    private static final class Ears implements WebSocket.Listener {

        private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        private @Nullable WebSocket open;

        WebSocket socket() {
            return java.util.Objects.requireNonNull(open);
        }

        String next() throws InterruptedException {
            return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket from, CharSequence data, boolean last) {
            heard.add(data.toString());
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            heard.add("closed " + code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            heard.add("error " + error);
        }
    }

    /** One connection that a test writes byte by byte. */
    private static final class Raw implements AutoCloseable {

        private final java.net.Socket socket;

        Raw(int port) throws IOException {
            socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(10_000);
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        /** What comes until this ends it. */
        String answer(String end) throws IOException {
            StringBuilder text = new StringBuilder();
            InputStream in = socket.getInputStream();
            while (!text.toString().endsWith(end)) {
                int next = in.read();
                assertThat(next).as(text.toString()).isNotNegative();
                text.append((char) next);
            }
            return text.toString();
        }

        String rest() throws IOException {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
