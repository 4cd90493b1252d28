package dev.quintet.auth;

import dev.quintet.auth.http.AuthRoutes;
import dev.quintet.auth.http.OAuthRoutes;
import dev.quintet.auth.http.PageRoutes;
import dev.quintet.platform.ChildJvm;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.LimitsConfig;
import dev.quintet.platform.caller.RateLimits;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.sql.Outage;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * One server with auth alone, on a real port over a real database; also the child process of the
 * kill tests.
 */
final class TestNode implements AutoCloseable {

    static final String MASTER_KEY = "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=";

    /** Server keys that stand for the platform's: all rights, in one organisation each. */
    static final String ROOT_KEY = "root-server-key-of-the-test";

    static final String OTHER_KEY = "other-server-key-of-the-test";

    static final UUID OTHER_ORGANISATION =
            IdKind.ORGANISATION.parse("org_01h455vb4pex5vsknk084sn02q");

    private final Database db;
    private final Auth auth;
    private final TestWeb web;
    private final String issuer;
    private final List<Event> announced = new CopyOnWriteArrayList<>();

    private TestNode(
            DatabaseUrl url,
            Optional<String> otherIssuer,
            AuthConfig config,
            RateLimits limits,
            Supplier<Outage> outage,
            InstantSource time) {
        int port = freePort();
        this.issuer = otherIssuer.orElse("http://127.0.0.1:" + port);
        this.db =
                Database.open(
                        url, Database.Limits.DEFAULT, (tx, events) -> announced.addAll(events));
        SecureRandom random = new SecureRandom();
        Keys keys = new Keys(MasterKey.parse(MASTER_KEY), List.of(), random);
        URI issued = URI.create(issuer);
        Ids ids = new Ids(time, random);
        this.auth =
                new Auth(
                        db,
                        keys,
                        new People(ids),
                        new Audit(),
                        time,
                        random,
                        issued,
                        config,
                        outage);
        addOtherOrganisation();
        PageRoutes pages = new PageRoutes(auth, limits, issued, config.sessionLife());
        this.web =
                TestWeb.at(
                        port,
                        this::authenticate,
                        new AuthRoutes(auth, new Idempotency(db, new Once(db, keys))).routes(),
                        new OAuthRoutes(auth.oauth(), limits).routes(),
                        pages.routes(),
                        pages.forms());
    }

    static TestNode start(DatabaseUrl url) {
        return start(url, config());
    }

    static TestNode start(DatabaseUrl url, AuthConfig config) {
        return start(url, config, () -> Outage.NONE);
    }

    static TestNode start(DatabaseUrl url, AuthConfig config, Supplier<Outage> outage) {
        return new TestNode(
                url, Optional.empty(), config, signIns(0), outage, InstantSource.system());
    }

    /**
     * @param issuer of another node that it stands beside; empty for its own
     */
    static TestNode start(
            DatabaseUrl url, AuthConfig config, Optional<String> issuer, InstantSource time) {
        return new TestNode(url, issuer, config, signIns(0), () -> Outage.NONE, time);
    }

    /** Takes so many sign-ins a minute from one address. */
    static TestNode start(DatabaseUrl url, int signIns) {
        return new TestNode(
                url,
                Optional.empty(),
                config(),
                signIns(signIns),
                () -> Outage.NONE,
                InstantSource.system());
    }

    /** The defaults with the cheapest password hash that the settings allow. */
    static AuthConfig config() {
        return config(Duration.ofSeconds(10));
    }

    static AuthConfig config(Duration refreshGrace) {
        return config(Settings.defaults(AuthConfig.class).accessTokenLife(), refreshGrace, 1);
    }

    static AuthConfig config(Duration accessTokenLife, Duration refreshGrace, int passwordPasses) {
        AuthConfig usual = Settings.defaults(AuthConfig.class);
        return new AuthConfig(
                accessTokenLife,
                usual.refreshIdle(),
                usual.refreshLongest(),
                refreshGrace,
                usual.sessionLife(),
                usual.keyLife(),
                usual.revocationPoll(),
                usual.userScopes(),
                7168,
                passwordPasses);
    }

    /**
     * @param most so many a minute; 0 for any number
     */
    private static RateLimits signIns(int most) {
        LimitsConfig usual = Settings.defaults(LimitsConfig.class);
        return new RateLimits(
                new LimitsConfig(
                        most > 0,
                        usual.perCaller(),
                        usual.perAddress(),
                        Math.max(1, most),
                        usual.remembered()),
                System::nanoTime);
    }

    private void addOtherOrganisation() {
        db.run(tx ->
                tx.handle()
                        .createUpdate(
                                "insert into caller.organisations (id, name) values (:id, 'other') on conflict do nothing")
                        .bind("id", OTHER_ORGANISATION)
                        .execute());
    }

    private Optional<Caller> authenticate(String bearer) {
        return switch (bearer) {
            case ROOT_KEY -> Optional.of(key("key:root", Caller.ROOT));
            case OTHER_KEY -> Optional.of(key("key:other", OTHER_ORGANISATION));
            default -> auth.authenticate(bearer);
        };
    }

    private static Caller key(String name, UUID organisation) {
        return new Caller(name, organisation, Optional.empty(), Set.of(Scope.ADMIN));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    Auth auth() {
        return auth;
    }

    Database database() {
        return db;
    }

    /** The public address, which on a second node is not its own. */
    String issuer() {
        return issuer;
    }

    URI at(String path) {
        return web.at(path);
    }

    List<Event> announced() {
        return List.copyOf(announced);
    }

    @Override
    public void close() {
        web.close();
        auth.close();
        db.close();
    }

    /** A node as a process of its own, of the server whose public address is {@code issuer}. */
    static Process fork(DatabaseUrl url, String issuer, Duration refreshGrace) throws IOException {
        return ChildJvm.start(
                TestNode.class,
                url.jdbc(),
                url.user(),
                url.password(),
                issuer,
                refreshGrace.toString());
    }

    /** Waits until a forked node answers, and gives its own address. */
    static URI addressOf(Process node) throws IOException {
        return URI.create(ChildJvm.said(node, "ready "));
    }

    public static void main(String[] arguments) throws InterruptedException {
        TestNode node =
                new TestNode(
                        new DatabaseUrl(arguments[0], arguments[1], arguments[2]),
                        Optional.of(arguments[3]),
                        config(Duration.parse(arguments[4])),
                        signIns(0),
                        () -> Outage.NONE,
                        InstantSource.system());
        System.out.println("ready " + node.at("/"));
        System.out.flush();
        Thread.currentThread().join();
    }
}
