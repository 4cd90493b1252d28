package dev.quintet.platform.http;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.telemetry.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's front: owns the event loops, and opens doors (a port with its own routes). Close
 * drains all doors.
 */
public final class Web implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Web.class);

    /** For what did not finish in time: to be told so, and to be cut. */
    static final Duration CUT = Duration.ofMillis(500);

    // A balancer without health checks learns from a refusal, and then sends nothing to a port that
    // closes; a request that meets a closing port cannot be repeated by it.
    private static final Duration REFUSING = Duration.ofSeconds(1);

    // The part of a drain after which those who only keep it waiting are cut.
    private static final int PATIENCE = 4;
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Vertx vertx;
    private final HttpConfig config;
    private final Around around;
    private final List<Door> doors = new CopyOnWriteArrayList<>();

    public Web(
            HttpConfig config,
            Authenticator authenticator,
            MeterRegistry meters,
            Ids ids,
            Observer observer) {
        this(config, authenticator, meters, ids, observer, Limiter.NONE, Traces.NONE);
    }

    public Web(
            HttpConfig config,
            Authenticator authenticator,
            MeterRegistry meters,
            Ids ids,
            Observer observer,
            Limiter limiter,
            Traces traces) {
        this.config = config;
        Around.Outside outside = Around.Outside.of(config);
        this.around =
                new Around(
                        config,
                        outside,
                        authenticator,
                        new Permits(config.lanes()),
                        Around.Backlogs.of(config),
                        new OpenStreams(config.maxEventStreams(), config.maxEventStreamsOfOne()),
                        new RequestTimers(meters),
                        ids,
                        observer,
                        limiter,
                        traces);
        HttpMeters.register(meters, around.permits(), around.backlogs());
        this.vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setPreferNativeTransport(true)
                                .setEventLoopPoolSize(
                                        Math.max(2, Runtime.getRuntime().availableProcessors()))
                                .setInternalBlockingPoolSize(2)
                                .setWorkerPoolSize(2)
                                .setMaxEventLoopExecuteTime(2)
                                .setMaxEventLoopExecuteTimeUnit(TimeUnit.SECONDS));
    }

    /** Bytes of answers that wait for clients to take them. */
    public long untakenBytes() {
        return around.backlogs().answers().held();
    }

    /** Opens a door at its own port; 0 takes any free one. */
    public Door open(String host, int port, Routes... groups) {
        Door door = Door.open(vertx, config.at(host, port), around, List.of(groups));
        doors.add(door);
        return door;
    }

    /**
     * Drains, so that balancers in front lose no request: serves on for {@code delay}, each answer
     * the last of its connection; then refuses what is new, for a second at least where there was a
     * delay, and lets open work finish, but what only its slow client keeps open; then closes the
     * doors for good.
     *
     * @param limit for all of it but the delay
     */
    public void drain(Duration delay, Duration limit) {
        if (!delay.isZero()) {
            doors.forEach(Door::sayGoodbye);
            pause(delay);
        }
        Deadline end = Deadline.in(limit.minus(CUT));
        List<Door> open = List.copyOf(doors);
        open.forEach(Door::leave);
        if (!delay.isZero()) {
            pause(REFUSING);
        }
        awaitQuiet(open, new Stragglers(limit.dividedBy(PATIENCE), end), end);
        await(Future.all(open.stream().map(Door::shut).toList()), CUT.multipliedBy(5));
        doors.clear();
        await(vertx.close(), CUT.multipliedBy(10));
    }

    /** Nobody who closes on behind this is kept from it. */
    private static void await(Future<?> closed, Duration limit) {
        try {
            Waiting.forIo(closed, limit);
        } catch (IOException late) {
            log.warn("the doors were not shut cleanly", late);
        }
    }

    public void drain(Duration limit) {
        drain(Duration.ZERO, limit);
    }

    private static void awaitQuiet(List<Door> open, Stragglers stragglers, Deadline end) {
        do {
            open.forEach(door -> stragglers.look(door.requests()));
        } while (!open.stream().allMatch(door -> door.awaitQuiet(LOOK)) && !end.passed());
    }

    private static void pause(Duration time) {
        Deadline end = Deadline.in(time);
        while (!end.passed()) {
            LockSupport.parkNanos(end.left().toNanos());
        }
    }

    @Override
    public void close() {
        drain(Duration.ofSeconds(2));
    }
}
