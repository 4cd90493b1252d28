package dev.quintet.platform.sql;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.PlatformRefusal;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to PostgreSQL: transactions from two pools, interactive (somebody waits) and background,
 * behind a share for each system, so that no one of them can take all connections.
 */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int ATTEMPTS = 4;
    private static final Duration PAUSE_WHILE_AWAY = Duration.ofMillis(50);

    /**
     * @param interactive connections for requests
     * @param background connections for subscribers, jobs and loaders
     * @param statement the longest that one statement may take
     * @param patience the longest that work waits for its share and a connection
     */
    public record Limits(int interactive, int background, Duration statement, Duration patience) {

        public static final Limits DEFAULT =
                new Limits(24, 12, Duration.ofSeconds(30), Duration.ofSeconds(5));
    }

    private record Lane(Pool pool, Semaphore permits) {}

    private final String name;
    private final Lane interactive;
    private final Lane background;
    private final Announcer announcer;
    private final DatabaseUrl url;
    private final Limits limits;
    private final Availability availability;

    private Database(
            String name,
            Lane interactive,
            Lane background,
            Announcer announcer,
            DatabaseUrl url,
            Limits limits,
            Availability availability) {
        this.name = name;
        this.interactive = interactive;
        this.background = background;
        this.announcer = announcer;
        this.url = url;
        this.limits = limits;
        this.availability = availability;
    }

    /** Connects, or refuses a PostgreSQL that is unreachable, too old or not durable. */
    public static Database open(DatabaseUrl url, Limits limits, Announcer announcer) {
        ServerCheck.require(url);
        Pool quick = Pool.open("interactive", url, limits.interactive(), limits);
        Pool slow = Pool.open("background", url, limits.background(), limits);
        Database opened =
                new Database(
                        "the database",
                        new Lane(quick, new Semaphore(limits.interactive(), true)),
                        new Lane(slow, new Semaphore(limits.background(), true)),
                        announcer,
                        url,
                        limits,
                        new Availability(url));
        try {
            announcer.opened(opened);
        } catch (RuntimeException failure) {
            opened.close();
            throw failure;
        }
        return opened;
    }

    /**
     * The same database for one system, which then holds at most these parts of the connections at
     * a time, in percent.
     */
    public Database share(String system, int interactivePercent, int backgroundPercent) {
        return new Database(
                system + "'s share of the database",
                new Lane(interactive.pool, part(limits.interactive(), interactivePercent)),
                new Lane(background.pool, part(limits.background(), backgroundPercent)),
                announcer,
                url,
                limits,
                availability);
    }

    private static Semaphore part(int connections, int percent) {
        return new Semaphore(Math.max(1, connections * percent / 100), true);
    }

    /** The same database for work that nobody waits for. */
    public Database background() {
        return new Database(name, background, background, announcer, url, limits, availability);
    }

    public <T extends @Nullable Object> T tx(Work<T> work) {
        return tx(Deadline.in(limits.statement()), work);
    }

    /** Runs work in one transaction; again, up to three times, when it met a deadlock. */
    public <T extends @Nullable Object> T tx(Deadline deadline, Work<T> work) {
        return attempt(deadline, false, work);
    }

    /** Like {@link #tx(Work)}, for work without a result. */
    public void run(Consumer<Tx> work) {
        tx(tx -> {
            work.accept(tx);
            return true;
        });
    }

    /** Runs work that only reads; a write in it is refused by PostgreSQL. */
    public <T extends @Nullable Object> T read(Work<T> work) {
        return read(Deadline.in(limits.statement()), work);
    }

    public <T extends @Nullable Object> T read(Deadline deadline, Work<T> work) {
        return attempt(deadline, true, work);
    }

    /** What is wrong with the database, known without asking it; empty while it answers. */
    public Optional<String> problem() {
        return availability.problem();
    }

    public DatabaseUrl url() {
        return url;
    }

    /** Connections in use, interactive then background: for metrics. */
    public int[] busy() {
        return new int[] {interactive.pool.busy(), background.pool.busy()};
    }

    @Override
    public void close() {
        availability.close();
        interactive.pool.close();
        background.pool.close();
    }

    private <T extends @Nullable Object> T attempt(
            Deadline deadline, boolean readOnly, Work<T> work) {
        Done<T> done = permitted(deadline, readOnly, work);
        // Without the permit: what follows a commit may take one of its own.
        done.tx.afterCommit().forEach(Database::runQuietly);
        return done.result;
    }

    private record Done<T extends @Nullable Object>(Tx tx, T result) {}

    private <T extends @Nullable Object> Done<T> permitted(
            Deadline deadline, boolean readOnly, Work<T> work) {
        requireThere();
        takePermit(deadline);
        try {
            for (int attempt = 1; ; attempt++) {
                try {
                    return once(deadline, readOnly, work);
                } catch (RuntimeException failure) {
                    // PostgreSQL has rolled back: nothing of the first run is left.
                    boolean again = state(failure).filter(Database::passes).isPresent();
                    if (!again || attempt == ATTEMPTS || deadline.passed()) {
                        throw refusal(failure, deadline);
                    }
                }
            }
        } finally {
            interactive.permits.release();
        }
    }

    private <T extends @Nullable Object> Done<T> once(
            Deadline deadline, boolean readOnly, Work<T> work) {
        try (Handle handle = interactive.pool.open()) {
            if (readOnly) {
                handle.setReadOnly(true);
            }
            handle.begin();
            try {
                limitStatements(handle, deadline);
                Tx tx = new Tx(handle, announcer);
                T result = work.run(tx);
                commit(handle, readOnly);
                return new Done<>(tx, result);
            } catch (RuntimeException | Error failure) {
                rollback(handle, failure);
                throw failure;
            }
        }
    }

    /** The only statement after whose loss nobody knows whether the work took effect. */
    private static void commit(Handle handle, boolean readOnly) {
        try {
            handle.commit();
        } catch (RuntimeException failure) {
            throw readOnly ? failure : new InDoubt(failure);
        }
    }

    private static final class InDoubt extends RuntimeException {

        private static final long serialVersionUID = 1;

        InDoubt(RuntimeException cause) {
            super(cause);
        }
    }

    // A loop that tries again at once must not turn into a hot one.
    private void requireThere() {
        if (availability.problem().isPresent()) {
            LockSupport.parkNanos(PAUSE_WHILE_AWAY.toNanos());
            if (availability.problem().isPresent()) {
                throw away();
            }
        }
    }

    private static RuntimeException away() {
        return PlatformRefusal.DATABASE_AWAY.because().retryAfter(Duration.ofSeconds(1));
    }

    // The pool's connections carry the default already: only a shorter one costs a statement.
    private void limitStatements(Handle handle, Deadline deadline) {
        long left = deadline.left().toMillis();
        if (left < interactive.pool.statementLimit().toMillis() * 9 / 10) {
            handle.execute("set local statement_timeout = " + Math.max(1, left));
        }
    }

    private void takePermit(Deadline deadline) {
        long wait = Math.min(deadline.left().toNanos(), limits.patience().toNanos());
        try {
            if (!interactive.permits.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
                throw PlatformRefusal.BUSY.because(name).retryAfter(Duration.ofSeconds(1));
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(
                    "interrupted while waiting for " + name, nobodyInterrupts);
        }
    }

    private RuntimeException refusal(RuntimeException failure, Deadline deadline) {
        if (state(failure).filter("57014"::equals).isPresent()) {
            LOG.debug("a statement ran into its deadline", failure);
            return PlatformRefusal.DEADLINE_PASSED.because(
                    deadline.passed() ? "its deadline" : limits.statement());
        }
        if (causedBy(failure, SQLTransientConnectionException.class)) {
            availability.suspect();
            if (availability.problem().isPresent()
                    || state(failure).filter(Database::lost).isPresent()) {
                return away();
            }
            LOG.warn("no connection for {}: {}", name, failure.getMessage());
            return PlatformRefusal.BUSY.because(name).retryAfter(Duration.ofSeconds(1));
        }
        if (state(failure).filter(Database::lost).isPresent()) {
            availability.suspect();
            if (!causedBy(failure, InDoubt.class)) {
                LOG.debug("the connection of {} was lost before its commit", name, failure);
                return away();
            }
            LOG.warn("the connection of {} was lost in a commit: {}", name, failure.getMessage());
            return PlatformRefusal.DATABASE_LOST.because().retryAfter(Duration.ofSeconds(1));
        }
        return failure;
    }

    /** Connection exceptions, and PostgreSQL shutting down, crashed or not yet up (57P01 to 03). */
    private static boolean lost(String state) {
        return state.startsWith("08") || state.startsWith("57P0");
    }

    private static boolean passes(String state) {
        return state.equals("40001") || state.equals("40P01");
    }

    private static void rollback(Handle handle, Throwable failure) {
        try {
            handle.rollback();
        } catch (RuntimeException lost) {
            failure.addSuppressed(lost);
        }
    }

    private static void runQuietly(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            LOG.error("what should follow a commit failed; the commit stands", failure);
        }
    }

    /** The SQLSTATE behind a failure, if PostgreSQL gave one. */
    public static Optional<String> state(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SQLException sql && sql.getSQLState() != null) {
                return Optional.of(sql.getSQLState());
            }
        }
        return Optional.empty();
    }

    private static boolean causedBy(Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (kind.isInstance(at)) {
                return true;
            }
        }
        return false;
    }
}
