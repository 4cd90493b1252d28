package dev.quintet.platform.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One open port with its routes. */
public final class Door implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    private final HttpConfig config;
    private final Around around;
    private final RouteTable table;
    private final HttpServer server;
    private final Vertx vertx;
    private final AtomicInteger open = new AtomicInteger();
    private final Executor threads;
    private volatile boolean draining;

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
        door.server.requestHandler(door::arrived);
        Waiting.on(door.server.listen(), START_LIMIT);
        return door;
    }

    private static HttpServerOptions options(HttpConfig config) {
        return new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setAcceptBacklog(4096)
                .setTcpNoDelay(true)
                .setMaxChunkSize(64 * 1024)
                .setMaxHeaderSize((int) config.maxHeaders().bytes())
                .setMaxInitialLineLength((int) config.maxRequestLine().bytes())
                .setHandle100ContinueAutomatically(false)
                .setHttp2ClearTextEnabled(true)
                .setIdleTimeout((int) config.idleTimeout().toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setWebSocketClosingTimeout(2);
    }

    /** On the event loop. */
    private void arrived(HttpServerRequest request) {
        Exchange exchange =
                new Exchange(around, table, request, vertx.getOrCreateContext(), this::done);
        if (open.incrementAndGet() > config.maxRequests() || draining) {
            exchange.refuseAsBusy();
        } else {
            threads.execute(exchange);
        }
    }

    private void done() {
        open.decrementAndGet();
    }

    /** The port that is really listened on. */
    public int port() {
        return server.actualPort();
    }

    /** Where a client on this machine reaches the door. */
    public URI base() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** Every declared route, for OpenAPI and for the tests of rights. */
    public List<Route> routes() {
        return table.routes();
    }

    void refuseNew() {
        draining = true;
    }

    void drain(Duration limit) {
        draining = true;
        Waiting.on(server.shutdown(limit), limit.plusSeconds(5));
    }

    @Override
    public void close() {
        drain(Duration.ofSeconds(2));
    }
}
