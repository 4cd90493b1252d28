package dev.quintet.analytics;

import dev.quintet.analytics.lake.Doubling;
import dev.quintet.analytics.lake.EngineFailed;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.LoaderFenced;
import dev.quintet.analytics.lake.UserQueries;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.Position;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loader's thread: loads what comes, at most one commit in {@code commitEvery}; erases people
 * between two commits; keeps the house. A failure makes a new loader, which begins at the lake's
 * position; a loader that another has fenced off stops for good.
 */
final class Loading implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Loading.class);
    private static final String BEGINS_ANEW =
            "loading events failed and begins anew in {}; they are safe in the log: {}";
    private static final Duration WAIT = Duration.ofMillis(500);
    private static final Duration TIDY_EVERY = Duration.ofMinutes(1);
    private static final Duration REFRESH_EVERY = Duration.ofSeconds(1);
    private static final Duration ENGINE_IDLE = Duration.ofMinutes(2);
    private static final Duration ERASURE = Duration.ofMinutes(5);

    private final EventLog log;
    private final Supplier<LakeWriter> writers;
    private final Lake lake;
    private final AnalyticsStore store;
    private final Sources sources;
    private final UserQueries queries;
    private final InstantSource time;
    private final AnalyticsConfig config;

    // Between failures; the loader's own.
    private final Doubling pauses = new Doubling(Duration.ofSeconds(1), Duration.ofMinutes(1));
    private final BlockingQueue<Erasure> erasures = new ArrayBlockingQueue<>(100);
    private volatile Optional<String> problem = Optional.empty();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread loader =
            Thread.ofPlatform().name("analytics-loader").unstarted(this::load);
    private final Thread watch =
            Thread.ofVirtual().name("analytics-sources").unstarted(this::refresh);

    /** Owned by the loader's thread; survives a loader that fails. */
    private @Nullable Erasure erasing;

    Loading(
            EventLog log,
            Supplier<LakeWriter> writers,
            Lake lake,
            AnalyticsStore store,
            Sources sources,
            UserQueries queries,
            InstantSource time,
            AnalyticsConfig config) {
        this.log = log;
        this.writers = writers;
        this.lake = lake;
        this.store = store;
        this.sources = sources;
        this.queries = queries;
        this.time = time;
        this.config = config;
    }

    void start() {
        loader.start();
        watch.start();
    }

    /** Somebody waits for it. */
    private record Erasure(UUID organisation, String person, Position upTo, CountDownLatch done) {}

    /**
     * Returns when the person is in no table any more; what was taken in before is loaded first.
     */
    void erase(UUID organisation, String person) {
        requireLoading();
        Erasure erasure = new Erasure(organisation, person, log.end(), new CountDownLatch(1));
        if (!erasures.offer(erasure)) {
            throw PlatformRefusal.BUSY
                    .because("the erasure of people")
                    .retryAfter(Duration.ofSeconds(10));
        }
        boolean ended = passes(erasure.done, ERASURE);
        requireLoading();
        if (!ended) {
            throw PlatformRefusal.DEADLINE_PASSED.because(ERASURE);
        }
    }

    /** Why this node loads no events any more; empty while it does. */
    Optional<String> problem() {
        return problem;
    }

    private void requireLoading() {
        if (problem.isPresent()) {
            throw AnalyticsRefusal.LOADING_STOPPED.because(problem.get());
        }
    }

    private void load() {
        while (!stopped(Duration.ZERO)) {
            try (LakeWriter writer = writers.get();
                    Loader current =
                            new Loader(
                                    log,
                                    lake,
                                    writer,
                                    store,
                                    new SeenIds(config.rememberedIds()),
                                    time.instant())) {
                loadWith(current);
            } catch (LoaderFenced fenced) {
                stop("another node loads: " + fenced.getMessage(), fenced);
                return;
            } catch (LogDamaged damaged) {
                stop("the event log is damaged at " + damaged.at(), damaged);
                return;
            } catch (EngineFailed failed) {
                LOG.error(BEGINS_ANEW, Doubling.shown(pauses.now()), failed.getMessage());
                pause();
            } catch (RuntimeException | Error failed) {
                // Also an error ends this attempt alone: nobody would load any more.
                LOG.error(BEGINS_ANEW, Doubling.shown(pauses.now()), failed.getMessage(), failed);
                pause();
            }
        }
    }

    private void stop(String why, RuntimeException cause) {
        problem = Optional.of(why);
        LOG.error(
                "this node stops loading events, the rest goes on; they stay in its log: {}",
                cause.getMessage());
        List<Erasure> waiting = new ArrayList<>();
        Optional.ofNullable(erasing).ifPresent(waiting::add);
        erasures.drainTo(waiting);
        waiting.forEach(erasure -> erasure.done.countDown());
    }

    private void pause() {
        Duration pause = pauses.now();
        pauses.failed(pause);
        stopped(pause);
    }

    private void loadWith(Loader current) {
        Deadline tidy = Deadline.in(TIDY_EVERY);
        while (!stopped(Duration.ZERO)) {
            Deadline pace = Deadline.in(config.commitEvery());
            Erasure next = erasing;
            boolean busy = next != null || current.hasToCompact();
            boolean loaded = current.load(busy ? Duration.ZERO : WAIT);
            if (loaded) {
                pauses.succeeded();
            }
            // Its end may be the head of a segment that holds nothing yet, where no reader stands.
            if (next != null && (!loaded || current.position().compareTo(next.upTo) >= 0)) {
                current.erase(next.organisation, next.person);
                next.done.countDown();
                erasing = null;
            }
            erasing = erasing == null ? erasures.poll() : erasing;
            if (tidy.passed()) {
                current.tidy(time.instant(), config.snapshotsKept(), ENGINE_IDLE);
                // One also under a flood, that the number of files has a bound.
                current.compact();
                queries.stopIdle(ENGINE_IDLE);
                tidy = Deadline.in(TIDY_EVERY);
            }
            if (!current.isBehind()) {
                keepPace(current, loaded ? pace : Deadline.in(Duration.ZERO));
            }
        }
    }

    /**
     * Merges files until the next commit is due; whatever comes in waits no longer than one does.
     */
    private void keepPace(Loader current, Deadline pace) {
        do {
            current.compact();
        } while (current.hasToCompact() && !pace.passed() && !stopped(Duration.ZERO));
        stopped(pace.left());
    }

    /** A key that another node has made works here within a second. */
    private void refresh() {
        while (!stopped(REFRESH_EVERY)) {
            try {
                sources.refresh();
            } catch (RuntimeException failed) {
                LOG.warn(
                        "the sources could not be read; the known ones stay valid: {}",
                        failed.getMessage());
            }
        }
    }

    private boolean stopped(Duration within) {
        return passes(stopping, within);
    }

    private static boolean passes(CountDownLatch latch, Duration within) {
        try {
            return latch.await(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts this thread", interrupted);
        }
    }

    /** Ends after the commit under way; what is not loaded stays in the log. */
    @Override
    public void close() {
        stopping.countDown();
        try {
            loader.join();
            watch.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the closing thread", interrupted);
        }
    }
}
