package dev.quintet.analytics;

import dev.quintet.analytics.lake.Lines;
import dev.quintet.analytics.lake.LogRange;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A judged range of the log: its rows, and what is known of it once they are committed. Bounded by
 * what its requests unfold to, for a request of 72 KB may hold a megabyte of rows.
 */
final class Cut {

    private static final int MOST_ROWS = 50_000;
    private static final DataSize MOST_BYTES = DataSize.mebibytes(32);

    // Each is a file and a statement of its own.
    private static final int MOST_PARTITIONS = 256;

    final List<LogSlice.Entry> requests = new ArrayList<>();
    final Lines events = Lines.ofEvents();
    final Lines rejected = Lines.ofRejected();
    final Map<SeenIds.Key, Instant> ids = new LinkedHashMap<>();
    private final Map<UUID, Tally.Counts> counts = new HashMap<>();
    private final Position start;
    private final Position rejectedBefore;
    private Position end;

    /**
     * @param rejectedBefore what was rejected before it is in its table already
     */
    Cut(Position start, Position rejectedBefore) {
        this.start = start;
        this.rejectedBefore = rejectedBefore;
        this.end = start;
    }

    /** An empty one that begins at the same place. */
    Cut again() {
        return new Cut(start, rejectedBefore);
    }

    /** Whether it takes no other request. */
    boolean isFull() {
        return events.count() + rejected.count() >= MOST_ROWS
                || events.bytes() + rejected.bytes() >= MOST_BYTES.bytes()
                || events.partitions() + rejected.partitions() >= MOST_PARTITIONS;
    }

    /** Its requests are all that lies before that. */
    void endAt(Position behind) {
        end = behind;
    }

    LogRange range() {
        return new LogRange(start, end);
    }

    /**
     * @param row of a rejected item, without its place in the log
     */
    void reject(UUID organisation, Position position, Map<String, @Nullable Object> row) {
        count(organisation, 0, 0, 1);
        if (position.compareTo(rejectedBefore) >= 0) {
            row.put("log_partition", position.partition());
            row.put("log_offset", position.offset());
            rejected.add(row);
        }
    }

    void count(UUID organisation, long received, long duplicate, long rejects) {
        counts.merge(
                organisation,
                new Tally.Counts(received, 0, duplicate, rejects),
                Tally.Counts::plus);
    }

    Tally tally(RangeFiles files) {
        Map<UUID, Tally.Counts> whole = new HashMap<>();
        counts.forEach((organisation, count) ->
                whole.put(
                        organisation,
                        count.plus(
                                new Tally.Counts(0, files.events(organisation.toString()), 0, 0))));
        return new Tally(start, end, whole);
    }
}
