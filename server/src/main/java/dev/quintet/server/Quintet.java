package dev.quintet.server;

import dev.quintet.analytics.Analytics;
import dev.quintet.auth.Auth;
import dev.quintet.files.s3.S3Door;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.api.AuditRoutes;
import dev.quintet.platform.api.HealthRoutes;
import dev.quintet.platform.api.KeyRoutes;
import dev.quintet.platform.api.PeopleRoutes;
import dev.quintet.platform.caller.ApiKeys;
import dev.quintet.platform.caller.ForeignIssuers;
import dev.quintet.platform.caller.Organisations;
import dev.quintet.platform.http.Door;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Observer;
import dev.quintet.platform.http.OpenApi;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.Web;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.telemetry.Health;
import dev.quintet.platform.telemetry.Logs;
import dev.quintet.platform.telemetry.Traces;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server, built from the ground up and closed in reverse: {@link Ground}, the {@link
 * Floor} that all share, the {@link FiveSystems}, and here the doors through which they are asked.
 */
final class Quintet implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Quintet.class);
    static final String VERSION = "0.1.0";
    // Half a minute is promised: for open requests, then for the parts; the rest is PostgreSQL's.
    private static final Duration DRAIN = Duration.ofSeconds(20);
    private static final Duration PARTS = Duration.ofSeconds(26);

    // A balancer asks every second or two, and wants two bad answers.
    private static final Duration BALANCERS = Duration.ofSeconds(5);

    // Behind the drain's delay; whoever hangs longer is not waited for.
    private static final Duration LONGEST_CLOSE = Duration.ofMinutes(1);

    private final Parts parts = new Parts();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Health health = new Health();
    private final Duration drainDelay;
    private final Web web;
    private final Door door;
    private final Optional<Door> s3;
    private final URI url;
    private final List<Route> routes;
    private final Optional<String> firstLink;

    static Quintet start(QuintetConfig config, Path data, Set<Systems> systems) {
        return start(config, data, systems, Observer.NONE);
    }

    static Quintet start(QuintetConfig config, Path data, Set<Systems> systems, Observer observer) {
        Logs.start(config.telemetry());
        if (systems.contains(Systems.AUTH)) {
            Thread.ofPlatform().daemon().name("prepare-auth").start(Auth::prepare);
        }
        Memory memory = Memory.ofThisProcess();
        LOG.info("memory: {}", memory.split(config, systems));
        Ground ground = Ground.open(config, data);
        try {
            return new Quintet(config, memory, ground, systems, observer);
        } catch (RuntimeException refused) {
            ground.close();
            throw refused;
        }
    }

    private Quintet(
            QuintetConfig config,
            Memory memory,
            Ground ground,
            Set<Systems> systems,
            Observer observer) {
        parts.open(ground);
        this.drainDelay =
                config.http()
                        .drainDelay()
                        .orElse(config.url().isPresent() ? BALANCERS : Duration.ZERO);
        try {
            Floor floor = new Floor(config, ground, systems, parts);
            this.url = floor.url;

            // Who asks.
            ApiKeys apiKeys =
                    new ApiKeys(floor.db, ground.keys, floor.versions, ground.ids, ground.random);
            ConsoleLinks links = new ConsoleLinks(ground.keys, ground.random, ground.time);
            ForeignIssuers foreign =
                    new ForeignIssuers(
                            config.caller(),
                            floor.db,
                            floor.people,
                            floor.egress,
                            floor.versions,
                            ground.time);

            FiveSystems five =
                    new FiveSystems(
                            floor,
                            systems,
                            List.of(apiKeys::authenticate, links::authenticate),
                            foreign::authenticate,
                            memory.engine());
            floor.events.start();
            floor.jobs.start();

            // The face.
            Database db = floor.db;
            Organisations organisations = new Organisations(ground.ids);
            Idempotency idempotency = new Idempotency(db, floor.once);
            Overview overview = new Overview(five.overseen, floor.events::parkedCount);
            List<Routes> routes = new ArrayList<>(five.routes());
            Pages.Clients clients =
                    five.auth
                            .map(built -> Pages.ensureClients(built, url))
                            .orElse(new Pages.Clients(Optional.empty(), Optional.empty()));
            routes.addAll(new Pages(clients).routes());
            routes.addAll(
                    List.of(
                            new OperatorRoutes(db, links, overview).routes(),
                            new ParkedRoutes(db, floor.events, floor.audit, idempotency).routes(),
                            new HealthRoutes(health, floor.metrics).routes(),
                            new KeyRoutes(db, apiKeys, organisations, floor.audit, idempotency)
                                    .routes(),
                            new PeopleRoutes(db, floor.people, floor.audit).routes(),
                            new AuditRoutes(db, floor.audit).routes()));
            this.web =
                    parts.open(
                            new Web(
                                    config.http(),
                                    five.callers,
                                    floor.metrics.registry(),
                                    ground.ids,
                                    observer,
                                    floor.limits,
                                    parts.open(Traces.of(config.telemetry()))));
            Optional<Routes> s3Routes =
                    five.files.map(built -> new S3Door(built, ground.time).routes());
            this.s3 =
                    s3Routes.map(
                            all -> web.open(config.http().host(), config.files().s3().port(), all));
            routes.add(
                    Routes.of(
                            "platform",
                            OpenApi.route(
                                    VERSION,
                                    () ->
                                            routes.stream()
                                                    .flatMap(group -> group.routes().stream())
                                                    .toList())));
            this.door = web.open(config.http().host(), floor.port, routes.toArray(Routes[]::new));
            // Last: what waits in the log would take processors from the start.
            five.analytics.ifPresent(Analytics::start);
            this.routes =
                    Stream.concat(routes.stream(), s3Routes.stream())
                            .flatMap(group -> group.routes().stream())
                            .toList();
            health.require("database", db::problem);
            this.firstLink =
                    apiKeys.makeFirst()
                            .map(made -> AdminKeyFile.keep(ground, made.secret(), links));
            health.atFirst(floor.nodes::serve);
            health.started();
        } catch (RuntimeException refused) {
            parts.close();
            throw refused;
        }
    }

    URI address() {
        return door.base();
    }

    /** All that is declared at both doors. */
    List<Route> routes() {
        return routes;
    }

    Optional<URI> s3Address() {
        return s3.map(Door::base);
    }

    /** Tells whoever started the server where it is, in the words that the contract fixes. */
    void announce(PrintStream out) {
        out.println("quintet ready at http://127.0.0.1:" + door.port());
        s3.ifPresent(open -> out.println("s3 at http://127.0.0.1:" + open.port()));
        firstLink.ifPresent(link ->
                out.println(
                        "the first console link, good once for ten minutes: "
                                + url
                                + "/console#link="
                                + link));
        out.flush();
    }

    /** Waits for SIGTERM or SIGINT; the JVM then stays until {@link #close} is through. */
    void awaitStop() {
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(this::stopAndWait));
        await(stop);
    }

    private void stopAndWait() {
        stop.countDown();
        boolean all = closedWithin(drainDelay.plus(LONGEST_CLOSE));
        if (!all) {
            LOG.error("not closed within {} s: ends as if killed", LONGEST_CLOSE.toSeconds());
        }
        Logs.stop();
        // A signal alone would end the JVM with 128 + its number, though all went well.
        Runtime.getRuntime().halt(all ? 0 : 1);
    }

    private boolean closedWithin(Duration most) {
        try {
            return closed.await(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /**
     * Drains: readiness goes first and requests are served on, so that balancers turn away; then
     * new ones are refused, open ones finish, and every part closes in reverse, PostgreSQL last.
     */
    @Override
    public void close() {
        health.drain();
        Deadline end = Deadline.in(drainDelay.plus(PARTS));
        web.drain(drainDelay, DRAIN);
        parts.close(end);
        closed.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
