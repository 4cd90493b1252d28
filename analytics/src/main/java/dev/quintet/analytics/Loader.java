package dev.quintet.analytics;

import dev.quintet.analytics.lake.Eraser;
import dev.quintet.analytics.lake.KnownIds;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.Lines;
import dev.quintet.analytics.lake.LogRange;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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

    /** What one commit takes at most: bounds the memory of a range. */
    private static final DataSize RANGE = DataSize.mebibytes(16);

    private static final DataSize PEEK = new DataSize(1);

    private final EventLog log;
    private final LakeWriter writer;
    private final Lake lake;
    private final AnalyticsStore store;
    private final SeenIds seen;
    private final Instant opened;
    private Position position;
    private boolean idsKnown;

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
        this.position = writer.position().orElse(log.start());
        this.opened = now;
        lake.tally().map(Tally::parse).ifPresent(this::settle);
        requireInLog();
    }

    /** What lies there may be gone, when either of log and lake came from a backup. */
    private void requireInLog() {
        try {
            log.read(position, PEEK, Duration.ZERO);
        } catch (IllegalArgumentException elsewhere) {
            throw new LogDamaged(
                    position, "it is loaded up to " + position + ", but " + elsewhere.getMessage());
        }
    }

    /** A judged range: its rows, and what is known of it once they are committed. */
    static final class Cut {
        private final LogRange range;
        private final Lines events = Lines.ofEvents();
        private final Lines rejected = Lines.ofRejected();
        private final Map<SeenIds.Key, Instant> ids = new LinkedHashMap<>();
        private final Map<UUID, Tally.Counts> counts = new HashMap<>();

        private Cut(LogRange range) {
            this.range = range;
        }

        private void count(UUID organisation, long received, long duplicate, long rejects) {
            counts.merge(
                    organisation,
                    new Tally.Counts(received, 0, duplicate, rejects),
                    Tally.Counts::plus);
        }

        private Tally tally(RangeFiles files) {
            Map<UUID, Tally.Counts> whole = new HashMap<>();
            counts.forEach((organisation, count) ->
                    whole.put(
                            organisation,
                            count.plus(
                                    new Tally.Counts(
                                            0, files.events(organisation.toString()), 0, 0))));
            return new Tally(range.start().toString(), range.end().toString(), whole);
        }
    }

    /** The next range; empty when nothing came within {@code wait}. */
    Optional<Cut> cut(Duration wait) {
        LogSlice slice = log.read(position, RANGE, wait);
        if (slice.entries().isEmpty()) {
            // Reading may step over the end of a segment.
            return Optional.empty();
        }
        readKnownIds();
        Cut cut = new Cut(new LogRange(position, slice.next()));
        Position rejectedBefore = writer.rejectedPosition().orElse(position);
        for (LogSlice.Entry entry : slice.entries()) {
            judge(cut, entry, entry.position().compareTo(rejectedBefore) >= 0);
        }
        return Optional.of(cut);
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

    private void judge(Cut cut, LogSlice.Entry entry, boolean storeRejected) {
        Submission submission = Submission.read(entry.record());
        cut.count(submission.organisation(), submission.items(), 0, 0);
        String source = Source.KIND.show(submission.source());
        int at = 0;
        for (JsonNode item : submission.itemNodes()) {
            String ownId = "log-" + entry.position() + "-" + at;
            switch (EventRules.judge(item, submission.envelope(ownId))) {
                case Verdict.Good good -> accept(cut, submission, source, good);
                case Verdict.Bad bad -> {
                    cut.count(submission.organisation(), 0, 0, 1);
                    if (storeRejected) {
                        cut.rejected.add(
                                rejectedRow(submission, source, entry.position(), at, item, bad),
                                submission.receivedAt());
                    }
                }
            }
            at++;
        }
    }

    private void accept(Cut cut, Submission submission, String source, Verdict.Good good) {
        SeenIds.Key key = SeenIds.Key.of(source, good.messageId());
        Instant received = submission.receivedAt();
        if (seen.contains(key, received) || cut.ids.putIfAbsent(key, received) != null) {
            cut.count(submission.organisation(), 0, 1, 0);
            return;
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("organisation", submission.organisation().toString());
        row.put("source", source);
        row.putAll(good.row());
        row.put("received_at", EventRules.micros(received));
        cut.events.add(row, received);
    }

    private static Map<String, @Nullable Object> rejectedRow(
            Submission submission,
            String source,
            Position position,
            int item,
            JsonNode body,
            Verdict.Bad bad) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        JsonNode messageId = body.path("messageId");
        row.put("organisation", submission.organisation().toString());
        row.put("source", source);
        row.put("segment", position.segment());
        row.put("position", position.offset());
        row.put("item", item);
        row.put(
                "message_id",
                messageId.isString() ? EventRules.clean(messageId.stringValue()) : null);
        row.put("reason", bad.reason());
        row.put("path", bad.path());
        row.put("received_at", EventRules.micros(submission.receivedAt()));
        row.put("body", EventRules.clean(body.toString()));
        return row;
    }

    RangeFiles stage(Cut cut) {
        return writer.stage(cut.range, cut.events, cut.rejected);
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
        position = cut.range.end();
    }

    private void settle(Tally tally) {
        Position start = Position.parse(tally.start());
        Position end = Position.parse(tally.end());
        store.settle(
                tally,
                log.gaps().stream()
                        .filter(gap ->
                                gap.from().compareTo(start) >= 0 && gap.from().compareTo(end) < 0)
                        .toList());
    }

    void release() {
        LogSlice behind = log.read(position, PEEK, Duration.ZERO);
        // Where reading goes on: the end of a segment is the beginning of the next one.
        log.release(
                behind.entries().isEmpty()
                        ? behind.next()
                        : behind.entries().getFirst().position());
    }

    /** All steps for what is in the log now; whether there was anything. */
    boolean load(Duration wait) {
        Optional<Cut> next = cut(wait);
        if (next.isEmpty()) {
            return false;
        }
        Cut cut = next.get();
        RangeFiles published = publish(stage(cut));
        commitRejected(published);
        settle(cut, commitEvents(cut, published));
        release();
        return true;
    }

    /** Up to where the log is in the lake. */
    Position position() {
        return position;
    }

    /** Removes a person from what is loaded, and lets the log forget what was said until now. */
    void erase(UUID organisation, String person) {
        new Eraser(writer).erase(organisation, person);
        log.rotate();
        release();
    }

    /** The keeping of the house that is due about once a minute. */
    void tidy(Instant now, Duration snapshotsKept, Duration engineIdle) {
        seen.forget(now);
        lake.expire(snapshotsKept);
        writer.stopIdle(engineIdle);
    }

    @Override
    public void close() {
        writer.close();
    }
}
