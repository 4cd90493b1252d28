package dev.quintet.analytics;

import dev.quintet.analytics.lake.Attempt;
import dev.quintet.analytics.lake.Compactor;
import dev.quintet.analytics.lake.Eraser;
import dev.quintet.analytics.lake.KnownIds;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.analytics.lake.Subject;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.NotInLog;
import dev.quintet.platform.log.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the log into the lake, a range at a time, in named steps; a crash between any two of them
 * loses nothing and doubles nothing, because the position is committed with the rows:
 *
 * <ol>
 *   <li>{@link #cut} reads what is new and judges it: event, duplicate or rejected;
 *   <li>{@link #stage} has DuckDB write Parquet, where nobody looks;
 *   <li>{@link #publish} makes these files durable under their own names;
 *   <li>{@link #commitRejected}, then {@link #commitEvents} make them part of the tables, the
 *       latter with position and tally;
 *   <li>{@link #settle} brings the ledger and the known ids up to the commit;
 *   <li>{@link #release} lets the log forget what is loaded.
 * </ol>
 *
 * <p>Owned by one thread.
 */
final class Loader implements AutoCloseable {

    /** What is read of the log at once. */
    private static final DataSize READ = DataSize.mebibytes(16);

    private static final int ALL = 999_999_999;

    // A machine may restart now and then in the middle of one request, but not so often.
    private static final int MOST_ENDS = 3;
    private static final Logger LOG = LoggerFactory.getLogger(Loader.class);

    private final EventLog log;
    private final LakeWriter writer;
    private final Lake lake;
    private final AnalyticsStore store;
    private final SeenIds seen;
    private final Compactor compactor;
    private final Judge judge;
    private final Staging staging;
    private final Instant opened;
    private Position position;
    private boolean idsKnown;

    /** While it is there, no files are merged. */
    private @Nullable Eraser eraser;

    private boolean behind;

    /** Fewer after a range that could not be staged, twice as many after each that could. */
    private int mostRequests;

    /** How many processes have ended while they loaded the request at {@link #position} alone. */
    private int ends;

    /**
     * Takes over: what an earlier loader committed is settled, what it left otherwise is undone.
     */
    Loader(
            EventLog log,
            Lake lake,
            LakeWriter writer,
            AnalyticsStore store,
            SeenIds seen,
            Instant now) {
        this.log = log;
        this.lake = lake;
        this.writer = writer;
        this.store = store;
        this.seen = seen;
        this.compactor = new Compactor(writer);
        this.judge = new Judge(seen);
        this.staging = new Staging(this::stage, writer::requireEngine, judge);
        this.position = writer.position().orElse(log.start());
        this.opened = now;
        lake.tally().map(Tally::parse).ifPresent(this::settle);
        requireInLog();
        Optional<Attempt> interrupted = writer.interruptedAt(position);
        interrupted.ifPresent(attempt ->
                LOG.warn(
                        "loading ended in the middle of {} requests at {} of the log",
                        attempt.requests(),
                        attempt.from()));
        Attempt next =
                interrupted.map(Attempt::half).orElseGet(() -> new Attempt(position, ALL, 0));
        this.mostRequests = next.requests();
        this.ends = next.ends();
    }

    /** What lies there may be gone, when either of log and lake came from a backup. */
    private void requireInLog() {
        try {
            log.require(position);
        } catch (NotInLog elsewhere) {
            throw new LogDamaged(
                    position, "it is loaded up to " + position + ", but " + elsewhere.getMessage());
        }
    }

    /** The next range; empty when nothing came within {@code wait}. */
    Optional<Cut> cut(Duration wait) {
        LogSlice slice = log.read(position, READ, wait);
        if (slice.entries().isEmpty()) {
            behind = false;
            return Optional.empty();
        }
        readKnownIds();
        Cut cut = new Cut(position, writer.rejectedPosition().orElse(position));
        if (ends >= MOST_ENDS) {
            rejectFirst(cut, slice);
        } else {
            note(Math.min(slice.entries().size(), mostRequests));
            judge.judge(cut, slice.entries(), slice.next(), mostRequests);
        }
        behind = cut.requests.size() < slice.entries().size() || slice.more();
        return Optional.of(cut);
    }

    /** Nobody knows why, but this request ends the process: it is not looked at any more. */
    private void rejectFirst(Cut cut, LogSlice slice) {
        LogSlice.Entry request = slice.entries().getFirst();
        LOG.error(
                "the server ended {} times while it loaded the request at {} of the log: its items"
                        + " are rejected",
                ends,
                request.position());
        // One more end, and the text is left out.
        judge.rejectUnread(cut, request, ends == MOST_ENDS);
        note(1);
        cut.endAt(slice.entries().size() == 1 ? slice.next() : slice.entries().get(1).position());
    }

    private void note(int requests) {
        writer.note(new Attempt(position, requests, requests == 1 ? ends + 1 : 0));
    }

    // Not before something is to be judged by them: it starts a process, beside a server that
    // starts.
    private void readKnownIds() {
        if (idsKnown) {
            return;
        }
        KnownIds.read(
                writer,
                opened.minus(SeenIds.WINDOW),
                (hash, received) -> seen.add(SeenIds.Key.hex(hash), received));
        idsKnown = true;
    }

    RangeFiles stage(Cut cut) {
        note(cut.requests.size());
        return writer.stage(cut.range(), cut.events, cut.rejected);
    }

    RangeFiles publish(RangeFiles staged) {
        return writer.publish(staged);
    }

    void commitRejected(RangeFiles published) {
        writer.commitRejected(published);
    }

    Tally commitEvents(Cut cut, RangeFiles published) {
        Tally tally = cut.tally(published);
        writer.commitEvents(published, tally.json());
        return tally;
    }

    void settle(Cut cut, Tally tally) {
        settle(tally);
        cut.ids.forEach(seen::add);
        position = cut.range().end();
        ends = 0;
    }

    private void settle(Tally tally) {
        Position start = tally.start();
        Position end = tally.end();
        store.settle(
                tally,
                log.gaps().stream()
                        .filter(gap ->
                                gap.to().compareTo(start) > 0 && gap.from().compareTo(end) < 0)
                        .toList());
    }

    void release() {
        log.release(position);
    }

    /** All steps for what is in the log now; whether there was anything. */
    boolean load(Duration wait) {
        try {
            return step(wait);
        } catch (RuntimeException | Error failed) {
            goesOn(failed);
            throw failed;
        }
    }

    /** Less is tried next; but the process lives, so the request is not to blame for its end. */
    private void goesOn(Throwable failed) {
        try {
            writer.interruptedAt(position)
                    .ifPresent(
                            attempt -> writer.note(new Attempt(position, attempt.requests(), 0)));
        } catch (RuntimeException unnoted) {
            failed.addSuppressed(unnoted);
        }
    }

    private boolean step(Duration wait) {
        Optional<Cut> next = cut(wait);
        if (next.isEmpty()) {
            return false;
        }
        Staging.Staged staged = staging.stage(next.get());
        Cut cut = staged.cut();
        mostRequests = staged.whole() ? twice(mostRequests) : cut.requests.size();
        behind |= !staged.whole();
        RangeFiles published = publish(staged.files());
        commitRejected(published);
        settle(cut, commitEvents(cut, published));
        release();
        return true;
    }

    private static int twice(int requests) {
        return requests > ALL / 2 ? ALL : requests * 2;
    }

    /** Whether the log held more than the range that was loaded last. */
    boolean isBehind() {
        return behind;
    }

    /** Up to where the log is in the lake. */
    Position position() {
        return position;
    }

    /**
     * Does a step of removing somebody from what is loaded now; whether it was the last, after
     * which the log forgets what was said until now.
     *
     * @param step what one step may read
     */
    boolean erase(UUID organisation, Set<Subject> subjects, DataSize step) {
        if (eraser == null) {
            compactor.forget();
            eraser = new Eraser(writer, organisation, subjects, step);
        }
        if (!eraser.isDone()) {
            eraser.step();
        }
        if (!eraser.isDone()) {
            return false;
        }
        eraser = null;
        log.rotate();
        release();
        return true;
    }

    /** What was begun is begun anew. */
    void stopErasing() {
        eraser = null;
    }

    /** The keeping of the house that is due about once a minute. */
    void tidy(Instant now, Duration snapshotsKept, Duration engineIdle) {
        seen.forget(now);
        planMerges(now);
        lake.expire(snapshotsKept);
        writer.stopIdle(engineIdle);
    }

    void planMerges(Instant now) {
        if (eraser == null) {
            compactor.plan(now);
        }
    }

    /** Whether there are files to be merged. */
    boolean hasToCompact() {
        return compactor.hasWork();
    }

    /** One merge: at most as long as a large range takes. */
    void compact() {
        compactor.step();
    }

    @Override
    public void close() {
        writer.close();
    }
}
