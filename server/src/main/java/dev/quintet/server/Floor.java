package dev.quintet.server;

import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.bus.PostgresBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.RateLimits;
import dev.quintet.platform.caller.Versions;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.events.Events;
import dev.quintet.platform.events.Outbox;
import dev.quintet.platform.events.OutboxReadings;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.jobs.Jobs;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.Migrations;
import dev.quintet.platform.sql.Nodes;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.telemetry.Logs;
import dev.quintet.platform.telemetry.Metrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the five systems share: the schema and the database, what crosses between transactions and
 * nodes, who people are, and the way out.
 */
final class Floor {

    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);
    private static final Duration ALIVE = Duration.ofSeconds(10);

    final QuintetConfig config;
    final Ground ground;
    final Parts parts;
    final Database db;
    final int port;
    final URI url;
    final Nodes nodes;
    final Bus bus;
    final Jobs jobs;
    final Audit audit = new Audit();
    final Events events;
    final Once once;
    final Metrics metrics;
    final Versions versions;
    final People people;
    final Egress egress;
    final Egress urgentEgress;
    final RateLimits limits;

    Floor(QuintetConfig config, Ground ground, Set<Systems> systems, Parts parts) {
        this.config = config;
        this.ground = ground;
        this.parts = parts;
        Set<String> names = systems.stream().map(Systems::wire).collect(Collectors.toSet());
        new Migrations(ground.database)
                .migrate(
                        Stream.concat(Stream.of("server"), systems.stream().map(Systems::wire))
                                .toList());
        Outbox outbox = new Outbox(ground.ids);
        this.db = parts.open(Database.open(ground.database, config.database().limits(), outbox));
        this.port = Ports.resolve(config.http());
        this.url =
                new Admission(db, ground.keys)
                        .admit(config, ground.directory.node(), systems, ALIVE, port);
        this.nodes = parts.open(new Nodes(db, ground.directory.node(), names, HEARTBEAT));
        Leases leases = parts.open(new Leases(db, nodes.self(), LEASE));
        this.bus = parts.open(new PostgresBus(ground.database, nodes.self()));
        this.jobs = parts.open(new Jobs(db, leases, Jobs.OFTEN_ENOUGH));
        this.events =
                parts.open(
                        new Events(
                                db, outbox, leases, bus, Events.Settings.DEFAULT, this::dropped));
        this.once = new Once(db, ground.keys);
        jobs.every("once.days", Duration.ofHours(1), once::keepDays);
        this.metrics = parts.open(new Metrics());
        measure(metrics.registry());
        this.versions = parts.open(new Versions(db, Versions.OFTEN_ENOUGH));
        this.people = new People(ground.ids);
        this.egress = parts.open(new Egress(config.egress()));
        this.urgentEgress = parts.open(new Egress(config.egress()));
        this.limits = new RateLimits(config.limits(), System::nanoTime);
    }

    /** Nothing here asks the database: a scrape is answered while that is away. */
    private void measure(MeterRegistry meters) {
        String pools = "db.connections.busy";
        meters.gauge(pools, Tags.of("pool", "interactive"), db, all -> all.busy()[0]);
        meters.gauge(pools, Tags.of("pool", "background"), db, all -> all.busy()[1]);
        FunctionCounter.builder("log.dropped", Logs.class, all -> Logs.dropped())
                .description("Log lines that were dropped because nobody read them in time")
                .register(meters);
        OutboxReadings outbox = events.readings();
        Gauge.builder("outbox.lag", outbox, OutboxReadings::lag)
                .baseUnit("seconds")
                .description("How long the oldest event has waited for its slowest subscriber")
                .register(meters);
        Gauge.builder("outbox.parked", outbox, OutboxReadings::parked)
                .description("Events that wait because a subscriber could not take them")
                .register(meters);
        Gauge.builder("outbox.parked.given.up", outbox, OutboxReadings::givenUp)
                .description("Parked events that are tried no more until an operator says so")
                .register(meters);
    }

    private void dropped(String subscriber) {
        db.run(tx ->
                audit.record(
                        tx, Act.byServer(Caller.ROOT, "events", "subscriber.dropped", subscriber)));
    }

    /** For the routes of a system, whose answers are kept by its own share of the database. */
    Idempotency idempotency(Database share) {
        return new Idempotency(share, once.within(share));
    }
}
