package dev.quintet.server;

import dev.quintet.analytics.Analytics;
import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.auth.Auth;
import dev.quintet.auth.http.AuthRoutes;
import dev.quintet.auth.http.OAuthRoutes;
import dev.quintet.auth.http.PageRoutes;
import dev.quintet.chat.Chat;
import dev.quintet.chat.centrifugo.CentrifugoSockets;
import dev.quintet.chat.http.ChatRoutes;
import dev.quintet.files.Files;
import dev.quintet.files.http.FilesRoutes;
import dev.quintet.files.http.TusRoutes;
import dev.quintet.files.s3.S3Door;
import dev.quintet.notify.Backoff;
import dev.quintet.notify.Channel;
import dev.quintet.notify.Endpoints;
import dev.quintet.notify.Notify;
import dev.quintet.notify.Priority;
import dev.quintet.notify.channels.Email;
import dev.quintet.notify.channels.Webhook;
import dev.quintet.notify.http.EndpointRoutes;
import dev.quintet.notify.http.InboxRoutes;
import dev.quintet.notify.http.NotifyRoutes;
import dev.quintet.platform.api.AuditRoutes;
import dev.quintet.platform.api.HealthRoutes;
import dev.quintet.platform.api.KeyRoutes;
import dev.quintet.platform.api.PeopleRoutes;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.blobs.LocalBlobs;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.bus.PostgresBus;
import dev.quintet.platform.caller.ApiKeys;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Callers;
import dev.quintet.platform.caller.ForeignIssuers;
import dev.quintet.platform.caller.Organisations;
import dev.quintet.platform.caller.RateLimits;
import dev.quintet.platform.caller.Versions;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.events.Events;
import dev.quintet.platform.events.Outbox;
import dev.quintet.platform.http.Door;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Observer;
import dev.quintet.platform.http.OpenApi;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.Web;
import dev.quintet.platform.jobs.Jobs;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.Migrations;
import dev.quintet.platform.sql.Nodes;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.telemetry.Health;
import dev.quintet.platform.telemetry.Logs;
import dev.quintet.platform.telemetry.Metrics;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The whole server: every long-lived part is built here, top to bottom, and closed in reverse. Read
 * it as the map of the product.
 */
final class Quintet implements AutoCloseable {

    static final String VERSION = "0.1.0";
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);
    private static final Duration ALIVE = Duration.ofSeconds(10);
    private static final Duration DELIVERY_LEASE = Duration.ofMinutes(2);
    private static final Duration DRAIN = Duration.ofSeconds(25);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Health health = new Health();
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
        Ground ground = Ground.open(config, data);
        try {
            return new Quintet(config, ground, systems, observer);
        } catch (RuntimeException refused) {
            ground.close();
            throw refused;
        }
    }

    private Quintet(QuintetConfig config, Ground ground, Set<Systems> systems, Observer observer) {
        parts.push(ground);
        try {
            // Ground floor: the schema, the database, who shares it, and what crosses between
            // transactions and nodes.
            new Migrations(ground.database)
                    .migrate(
                            Stream.concat(Stream.of("server"), systems.stream().map(Systems::wire))
                                    .toList());
            Outbox outbox = new Outbox(ground.ids);
            Database db = open(Database.open(ground.database, Database.Limits.DEFAULT, outbox));
            Admission admission = new Admission(db, ground.keys);
            int port = Ports.resolve(config.http());
            this.url = admission.admit(config, ground.directory.node(), systems, ALIVE, port);
            Nodes nodes =
                    open(
                            new Nodes(
                                    db,
                                    ground.directory.node(),
                                    systems.stream().map(Systems::wire).collect(Collectors.toSet()),
                                    HEARTBEAT,
                                    ALIVE));
            Leases leases = open(new Leases(db, nodes.self(), LEASE));
            Bus bus = open(new PostgresBus(ground.database, nodes.self()));
            Jobs jobs = open(new Jobs(db, ground.ids, leases, Jobs.Settings.DEFAULT));
            Audit audit = new Audit();
            Events events =
                    open(
                            new Events(
                                    db,
                                    outbox,
                                    leases,
                                    bus,
                                    Events.Settings.DEFAULT,
                                    name -> dropped(db, audit, name)));
            Once once = new Once(db, ground.keys);
            jobs.every("once.days", Duration.ofHours(1), once::keepDays);

            // Who asks, who people are, and the way out.
            Metrics metrics = open(new Metrics());
            Versions versions = open(new Versions(db, Versions.OFTEN_ENOUGH));
            People people = new People(ground.ids);
            Organisations organisations = new Organisations(ground.ids);
            ApiKeys apiKeys = new ApiKeys(db, ground.keys, versions, ground.ids, ground.random);
            Egress egress = open(new Egress(config.egress()));
            Egress urgentEgress = open(new Egress(config.egress()));
            RateLimits limits = new RateLimits(config.limits(), System::nanoTime);
            ConsoleLinks links = new ConsoleLinks(ground.keys, ground.random, ground.time);
            ForeignIssuers foreign =
                    new ForeignIssuers(config.caller(), db, people, egress, versions, ground.time);
            List<Overview.Overseen> overseen = new ArrayList<>();
            List<Authenticator> authenticators =
                    new ArrayList<>(List.of(apiKeys::authenticate, links::authenticate));

            // The five systems.
            List<Routes> routes = new ArrayList<>();
            Optional<Auth> auth = Optional.empty();
            if (systems.contains(Systems.AUTH)) {
                Database share = db.share("auth", 16, 4);
                Auth built =
                        open(
                                new Auth(
                                        share,
                                        ground.keys,
                                        people,
                                        audit,
                                        ground.time,
                                        ground.random,
                                        url,
                                        config.auth(),
                                        nodes.outage()));
                routes.addAll(
                        List.of(
                                new AuthRoutes(built, idempotency(share, once)).routes(),
                                new OAuthRoutes(built.oauth()).routes(),
                                new PageRoutes(built, limits, url, config.auth().sessionLife())
                                        .routes()));
                authenticators.add(built::authenticate);
                overseen.add(new Overview.Overseen(Systems.AUTH, built::figures));
                auth = Optional.of(built);
            }
            authenticators.add(foreign::authenticate);
            Callers callers = new Callers(authenticators);

            Optional<Notify> notify = Optional.empty();
            if (systems.contains(Systems.NOTIFY)) {
                Database share = db.share("notify", 16, 8);
                Endpoints endpoints =
                        new Endpoints(
                                share,
                                ground.keys,
                                ground.ids,
                                ground.random,
                                egress,
                                config.notify_());
                Idempotency idempotency = idempotency(share, once);
                List<Channel> channels =
                        new ArrayList<>(
                                List.of(
                                        new Webhook(
                                                endpoints,
                                                delivery ->
                                                        urgent(delivery.priority())
                                                                ? urgentEgress
                                                                : egress,
                                                ground.time)));
                config.notify_()
                        .smtp()
                        .url()
                        .ifPresent(smtp ->
                                channels.add(email(smtp.reveal(), config.notify_().smtp().from())));
                Notify built =
                        open(
                                new Notify(
                                        new Notify.Ground(
                                                share,
                                                bus,
                                                people,
                                                ground.ids,
                                                ground.time,
                                                ground.random),
                                        config.notify_(),
                                        channels,
                                        nodes.self(),
                                        DELIVERY_LEASE,
                                        Backoff.usual()));
                routes.addAll(
                        List.of(
                                new NotifyRoutes(built, idempotency).routes(),
                                new InboxRoutes(built.inbox(), idempotency).routes(),
                                new EndpointRoutes(endpoints, idempotency).routes()));
                overseen.add(new Overview.Overseen(Systems.NOTIFY, built::figures));
                notify = Optional.of(built);
            }

            Optional<Chat> chat = Optional.empty();
            if (systems.contains(Systems.CHAT)) {
                Database share = db.share("chat", 16, 4);
                Chat built =
                        open(
                                new Chat(
                                        share,
                                        bus,
                                        ground.ids,
                                        ground.time,
                                        ground.random,
                                        config.chat(),
                                        people::known));
                Optional<Auth> own = auth;
                CentrifugoSockets sockets =
                        new CentrifugoSockets(
                                built,
                                share,
                                callers,
                                credentials ->
                                        own.map(from -> from.unrevoked(credentials))
                                                .orElse(credentials),
                                ground.time);
                // Closed before the rooms that they talk to.
                parts.push(sockets);
                routes.addAll(
                        List.of(
                                new ChatRoutes(built, ground.ids, idempotency(share, once))
                                        .routes(),
                                sockets.routes()));
                overseen.add(new Overview.Overseen(Systems.CHAT, built::figures));
                chat = Optional.of(built);
            }

            Optional<Files> files = Optional.empty();
            if (systems.contains(Systems.FILES)) {
                Database share = db.share("files", 16, 4);
                Path folder = ground.directory.folder("blobs");
                LocalBlobs blobs =
                        new LocalBlobs(
                                ground.disk,
                                folder,
                                ground.ids,
                                DiskGuard.of(ground.disk, folder),
                                LocalBlobs.STRETCH);
                Files built =
                        new Files(
                                share,
                                blobs,
                                ground.keys,
                                ground.ids,
                                ground.time,
                                ground.random,
                                config.files());
                jobs.every("files.expired", Duration.ofMinutes(5), built.sweep()::endExpired);
                jobs.every("files.dropped", Duration.ofMinutes(5), built.sweep()::dropDue);
                jobs.every("files.orphans", Duration.ofHours(1), built.sweep()::dropOrphans);
                routes.addAll(
                        List.of(
                                new FilesRoutes(built, idempotency(share, once)).routes(),
                                new TusRoutes(built).routes()));
                overseen.add(new Overview.Overseen(Systems.FILES, built::figures));
                files = Optional.of(built);
            }

            Optional<Analytics> analytics = Optional.empty();
            if (systems.contains(Systems.ANALYTICS)) {
                Database share = db.share("analytics", 8, 4);
                Path folder = ground.directory.folder("log");
                LocalEventLog log =
                        open(
                                new LocalEventLog(
                                        ground.disk,
                                        folder,
                                        LocalEventLog.Bounds.DEFAULT,
                                        DiskGuard.of(ground.disk, folder)));
                Analytics built =
                        open(
                                new Analytics(
                                        share,
                                        log,
                                        ground.disk,
                                        ground.directory.folder("lake"),
                                        ground.keys,
                                        ground.random,
                                        ground.time,
                                        config.analytics()));
                routes.addAll(
                        List.of(
                                new SegmentRoutes(built).routes(),
                                new AnalyticsRoutes(built, idempotency(share, once)).routes()));
                overseen.add(new Overview.Overseen(Systems.ANALYTICS, built::figures));
                analytics = Optional.of(built);
            }
            Stream.of(Systems.values())
                    .filter(system -> !systems.contains(system))
                    .forEach(system -> routes.add(system.off()));

            // Where they meet.
            Bridges.connect(events, auth, notify, chat, files, analytics);
            events.start();
            jobs.start();

            // The face.
            Pages.Clients clients =
                    auth.map(built -> Pages.ensureClients(built, url))
                            .orElse(new Pages.Clients(Optional.empty(), Optional.empty()));
            routes.addAll(new Pages(clients).routes());
            routes.add(new OperatorRoutes(db, links, new Overview(overseen)).routes());
            routes.addAll(
                    List.of(
                            new HealthRoutes(health, metrics).routes(),
                            new KeyRoutes(
                                            db,
                                            apiKeys,
                                            organisations,
                                            audit,
                                            new Idempotency(db, once))
                                    .routes(),
                            new PeopleRoutes(db, people, audit).routes(),
                            new AuditRoutes(db, audit).routes()));
            this.web =
                    open(
                            new Web(
                                    config.http(),
                                    callers,
                                    metrics.registry(),
                                    ground.ids,
                                    observer,
                                    limits));
            Optional<Routes> s3Routes = files.map(built -> new S3Door(built, ground.time).routes());
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
            this.door = web.open(config.http().host(), port, routes.toArray(Routes[]::new));
            // Last: what waits in the log would take processors from the start.
            analytics.ifPresent(Analytics::start);
            this.routes =
                    Stream.concat(routes.stream(), s3Routes.stream())
                            .flatMap(group -> group.routes().stream())
                            .toList();
            health.require("database", () -> problemOf(db));
            this.firstLink =
                    apiKeys.makeFirst()
                            .map(made -> AdminKeyFile.keep(ground, made.secret(), links));
            health.started();
        } catch (RuntimeException refused) {
            closeParts();
            throw refused;
        }
    }

    private static Idempotency idempotency(Database share, Once once) {
        return new Idempotency(share, once.within(share));
    }

    private Channel email(String url, String from) {
        Email email = new Email(url, from);
        parts.push(email::close);
        return email;
    }

    private static Optional<String> problemOf(Database db) {
        try {
            db.read(tx -> true);
            return Optional.empty();
        } catch (RuntimeException silent) {
            return Optional.of("does not answer");
        }
    }

    /**
     * Critical and high have connections of their own, which a bulk receiver that hangs cannot
     * take.
     */
    private static boolean urgent(Priority priority) {
        return priority == Priority.CRITICAL || priority == Priority.HIGH;
    }

    private static void dropped(Database db, Audit audit, String subscriber) {
        db.run(tx ->
                audit.record(
                        tx, Act.byServer(Caller.ROOT, "events", "subscriber.dropped", subscriber)));
    }

    private <T extends AutoCloseable> T open(T part) {
        parts.push(part);
        return part;
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
        await(closed);
        // A signal alone would end the JVM with 128 + its number, though all went well.
        Runtime.getRuntime().halt(0);
    }

    /**
     * Drains: readiness goes first, open requests finish, then every part closes in reverse,
     * PostgreSQL last.
     */
    @Override
    public void close() {
        health.drain();
        web.drain(DRAIN);
        closeParts();
        closed.countDown();
    }

    private void closeParts() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception failed) {
                LoggerFactory.getLogger(Quintet.class)
                        .warn("{} did not close cleanly", part.getClass().getSimpleName(), failed);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
