package dev.quintet.platform.http;

import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.config.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A real server on a free port with the given routes, and a client for it. Remembers every
 * exchange, and has the {@link Witness} of the run look on.
 */
public final class TestWeb implements AutoCloseable {

    /** The bearer that {@link #allRights} knows. */
    public static final String ADMIN = "admin-key-of-the-test";

    private final List<Observer.Seen> seen = new CopyOnWriteArrayList<>();
    private final Observer witness;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Web web;
    private final Door door;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    public TestWeb(HttpConfig config, Authenticator authenticator, Routes... groups) {
        this(config.at("127.0.0.1", 0), authenticator, Witness.ofTheRun(), groups);
    }

    private TestWeb(
            HttpConfig config, Authenticator authenticator, Observer witness, Routes... groups) {
        this.witness = witness;
        web =
                new Web(
                        config,
                        authenticator,
                        meters,
                        new Ids(InstantSource.system(), new Random(7)),
                        this::saw);
        door = web.open(config.host(), config.port(), groups);
    }

    public static TestWeb of(Authenticator authenticator, Routes... groups) {
        return new TestWeb(Settings.defaults(HttpConfig.class), authenticator, groups);
    }

    /** At a port that was chosen before. */
    public static TestWeb at(int port, Authenticator authenticator, Routes... groups) {
        return new TestWeb(
                Settings.defaults(HttpConfig.class).at("127.0.0.1", port),
                authenticator,
                Witness.ofTheRun(),
                groups);
    }

    /** Whose answers may differ from what is declared. */
    static TestWeb unwitnessed(Routes... groups) {
        return new TestWeb(
                Settings.defaults(HttpConfig.class).at("127.0.0.1", 0),
                TestWeb::allRights,
                Observer.NONE,
                groups);
    }

    /** Knows one caller, {@link #ADMIN}, who may do everything in the root organisation. */
    public static TestWeb of(Routes... groups) {
        return of(TestWeb::allRights, groups);
    }

    public static Optional<Caller> allRights(String bearer) {
        return bearer.equals(ADMIN)
                ? Optional.of(
                        new Caller(
                                "key:test",
                                Caller.ROOT,
                                Optional.empty(),
                                java.util.Set.of(dev.quintet.platform.caller.Scope.ADMIN)))
                : Optional.empty();
    }

    private void saw(Observer.Seen exchange) {
        seen.add(exchange);
        witness.saw(exchange);
    }

    public URI base() {
        return door.base();
    }

    public URI at(String path) {
        return door.base().resolve(path);
    }

    public int port() {
        return door.port();
    }

    public Web web() {
        return web;
    }

    public Door door() {
        return door;
    }

    public SimpleMeterRegistry meters() {
        return meters;
    }

    /** Every exchange so far. */
    public List<Observer.Seen> seen() {
        return List.copyOf(seen);
    }

    public HttpClient client() {
        return client;
    }

    /** A request with the administrator's bearer. */
    public HttpRequest.Builder asAdmin(String path) {
        return HttpRequest.newBuilder(at(path)).header("Authorization", "Bearer " + ADMIN);
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(asAdmin(path).build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String json)
            throws IOException, InterruptedException {
        return client.send(
                asAdmin(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    public HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, BodyHandlers.ofString());
    }

    @Override
    public void close() {
        // A WebSocket that a test left open would make close() wait for it.
        client.shutdownNow();
        web.close();
    }
}
