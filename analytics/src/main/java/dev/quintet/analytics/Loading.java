package dev.quintet.analytics;

import dev.quintet.analytics.lake.Doubling;
import dev.quintet.analytics.lake.EngineFailed;
import dev.quintet.analytics.lake.Eraser;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.LoaderFenced;
import dev.quintet.analytics.lake.UserQueries;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final EventLog log;
    private final Supplier<LakeWriter> writers;
    private final Lake lake;
    private final AnalyticsStore store;
    private final Sources sources;
    private final Erasures erasures;
    private final UserQueries queries;
    private final InstantSource time;
    private final AnalyticsConfig config;

    // Between failures; the loader's own.
    private final Doubling pauses = new Doubling(Duration.ofSeconds(1), Duration.ofMinutes(1));
    private volatile Optional<String> problem = Optional.empty();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread loader =
            Thread.ofPlatform().name("analytics-loader").unstarted(this::load);
    private final Thread watch =
            Thread.ofVirtual().name("analytics-sources").unstarted(this::refresh);

    /** What is erased now; owned by the loader's thread. */
    private Optional<Erasures.Batch> erasing = Optional.empty();

    /** Whose turn it was, and how many go at once: fewer after a failure. */
    private UUID lastOrganisation = new UUID(0, 0);

    private int erasedAtOnce = Erasures.AT_ONCE;

    /** Whether all that was taken before it is loaded. */
    private boolean mayErase;

    private Deadline look = Deadline.in(Duration.ZERO);

    Loading(
            EventLog log,
            Supplier<LakeWriter> writers,
            Lake lake,
            AnalyticsStore store,
            Sources sources,
            Erasures erasures,
            UserQueries queries,
            InstantSource time,
            AnalyticsConfig config) {
        this.log = log;
        this.writers = writers;
        this.lake = lake;
        this.store = store;
        this.sources = sources;
        this.erasures = erasures;
        this.queries = queries;
        this.time = time;
        this.config = config;
    }

    void start() {
        loader.start();
        watch.start();
    }

    /** Why this node loads no events any more; empty while it does. */
    Optional<String> problem() {
        return problem;
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
            // Asked first: when nothing is loaded after that, all that came before is.
            lookForErasures();
            boolean loaded = current.load(hasWork(current) ? Duration.ZERO : WAIT);
            if (loaded) {
                pauses.succeeded();
            }
            // Its end may be a place where no reader comes before something lies behind it.
            mayErase =
                    erasing.filter(batch ->
                                    !loaded || current.position().compareTo(batch.upTo()) >= 0)
                            .isPresent();
            if (tidy.passed()) {
                current.tidy(time.instant(), config.snapshotsKept(), ENGINE_IDLE);
                // One also under a flood, that the number of files has a bound.
                current.compact();
                queries.stopIdle(ENGINE_IDLE);
                tidy = Deadline.in(TIDY_EVERY);
            }
            if (current.isBehind()) {
                erase(current);
            } else {
                keepPace(current, loaded ? pace : Deadline.in(Duration.ZERO));
            }
        }
    }

    private void lookForErasures() {
        if (erasing.isPresent() || !look.passed()) {
            return;
        }
        look = Deadline.in(LOOK_EVERY);
        try {
            erasing = erasures.next(lastOrganisation, erasedAtOnce);
            erasing.ifPresent(batch -> lastOrganisation = batch.organisation());
        } catch (RuntimeException away) {
            LOG.warn("erasures wait, because they cannot be read: {}", away.getMessage());
        }
    }

    private boolean hasWork(Loader current) {
        return mayErase || current.hasToCompact();
    }

    /** A step of an erasure, if there is one; its failure costs nobody else anything. */
    private void erase(Loader current) {
        if (!mayErase) {
            return;
        }
        Erasures.Batch batch = erasing.orElseThrow();
        try {
            if (current.erase(batch.organisation(), batch.subjects(), Eraser.STEP)) {
                erasures.done(batch);
                erasedAtOnce = Math.min(2 * erasedAtOnce, Erasures.AT_ONCE);
                erasing = Optional.empty();
                mayErase = false;
                // Between two erasures what has piled up is merged.
                current.planMerges(time.instant());
            }
        } catch (LoaderFenced fenced) {
            throw fenced;
        } catch (RuntimeException failed) {
            current.stopErasing();
            erasing = Optional.empty();
            mayErase = false;
            LOG.error(
                    "{} erasures of {} failed and begin anew behind others: {}",
                    batch.ids().size(),
                    batch.organisation(),
                    failed.getMessage());
            postpone(batch);
        }
    }

    /** Of many that failed together all but one may be well: they are tried apart. */
    private void postpone(Erasures.Batch batch) {
        if (batch.ids().size() > 1) {
            erasedAtOnce = 1;
            return;
        }
        try {
            erasures.postpone(batch);
        } catch (RuntimeException away) {
            LOG.warn("an erasure that failed could not be put back: {}", away.getMessage());
        }
    }

    /**
     * Erases and merges files until the next commit is due; whatever comes in waits no longer than
     * one step does.
     */
    private void keepPace(Loader current, Deadline pace) {
        do {
            erase(current);
            current.compact();
        } while (hasWork(current) && !pace.passed() && !stopped(Duration.ZERO));
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
