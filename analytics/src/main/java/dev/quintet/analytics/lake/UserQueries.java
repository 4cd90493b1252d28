package dev.quintet.analytics.lake;

import static dev.quintet.analytics.AnalyticsRefusal.QUERY_ENGINE_FAILED;
import static dev.quintet.analytics.AnalyticsRefusal.QUERY_INVALID;
import static dev.quintet.analytics.AnalyticsRefusal.QUERY_NOT_ALLOWED;
import static dev.quintet.analytics.AnalyticsRefusal.QUERY_RESULT_TOO_LARGE;
import static dev.quintet.analytics.AnalyticsRefusal.QUERY_TOO_HEAVY;

import dev.quintet.analytics.QueryAnswer;
import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Failure;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.Disk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements of users, each fenced to the files that it is given. Safe for any number of threads.
 */
public final class UserQueries implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UserQueries.class);

    private static final int PART_OF_FREE_DISK = 20;

    private final Disk disk;
    private final Path scratch;
    private final Children children;
    private final Bounds bounds;

    /**
     * What one statement may take.
     *
     * @param atOnce statements that run at the same time, each in a process of its own
     * @param spill what one may write to disk when its memory is full
     */
    public record Bounds(
            int atOnce, DataSize memory, DataSize answer, Duration time, DataSize spill) {}

    /**
     * @param startLimit what the start of an engine may take
     */
    public UserQueries(
            Disk disk, EngineFiles files, Path scratch, Bounds bounds, Doubling startLimit) {
        this.disk = disk;
        this.scratch = scratch;
        this.bounds = bounds;
        this.children =
                new Children(
                        disk,
                        files,
                        scratch,
                        bounds.atOnce(),
                        new ChildMemory(bounds.memory(), bounds.answer()),
                        "the query engine",
                        startLimit);
    }

    /** Runs a user's SELECT over {@code files}; at most {@code limit} rows come back. */
    public QueryAnswer run(String sql, List<QueryFile> files, int limit) {
        return runOver(LakeTable.EVENTS, sql, files, limit);
    }

    QueryAnswer runOver(LakeTable table, String sql, List<QueryFile> files, int limit) {
        Ask ask =
                new Ask(
                        sql,
                        table,
                        files,
                        true,
                        limit,
                        Math.toIntExact(bounds.answer().bytes()),
                        bounds.memory().bytes() + "B",
                        spill(),
                        1);
        Reply reply = ask(ask);
        if (!reply.failures().isEmpty()) {
            throw refused(reply.failures().getFirst());
        }
        return new QueryAnswer(
                reply.columns().stream()
                        .map(column -> new QueryAnswer.Column(column.name(), column.type()))
                        .toList(),
                reply.rows(),
                reply.truncated());
    }

    /** Why queries over a table could not read one more file; empty if they can. */
    public Optional<String> objection(String table, Path file) {
        LakeTable shape = LakeTable.of(table);
        QueryAnswer empty;
        try {
            empty =
                    runOver(
                            shape,
                            "select * from events where " + shape.incomplete() + " limit 1",
                            List.of(new QueryFile(file.toString(), Map.of())),
                            1);
        } catch (Refused unreadable) {
            return Optional.of("it can't be read: " + unreadable.detail());
        }
        List<String> types = empty.columns().stream().map(QueryAnswer.Column::type).toList();
        if (!types.equals(shape.types())) {
            return Optional.of("its columns are of types " + types + ", not " + shape.types());
        }
        return empty.rows().isEmpty()
                ? Optional.empty()
                : Optional.of("a column that every row has is null in it");
    }

    /** A disk that is nearly full is left to those who must not lose anything. */
    private long spill() {
        return Math.min(
                bounds.spill().bytes(), disk.space(scratch).freeBytes() / PART_OF_FREE_DISK);
    }

    private Reply ask(Ask ask) {
        try {
            return children.ask(ask, bounds.time());
        } catch (EngineFailed failed) {
            LOG.warn("{}", failed.getMessage());
            throw QUERY_ENGINE_FAILED.because().retryAfter(Duration.ofSeconds(5));
        }
    }

    public void stopIdle(Duration unused) {
        children.stopIdle(unused);
    }

    /** The process ids of the children that wait for work. */
    List<Long> waiting() {
        return children.waiting();
    }

    private Refused refused(Failure failure) {
        return switch (failure.problem()) {
            case INVALID -> QUERY_INVALID.because(failure.message());
            case NOT_ALLOWED -> QUERY_NOT_ALLOWED.because(failure.message());
            case MEMORY -> QUERY_TOO_HEAVY.because("memory", bounds.memory());
            case TOO_SLOW -> QUERY_TOO_HEAVY.because("time", bounds.time());
            case TOO_LARGE -> QUERY_RESULT_TOO_LARGE.because(bounds.answer());
            case FAILED -> QUERY_ENGINE_FAILED.because().retryAfter(Duration.ofSeconds(1));
            case ENDED -> {
                LOG.warn("{}", failure.message());
                yield QUERY_ENGINE_FAILED.because().retryAfter(Duration.ofSeconds(1));
            }
        };
    }

    @Override
    public void close() {
        children.close();
    }
}
