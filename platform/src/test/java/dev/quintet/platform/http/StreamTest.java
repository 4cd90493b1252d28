package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That a slow end of a long body slows the other end, and nothing piles up between them. */
final class StreamTest {

    private static final int CHUNK = 64 * 1024;
    private static final int CHUNKS = 1024;
    private static final long ALL = (long) CHUNK * CHUNKS;

    /** What kernel buffers, the engine and eight waiting pieces may hold; all is 64 MB. */
    private static final long UNDERWAY = 16L << 20;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch sent = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);
    private final AtomicLong count = new AtomicLong();
    private final TestWeb web =
            TestWeb.of(
                    Routes.of(
                            "test",
                            Route.put("/in")
                                    .open("a test")
                                    .takesBytes(DataSize.mebibytes(128))
                                    .lane(Lane.STREAMS)
                                    .by(request -> {
                                        assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
                                        long got = 0;
                                        for (int length = -1; length != 0; got += length) {
                                            length = request.body().next().remaining();
                                        }
                                        return Response.text("got " + got);
                                    }),
                            Route.get("/out")
                                    .open("a test")
                                    .lane(Lane.STREAMS)
                                    .by(request ->
                                            Response.stream(
                                                    "application/octet-stream",
                                                    OptionalLong.of(ALL),
                                                    out -> {
                                                        try {
                                                            for (int at = 0; at < CHUNKS; at++) {
                                                                out.write(new byte[CHUNK]);
                                                                count.addAndGet(CHUNK);
                                                            }
                                                            sent.countDown();
                                                        } catch (IOException e) {
                                                            gone.countDown();
                                                            throw e;
                                                        }
                                                    }))));

    @AfterEach
    void close() {
        gate.countDown();
        web.close();
    }

    @Test
    void a_handler_that_does_not_read_stops_its_client() throws Exception {
        try (java.net.Socket socket =
                new java.net.Socket(InetAddress.getLoopbackAddress(), web.port())) {
            socket.setSoTimeout(20_000);
            Thread.ofVirtual().start(() -> upload(socket));
            assertThat(sent.await(1, TimeUnit.SECONDS)).isFalse();
            assertThat(count.get()).isLessThan(UNDERWAY);
            gate.countDown();
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.US_ASCII))
                    .endsWith("got " + ALL);
        }
    }

    @Test
    void a_client_that_does_not_read_stops_its_handler() throws Exception {
        HttpResponse<InputStream> answer = download();
        assertThat(sent.await(1, TimeUnit.SECONDS)).isFalse();
        assertThat(count.get()).isLessThan(UNDERWAY);
        try (InputStream in = answer.body()) {
            assertThat(in.transferTo(java.io.OutputStream.nullOutputStream())).isEqualTo(ALL);
        }
        assertThat(sent.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_client_that_leaves_ends_its_handler() throws Exception {
        download().body().close();
        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void an_event_stream_ends_with_its_credential_and_tells_nothing_after_it() throws Exception {
        AtomicBoolean live = new AtomicBoolean(true);
        Semaphore news = new Semaphore(0);
        Semaphore ending = new Semaphore(0);
        Route events =
                Route.get("/events")
                        .scope(Scope.INBOX_READ)
                        .says("A test.")
                        .gives(200)
                        .by(request ->
                                Response.events(stream -> {
                                    stream.whenEnding(ending::release);
                                    stream.event("1", "entry", "before");
                                    news.acquireUninterruptibly();
                                    stream.event("2", "entry", "after");
                                    ending.acquireUninterruptibly();
                                    assertThat(stream.isOpen()).isFalse();
                                }));
        Authenticator authenticator =
                bearer -> live.get() ? TestWeb.allRights(bearer) : Optional.empty();
        try (TestWeb own = TestWeb.of(authenticator, Routes.of("test", events))) {
            HttpResponse<InputStream> told =
                    own.client().send(own.asAdmin("/events").build(), BodyHandlers.ofInputStream());
            assertThat(told.headers().firstValue("X-Accel-Buffering"))
                    .as("nginx passes each event on at once")
                    .contains("no");
            String before = "id: 1\nevent: entry\ndata: before\n\n";
            assertThat(told.body().readNBytes(before.length())).asString().isEqualTo(before);
            live.set(false);
            assertThat(ending.tryAcquire(5, TimeUnit.SECONDS))
                    .as("a writer that waits is woken")
                    .isTrue();
            ending.release();
            news.release();
            assertThat(told.body().readAllBytes()).isEmpty();
        }
    }

    @Test
    void a_body_that_breaks_off_is_refused_though_its_client_hears_no_more() throws Exception {
        gate.countDown();
        try (java.net.Socket socket =
                new java.net.Socket(InetAddress.getLoopbackAddress(), web.port())) {
            socket.getOutputStream()
                    .write(
                            "PUT /in HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
                                    .getBytes(StandardCharsets.US_ASCII));
        }
        Await.until(
                "it is refused",
                () ->
                        web.seen().stream()
                                .anyMatch(seen ->
                                        seen.refusal().stream()
                                                .anyMatch("BODY_INCOMPLETE"::equals)));
    }

    private HttpResponse<InputStream> download() throws Exception {
        return web.client()
                .send(HttpRequest.newBuilder(web.at("/out")).build(), BodyHandlers.ofInputStream());
    }

    private void upload(java.net.Socket socket) {
        try {
            String head =
                    "PUT /in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                            + ALL
                            + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            for (int at = 0; at < CHUNKS; at++) {
                socket.getOutputStream().write(new byte[CHUNK]);
                count.addAndGet(CHUNK);
            }
            sent.countDown();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
