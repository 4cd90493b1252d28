package dev.quintet.platform.http;

import static dev.quintet.platform.PlatformRefusal.BUSY;
import static dev.quintet.platform.http.HttpRefusal.HEADERS_TOO_LARGE;
import static dev.quintet.platform.http.HttpRefusal.MALFORMED_REQUEST;
import static dev.quintet.platform.http.HttpRefusal.OTHER_HTTP_VERSION;
import static dev.quintet.platform.http.HttpRefusal.RESTARTING;
import static dev.quintet.platform.http.HttpRefusal.URI_TOO_LONG;

import dev.quintet.platform.StartRefused;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetworkOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One open port with its routes. */
public final class Door implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Door.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    private final HttpConfig config;
    private final Around around;
    private final RouteTable table;
    private final HttpServer server;
    private final Vertx vertx;
    private final OpenWork work = new OpenWork();
    private final Executor threads;

    private Door(Vertx vertx, HttpConfig config, Around around, RouteTable table) {
        this.vertx = vertx;
        this.config = config;
        this.around = around;
        this.table = table;
        var factory = Thread.ofVirtual().name("request-", 0).factory();
        this.threads = task -> factory.newThread(task).start();
        this.server = vertx.createHttpServer(options(config));
    }

    static Door open(Vertx vertx, HttpConfig config, Around around, List<Routes> groups) {
        Door door = new Door(vertx, config, around, new RouteTable(groups));
        door.server.connectionHandler(connection -> {
            // Whatever strangers send is no fault of ours; the engine closes or answers.
            connection.exceptionHandler(e -> log.debug("a connection broke", e));
            RequestWatch.watch(connection, config, around.backlogs());
        });
        door.server.requestHandler(door::arrived);
        door.server.invalidRequestHandler(door::unreadable);
        door.listen();
        return door;
    }

    private void listen() {
        try {
            var _ = Waiting.forIo(server.listen(), START_LIMIT);
        } catch (IOException failed) {
            Throwable why = failed.getCause() == null ? failed : failed.getCause();
            throw new StartRefused(
                    "cannot listen at "
                            + config.host()
                            + ":"
                            + config.port()
                            + " ("
                            + why.getMessage()
                            + "); end what listens there, or set another port (http.port or --port;"
                            + " for S3 files.s3.port)",
                    failed);
        }
    }

    private static HttpServerOptions options(HttpConfig config) {
        return new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setAcceptBacklog(4096)
                .setTcpNoDelay(true)
                .setSendBufferSize(
                        config.sendBuffer()
                                .map(size -> Math.toIntExact(size.bytes()))
                                .orElse(NetworkOptions.DEFAULT_SEND_BUFFER_SIZE))
                .setMaxChunkSize(64 * 1024)
                .setMaxHeaderSize((int) config.maxHeaders().bytes())
                .setMaxInitialLineLength((int) config.maxRequestLine().bytes())
                .setHandle100ContinueAutomatically(false)
                .setHttp2ClearTextEnabled(config.h2c())
                .setIdleTimeout((int) config.idleTimeout().toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                // Sockets are taken over; the engine's handler would only break long pipelines.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setWebSocketClosingTimeout(2);
    }

    /** On the event loop. */
    private void arrived(HttpServerRequest request) {
        Exchange exchange = exchange(request);
        work.begin(exchange);
        if (work.isLeaving()) {
            exchange.refuseAtOnce(RESTARTING.because().retryAfter(Duration.ofSeconds(1)));
        } else if (!exchange.enter()) {
            exchange.refuseAtOnce(BUSY.because("the server").retryAfter(Duration.ofSeconds(1)));
        } else {
            threads.execute(exchange);
        }
    }

    /** On the event loop: what the engine could not read as HTTP. */
    private void unreadable(HttpServerRequest request) {
        Exchange exchange = exchange(request);
        work.begin(exchange);
        exchange.refuseAtOnce(
                switch (request.decoderResult().cause()) {
                    case TooLongHttpLineException line ->
                            URI_TOO_LONG.because(config.maxRequestLine());
                    case TooLongHttpHeaderException headers ->
                            HEADERS_TOO_LARGE.because(config.maxHeaders());
                    case RequestWatch.OtherVersion other ->
                            OTHER_HTTP_VERSION.because(other.version);
                    default -> MALFORMED_REQUEST.because("it breaks RFC 9112");
                });
    }

    private Exchange exchange(HttpServerRequest request) {
        return new Exchange(around, table, request, vertx.getOrCreateContext(), work);
    }

    /** The port that is really listened on. */
    public int port() {
        return server.actualPort();
    }

    /** Where a client on this machine reaches the door. */
    public URI base() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** Requests are served as before, each as the last of its connection. */
    void sayGoodbye() {
        work.sayGoodbye();
    }

    /** New requests are refused from now on, and what lasts is told to end. */
    void leave() {
        work.leave();
    }

    boolean awaitQuiet(Duration limit) {
        return work.awaitQuiet(limit);
    }

    Set<Stragglers.Client> requests() {
        return work.requests();
    }

    /** Stops listening; what is still open is cut. */
    Future<Void> shut() {
        return server.shutdown(Web.CUT);
    }

    @Override
    public void close() {
        leave();
        var _ = awaitQuiet(Duration.ofSeconds(2));
        Waiting.on(shut(), START_LIMIT);
    }
}
