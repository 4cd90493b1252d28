package dev.quintet.platform.sql;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.StartRefused;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

    private Database(
            String name,
            Lane interactive,
            Lane background,
            Announcer announcer,
            DatabaseUrl url,
            Limits limits) {
        this.name = name;
        this.interactive = interactive;
        this.background = background;
        this.announcer = announcer;
        this.url = url;
        this.limits = limits;
    }

    /** Connects, or refuses a PostgreSQL that is unreachable, too old or not durable. */
    public static Database open(DatabaseUrl url, Limits limits, Announcer announcer) {
        try (var probe = url.connect()) {
            ServerCheck.of(probe).require();
        } catch (SQLException failure) {
            throw new StartRefused(
                    "PostgreSQL at %s does not answer (%s); start it or correct database.url"
                            .formatted(url, failure.getMessage()),
                    failure);
        }
        Pool quick = new Pool("interactive", url, limits.interactive(), limits);
        Pool slow = new Pool("background", url, limits.background(), limits);
        Database opened =
                new Database(
                        "the database",
                        new Lane(quick, new Semaphore(limits.interactive(), true)),
                        new Lane(slow, new Semaphore(limits.background(), true)),
                        announcer,
                        url,
                        limits);
        try {
            announcer.opened(opened);
        } catch (RuntimeException failure) {
            opened.close();
            throw failure;
        }
        return opened;
    }

    /** The same database for one system, which then holds at most so many connections at a time. */
    public Database share(String system, int interactivePermits, int backgroundPermits) {
        return new Database(
                system + "'s share of the database",
                new Lane(interactive.pool, new Semaphore(interactivePermits, true)),
                new Lane(background.pool, new Semaphore(backgroundPermits, true)),
                announcer,
                url,
                limits);
    }

    /** The same database for work that nobody waits for. */
    public Database background() {
        return new Database(name, background, background, announcer, url, limits);
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

    public DatabaseUrl url() {
        return url;
    }

    /** Connections in use, interactive then background: for metrics. */
    public int[] busy() {
        return new int[] {interactive.pool.busy(), background.pool.busy()};
    }

    @Override
    public void close() {
        interactive.pool.close();
        background.pool.close();
    }

    private <T extends @Nullable Object> T attempt(
            Deadline deadline, boolean readOnly, Work<T> work) {
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

    private <T extends @Nullable Object> T once(Deadline deadline, boolean readOnly, Work<T> work) {
        Tx tx;
        T result;
        try (Handle handle = interactive.pool.open()) {
            if (readOnly) {
                handle.setReadOnly(true);
            }
            handle.begin();
            try {
                limitStatements(handle, deadline);
                tx = new Tx(handle, announcer);
                result = work.run(tx);
                handle.commit();
            } catch (RuntimeException | Error failure) {
                rollback(handle, failure);
                throw failure;
            }
        }
        tx.afterCommit().forEach(Database::runQuietly);
        return result;
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
            LOG.warn("no connection for {}: {}", name, failure.getMessage());
            return PlatformRefusal.BUSY.because(name).retryAfter(Duration.ofSeconds(1));
        }
        if (state(failure).filter(Database::lost).isPresent()) {
            LOG.warn("the connection of {} was lost: {}", name, failure.getMessage());
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
