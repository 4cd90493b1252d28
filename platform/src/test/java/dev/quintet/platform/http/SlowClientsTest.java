package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.caller.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that send or read slowly wait for themselves: they hold no lane and no other's place. */
final class SlowClientsTest {

    record Nothing() {}

    private static final int LARGE = 8 << 20;
    private static final int PAGE = 2 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Content page = Content.bytes(new byte[PAGE], "text/html", "v1");
    private final AtomicInteger inWork = new AtomicInteger();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<Socket> sockets = new ArrayList<>();
    private final List<TestWeb> webs = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        webs.forEach(TestWeb::close);
    }

    private TestWeb web() {
        return webs.getLast();
    }

    @Test
    void bodies_that_come_byte_by_byte_hold_no_lane() throws Exception {
        open("http.lanes.hash", "1", "http.lanes.patience", "100ms");
        for (int n = 0; n < 20; n++) {
            write(begun("POST /form", 3000, "application/x-www-form-urlencoded"), "a");
            write(begun("POST /json", 3000, "application/json"), "{");
        }
        for (int n = 0; n < 20; n++) {
            assertThat(form("a=1").statusCode()).isEqualTo(200);
        }
        assertThat(inWork).hasValue(0);
    }

    @Test
    void a_body_must_be_whole_by_the_deadline_however_steadily_it_comes() throws Exception {
        open("http.requestTimeout", "400ms", "http.bodyTimeout", "10s");
        long start = System.nanoTime();
        Socket slow = begun("POST /form", 3000, "application/x-www-form-urlencoded");
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> read(slow));
        drip(slow, answer);
        assertThat(answer.get(10, TimeUnit.SECONDS))
                .startsWith("HTTP/1.1 408")
                .contains("BODY_TOO_SLOW")
                .contains("was not whole in time");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    void a_stream_that_never_stands_still_needs_a_least_rate() throws Exception {
        open("http.bodyTimeout", "300ms", "http.minBodyRate", "100k");
        Socket slow = begun("PUT /stream", 3000, "application/octet-stream");
        CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> read(slow));
        drip(slow, answer);
        assertThat(answer.get(10, TimeUnit.SECONDS))
                .startsWith("HTTP/1.1 408")
                .contains("came with less than 100 KiB a second");
    }

    @Test
    void when_all_places_are_taken_the_slowest_leave_theirs() throws Exception {
        open("http.maxRequests", "5");
        List<Socket> slow = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            slow.add(begun("POST /json", 3000, "application/json"));
        }
        // Slow is who keeps the server waiting for a second; until then the new ones are refused.
        Await.until("an honest request is served", this::served);
        assertThat(form("a=1").statusCode()).isEqualTo(200);
        assertThat(read(slow.getFirst())).startsWith("HTTP/1.1 503").contains("BUSY");
    }

    @Test
    void who_drips_into_all_places_is_slow_too() throws Exception {
        open("http.maxRequests", "5");
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int n = 0; n < 5; n++) {
            Socket slow = begun("POST /json", 3000, "application/json");
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> read(slow));
            answers.add(answer);
            Thread.ofVirtual().start(() -> dripOn(slow, answer));
        }
        Await.until("an honest request is served", this::served);
        assertThat(form("a=1").statusCode()).isEqualTo(200);
        Await.until(
                "one of them has lost its place",
                () -> answers.stream().anyMatch(CompletableFuture::isDone));
    }

    private static void dripOn(Socket socket, CompletableFuture<String> answer) {
        try {
            drip(socket, answer);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void answers_that_are_not_read_take_a_bounded_part_of_the_direct_memory() throws Exception {
        open();
        List<Socket> slow = new ArrayList<>();
        for (int n = 0; n < 50; n++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), web().port()));
            sockets.add(socket);
            write(socket, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
            slow.add(socket);
        }
        Await.until("all wait for their clients", () -> inWork.get() == 50);
        // Two chunks each, however large the answer is.
        Await.until(
                "no more than two chunks of each wait",
                () ->
                        web().web().untakenBytes() > 0
                                && web().web().untakenBytes() <= 50 * 2 * 64 * 1024L);
        assertThat(form("a=1").statusCode()).isEqualTo(200);
        // Nothing is lost for a client that reads on in the end.
        assertThat(read(slow.getFirst(), LARGE)).isGreaterThanOrEqualTo(LARGE);
    }

    @Test
    void a_page_is_sent_to_all_from_where_it_lies() throws Exception {
        open();
        byte[] buffer = new byte[1 << 16];
        take(buffer);
        long before = THREADS.getTotalThreadAllocatedBytes();
        for (int n = 0; n < 20; n++) {
            take(buffer);
        }
        assertThat(THREADS.getTotalThreadAllocatedBytes() - before).isLessThan(20L * PAGE / 4);
        assertThat(web().web().untakenBytes()).isZero();
    }

    private void take(byte[] buffer) throws IOException {
        Socket socket = connected();
        write(socket, "GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
        InputStream in = socket.getInputStream();
        for (long all = 0; all < PAGE; ) {
            all += in.read(buffer);
        }
    }

    @Test
    void metrics_show_what_slow_clients_hold_and_that_reading_holds_no_permit() throws Exception {
        open("http.maxRequests", "5");
        for (int n = 0; n < 5; n++) {
            begun("POST /json", 3000, "application/json");
        }
        Await.until("all are open", () -> metric("http.requests.open") == 5);
        assertThat(metric("http.permits.busy", "lane", "hash")).isZero();
        Await.until("an honest request is served", this::served);
        assertThat(metric("http.clients.cut", "what", "requests")).isGreaterThanOrEqualTo(1);
        CompletableFuture<HttpResponse<String>> held =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return web().get("/held");
                    } catch (Exception broken) {
                        throw new IllegalStateException(broken);
                    }
                });
        Await.until("it is at work", () -> metric("http.permits.busy", "lane", "queries") == 1);
        gate.countDown();
        assertThat(held.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(metric("http.permits.busy", "lane", "queries")).isZero();
    }

    @Test
    void a_head_must_be_whole_in_time_and_who_is_idle_between_requests_has_longer()
            throws Exception {
        open("http.headTimeout", "300ms");
        Socket idle = answered();
        Socket later = answered();
        Socket silent = connected();
        for (Socket slow : List.of(connected(), later)) {
            long start = System.nanoTime();
            write(slow, "GET /page HTTP/1.1\r\nHost: x\r\nX: ");
            CompletableFuture<String> end = CompletableFuture.supplyAsync(() -> read(slow));
            drip(slow, end);
            assertThat(end.get(10, TimeUnit.SECONDS)).doesNotContain("HTTP/1.1 2");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(250), Duration.ofSeconds(9));
        }
        assertThat(read(silent)).isEmpty();
        assertThat(ask(idle)).startsWith("HTTP/1.1 200");
    }

    @Test
    void heads_that_are_not_whole_share_one_budget_and_the_slowest_pays() throws Exception {
        open("http.maxHeaders", "1m", "http.maxRequestLine", "64k");
        long largest = (1 << 20) + (64 << 10);
        long fit = Runtime.getRuntime().maxMemory() / 8 / largest;
        for (int n = 0; n < fit; n++) {
            write(connected(), "GET /page HTTP/1.1\r\n");
        }
        Await.until(
                "all have begun", () -> metric("http.waiting", "what", "heads") == fit * largest);
        write(connected(), "GET /page HTTP/1.1\r\n");
        assertThat(read(sockets.getFirst())).doesNotContain("HTTP/1.1 2");
        assertThat(metric("http.clients.cut", "what", "heads")).isEqualTo(1);
        Socket second = sockets.get(1);
        write(second, "Host: x\r\n\r\n");
        assertThat(status(second)).isEqualTo("HTTP/1.1 200");
        Await.until(
                "it holds nothing any more",
                () -> metric("http.waiting", "what", "heads") == (fit - 1) * largest);
    }

    @Test
    void connections_have_a_bound_and_the_one_that_waits_longest_leaves_its_place()
            throws Exception {
        open("http.maxConnections", "3");
        assertThat(streamOpens()).isTrue();
        Socket stream = sockets.getFirst();
        Socket first = connected();
        Await.until("two are open", () -> metric("http.connections.open") == 2);
        Socket second = answered();
        // Slow is who keeps the server waiting for a second; until then the new one is closed.
        Await.until("an honest request is served", this::servedOnce);
        assertThat(read(first)).isEmpty();
        assertThat(metric("http.clients.cut", "what", "connections")).isEqualTo(1);
        assertThat(ask(second)).startsWith("HTTP/1.1 200");
        assertThat(stream.getInputStream().readNBytes(200)).hasSize(200);
        second.close();
        Await.until("its place is free", () -> metric("http.connections.open") == 1);
    }

    private boolean servedOnce() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), web().port())) {
            return ask(socket).startsWith("HTTP/1.1 200");
        } catch (IOException closed) {
            return false;
        }
    }

    /** A connection that has had an answer and stays open. */
    private Socket answered() throws IOException {
        Socket socket = connected();
        assertThat(ask(socket)).startsWith("HTTP/1.1 200");
        return socket;
    }

    private static String ask(Socket socket) throws IOException {
        write(
                socket,
                "POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\n\r\na");
        StringBuilder answer = new StringBuilder();
        for (int next = 0; next >= 0 && answer.indexOf("got 1") < 0; ) {
            next = socket.getInputStream().read();
            answer.append((char) next);
        }
        return answer.toString();
    }

    private static String status(Socket socket) throws IOException {
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
    }

    private double metric(String name, String... tags) {
        return web().meters().get(name).tags(tags).meter().measure().iterator().next().getValue();
    }

    @Test
    void one_caller_cannot_take_all_event_streams() throws Exception {
        open("http.maxEventStreamsOfOne", "3");
        for (int n = 0; n < 3; n++) {
            assertThat(streamOpens()).isTrue();
        }
        HttpResponse<String> fourth =
                web().send(
                                HttpRequest.newBuilder(web().at("/events"))
                                        .header("Authorization", "Bearer " + TestWeb.ADMIN)
                                        .build());
        assertThat(fourth.statusCode()).isEqualTo(429);
        assertThat(fourth.body()).contains("TOO_MANY_STREAMS").contains("\"limit\":3");
        sockets.getFirst().close();
        Await.until("the place is free again", this::streamOpens);
    }

    @Test
    void one_callers_uploads_hold_a_part_of_the_streams_and_one_organisations_half()
            throws Exception {
        open("http.lanes.streams", "40", "http.lanes.patience", "50ms");
        // An eighth is fewer than the 16 that everybody has.
        uploads(16, "/stream", "Authorization: Bearer one/a");
        String over = uploadOf("/stream", "Authorization: Bearer one/a");
        assertThat(over)
                .startsWith("HTTP/1.1 503")
                .containsIgnoringCase("retry-after: 1")
                .contains("BUSY")
                .contains("this caller's part");
        // A credential that is proven in the handler counts just so, and for its organisation.
        uploads(4, "/signed", "X-Key: one/b");
        assertThat(uploadOf("/signed", "X-Key: one/c")).contains("this organisation's part");
        assertThat(uploadOf("/signed", "X-Key: two/a")).startsWith("HTTP/1.1 200");
        assertThat(uploadOf("/stream", "X: without a credential")).startsWith("HTTP/1.1 200");
        sockets.getFirst().close();
        Await.until(
                "a place is free again",
                () -> uploadOf("/stream", "Authorization: Bearer one/a").contains("HTTP/1.1 200"));
    }

    @Test
    void what_brings_no_body_does_not_stand_behind_uploads() throws Exception {
        open("http.lanes.streams", "12", "http.lanes.patience", "50ms");
        // Three quarters are one system's share.
        uploads(9, "/stream", "X: without a credential");
        assertThat(uploadOf("/stream", "X: another")).startsWith("HTTP/1.1 503").contains("BUSY");
        assertThat(web().get("/stream").body()).isEqualTo("read");
    }

    /** Uploads at work whose bytes do not come. */
    private void uploads(int count, String path, String credential) throws IOException {
        int all = inWork.get() + count;
        for (int n = 0; n < count; n++) {
            write(connected(), head(path, credential));
        }
        Await.until("they are at work", () -> inWork.get() == all);
    }

    private String uploadOf(String path, String credential) {
        try {
            Socket socket = connected();
            write(socket, head(path, credential + "\r\nConnection: close") + "abc");
            return read(socket);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static String head(String path, String credential) {
        return "PUT "
                + path
                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                + credential
                + "\r\n\r\n";
    }

    private void open(String... settings) {
        webs.add(
                new TestWeb(
                        EdgeTest.config(settings),
                        SlowClientsTest::caller,
                        Routes.of(
                                "test",
                                Route.put("/signed")
                                        .open("a test: the credential is proven in the handler")
                                        .lane(Lane.STREAMS)
                                        .takesBytes(DataSize.kibibytes(64))
                                        .by(request -> {
                                            Caller known =
                                                    caller(request.header("X-Key").orElseThrow())
                                                            .orElseThrow();
                                            request.provenBy(
                                                    known.organisation(), known.credential());
                                            return uploaded(request);
                                        }),
                                Route.post("/form")
                                        .open("a test")
                                        .lane(Lane.HASH)
                                        .takesBytes(
                                                DataSize.kibibytes(64),
                                                "application/x-www-form-urlencoded")
                                        .by(this::worked),
                                Route.post("/json")
                                        .open("a test")
                                        .lane(Lane.HASH)
                                        .takes(Nothing.class)
                                        .by(this::worked),
                                Route.get("/stream")
                                        .open("a test")
                                        .lane(Lane.STREAMS)
                                        .by(request -> Response.text("read")),
                                Route.put("/stream")
                                        .open("a test")
                                        .lane(Lane.STREAMS)
                                        .takesBytes(DataSize.kibibytes(64))
                                        .by(this::uploaded),
                                Route.get("/large")
                                        .open("a test")
                                        .by(request -> {
                                            inWork.incrementAndGet();
                                            return Response.bytes(
                                                    "application/octet-stream", new byte[LARGE]);
                                        }),
                                Route.get("/page")
                                        .open("a test")
                                        .by(request -> Response.ranged(page)),
                                Route.get("/held")
                                        .open("a test")
                                        .lane(Lane.QUERIES)
                                        .by(request -> {
                                            try {
                                                gate.await();
                                            } catch (InterruptedException nobody) {
                                                throw new IllegalStateException(nobody);
                                            }
                                            return Response.text("done");
                                        }),
                                Route.get("/events")
                                        .open("a test")
                                        .by(request ->
                                                Response.events(events -> {
                                                    events.comment("hello");
                                                    while (events.isOpen()) {
                                                        events.comment("beat");
                                                        LockSupport.parkNanos(20_000_000);
                                                    }
                                                })))));
    }

    /** Besides the administrator: {@code <organisation>/<credential>}. */
    private static Optional<Caller> caller(String bearer) {
        return TestWeb.allRights(bearer)
                .or(() ->
                        Optional.of(
                                new Caller(
                                        bearer,
                                        new UUID(7, bearer.split("/", 2)[0].hashCode()),
                                        Optional.empty(),
                                        Set.of())));
    }

    private Response uploaded(Request request) throws IOException {
        inWork.incrementAndGet();
        try {
            return Response.text("" + request.body().stream().readAllBytes().length);
        } finally {
            inWork.decrementAndGet();
        }
    }

    private Response worked(Request request) {
        inWork.incrementAndGet();
        try {
            return Response.text("got " + request.bytes().length);
        } finally {
            inWork.decrementAndGet();
        }
    }

    private HttpResponse<String> form(String body) throws Exception {
        return web().send(
                        HttpRequest.newBuilder(web().at("/form"))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString(body))
                                .build());
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), web().port());
        socket.setSoTimeout(10_000);
        sockets.add(socket);
        return socket;
    }

    /** A request whose body does not come. */
    private Socket begun(String line, int length, String type) throws IOException {
        Socket socket = connected();
        write(
                socket,
                line
                        + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                        + length
                        + "\r\nContent-Type: "
                        + type
                        + "\r\n\r\n");
        return socket;
    }

    private boolean served() {
        try {
            return form("a=1").statusCode() == 200;
        } catch (Exception broken) {
            throw new IllegalStateException(broken);
        }
    }

    private boolean streamOpens() {
        try {
            Socket socket = connected();
            write(socket, "GET /events HTTP/1.1\r\nHost: x\r\n" + bearer() + "\r\n");
            return status(socket).equals("HTTP/1.1 200");
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static String bearer() {
        return "Authorization: Bearer " + TestWeb.ADMIN + "\r\n";
    }

    /** One byte each 50 ms until there is an answer. */
    private static void drip(Socket socket, CompletableFuture<String> answer) throws Exception {
        for (int n = 0; n < 200 && !answer.isDone(); n++) {
            try {
                write(socket, "a");
            } catch (IOException answered) {
                return;
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(Socket socket) {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            return "broken: " + broken.getMessage();
        }
    }

    private static long read(Socket socket, long wanted) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[1 << 16];
        long all = 0;
        while (all < wanted) {
            int count = in.read(buffer);
            if (count < 0) {
                break;
            }
            all += count;
        }
        return all;
    }
}
