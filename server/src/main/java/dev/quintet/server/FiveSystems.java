package dev.quintet.server;

import dev.quintet.analytics.Analytics;
import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.analytics.iceberg.IcebergRoutes;
import dev.quintet.analytics.lake.EngineFiles;
import dev.quintet.auth.Auth;
import dev.quintet.auth.http.AuthRoutes;
import dev.quintet.auth.http.OAuthRoutes;
import dev.quintet.auth.http.PageRoutes;
import dev.quintet.chat.Chat;
import dev.quintet.chat.MessagesSent;
import dev.quintet.chat.centrifugo.CentrifugoSockets;
import dev.quintet.chat.http.ChatRoutes;
import dev.quintet.files.Files;
import dev.quintet.files.http.FilesRoutes;
import dev.quintet.files.http.TusRoutes;
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
import dev.quintet.platform.DataSize;
import dev.quintet.platform.blobs.LocalBlobs;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Callers;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.sql.Database;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The five systems on the floor that they share, each with its share of the database; one that is
 * off answers for its paths that it is.
 */
final class FiveSystems {

    private static final Duration DELIVERY_LEASE = Duration.ofMinutes(2);

    final Callers callers;
    final Optional<Auth> auth;
    final Optional<Notify> notify;
    final Optional<Chat> chat;
    final Optional<Files> files;
    final Optional<Analytics> analytics;
    final List<Overview.Overseen> overseen = new ArrayList<>();

    private final List<Routes> routes = new ArrayList<>();
    private final Floor floor;
    private final Ground ground;
    private final QuintetConfig config;

    /**
     * @param first who is asked for a credential before auth is
     * @param last who is asked when nobody else knows it
     * @param engineMemory what an engine over the lake may take
     */
    FiveSystems(
            Floor floor,
            Set<Systems> systems,
            List<Authenticator> first,
            Authenticator last,
            DataSize engineMemory) {
        this.floor = floor;
        this.ground = floor.ground;
        this.config = floor.config;
        this.auth = systems.contains(Systems.AUTH) ? Optional.of(auth()) : Optional.empty();
        List<Authenticator> known = new ArrayList<>(first);
        auth.ifPresent(built -> known.add(built::authenticate));
        known.add(last);
        this.callers = new Callers(known);
        this.notify = systems.contains(Systems.NOTIFY) ? Optional.of(notify_()) : Optional.empty();
        this.chat = systems.contains(Systems.CHAT) ? Optional.of(chat()) : Optional.empty();
        this.files = systems.contains(Systems.FILES) ? Optional.of(files()) : Optional.empty();
        this.analytics =
                systems.contains(Systems.ANALYTICS)
                        ? Optional.of(analytics(engineMemory))
                        : Optional.empty();
        Stream.of(Systems.values())
                .filter(system -> !systems.contains(system))
                .forEach(system -> routes.add(system.off()));
        Bridges.connect(floor.events, auth, notify, chat, files, analytics);
    }

    List<Routes> routes() {
        return routes;
    }

    private void shows(
            Systems system, Function<UUID, Map<String, Long>> figures, Routes... itsRoutes) {
        shows(system, figures, Optional::empty, itsRoutes);
    }

    private void shows(
            Systems system,
            Function<UUID, Map<String, Long>> figures,
            Supplier<Optional<String>> problem,
            Routes... itsRoutes) {
        overseen.add(new Overview.Overseen(system, figures, problem));
        routes.addAll(List.of(itsRoutes));
    }

    private Auth auth() {
        Database share = floor.db.share("auth", 67, 34);
        Auth built =
                floor.parts.open(
                        new Auth(
                                share,
                                ground.keys,
                                floor.people,
                                floor.audit,
                                ground.time,
                                ground.random,
                                floor.url,
                                config.auth(),
                                floor.nodes::outage));
        PageRoutes pages =
                new PageRoutes(built, floor.limits, floor.url, config.auth().sessionLife());
        shows(
                Systems.AUTH,
                built::figures,
                new AuthRoutes(built, floor.idempotency(share)).routes(),
                new OAuthRoutes(built.oauth(), floor.limits).routes(),
                pages.routes(),
                pages.forms());
        return built;
    }

    private Notify notify_() {
        Database share = floor.db.share("notify", 67, 67);
        Endpoints endpoints =
                new Endpoints(
                        share,
                        ground.keys,
                        ground.ids,
                        ground.random,
                        floor.egress,
                        floor.audit,
                        config.notify_());
        List<Channel> channels = new ArrayList<>();
        // Critical and high have connections of their own, which a bulk receiver that hangs cannot
        // take.
        channels.add(
                new Webhook(
                        endpoints,
                        delivery ->
                                delivery.priority().compareTo(Priority.HIGH) <= 0
                                        ? floor.urgentEgress
                                        : floor.egress,
                        ground.time));
        config.notify_()
                .smtp()
                .url()
                .map(url -> new Email(url.reveal(), config.notify_().smtp().from()))
                .ifPresent(email -> {
                    floor.parts.open(email::close);
                    channels.add(email);
                });
        Notify built =
                floor.parts.open(
                        new Notify(
                                new Notify.Ground(
                                        share,
                                        floor.bus,
                                        floor.people,
                                        ground.ids,
                                        ground.time,
                                        ground.random),
                                config.notify_(),
                                channels,
                                floor.nodes.self(),
                                DELIVERY_LEASE,
                                Backoff::usual));
        Idempotency idempotency = floor.idempotency(share);
        shows(
                Systems.NOTIFY,
                built::figures,
                new NotifyRoutes(built, idempotency).routes(),
                new InboxRoutes(built.inbox(), idempotency).routes(),
                new EndpointRoutes(endpoints, idempotency).routes());
        return built;
    }

    private Chat chat() {
        Database share = floor.db.share("chat", 67, 34);
        Chat built =
                floor.parts.open(
                        new Chat(
                                share,
                                floor.bus,
                                ground.ids,
                                ground.time,
                                ground.random,
                                config.chat(),
                                floor.people::known));
        floor.events.tail(MessagesSent.class, built::announced);
        // Closed before the rooms that they talk to.
        CentrifugoSockets sockets =
                floor.parts.open(
                        new CentrifugoSockets(
                                built,
                                share,
                                callers,
                                credentials ->
                                        auth.map(own -> own.unrevoked(credentials))
                                                .orElse(credentials),
                                floor.limits,
                                ground.time));
        FunctionCounter.builder("chat.sockets.slow", sockets, CentrifugoSockets::cutAsSlow)
                .description("Sockets that were cut because chat.maxQueued waited for them")
                .register(floor.metrics.registry());
        shows(
                Systems.CHAT,
                built::figures,
                new ChatRoutes(built, ground.ids, floor.idempotency(share)).routes(),
                sockets.routes());
        return built;
    }

    private Files files() {
        Database share = floor.db.share("files", 67, 34);
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
        floor.jobs.every("files.expired", Duration.ofMinutes(5), built.sweep()::endExpired);
        floor.jobs.every("files.dropped", Duration.ofMinutes(5), built.sweep()::dropDue);
        floor.jobs.every("files.orphans", Duration.ofHours(1), built.sweep()::dropOrphans);
        shows(
                Systems.FILES,
                built::figures,
                new FilesRoutes(built, floor.idempotency(share)).routes(),
                new TusRoutes(built).routes());
        return built;
    }

    private Analytics analytics(DataSize engineMemory) {
        Database share = floor.db.share("analytics", 8, 4);
        Path folder = ground.directory.folder("log");
        LocalEventLog log =
                floor.parts.open(
                        new LocalEventLog(
                                ground.disk,
                                folder,
                                LocalEventLog.Bounds.DEFAULT,
                                DiskGuard.of(ground.disk, folder)));
        Gauge.builder("event.log.cut", log, LocalEventLog::cutBytes)
                .baseUnit("bytes")
                .description(
                        "Ends of the event log that were no whole record at a start, kept beside it")
                .register(floor.metrics.registry());
        Analytics built =
                floor.parts.open(
                        new Analytics(
                                share,
                                log,
                                ground.disk,
                                ground.directory.folder("lake"),
                                new EngineFiles(ground.disk, Ground.unpacked("engine")),
                                ground.keys,
                                ground.random,
                                ground.time,
                                config.analytics(),
                                engineMemory));
        shows(
                Systems.ANALYTICS,
                built::figures,
                built::problem,
                new SegmentRoutes(built).routes(),
                new AnalyticsRoutes(built, floor.idempotency(share)).routes(),
                new IcebergRoutes(built.catalog(), share).routes());
        return built;
    }
}
