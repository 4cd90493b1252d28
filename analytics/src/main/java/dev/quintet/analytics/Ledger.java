package dev.quintet.analytics;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.LogRefusal;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where every item of an organisation's events went. No figure is computed from the others, so a
 * lost item shows: received and pending come from the headers in the log, the rest from verdicts.
 */
final class Ledger {

    private static final DataSize PIECE = DataSize.mebibytes(4);

    private final AnalyticsStore store;
    private final EventLog log;

    Ledger(AnalyticsStore store, EventLog log) {
        this.store = store;
        this.log = log;
    }

    Balance of(UUID organisation) {
        while (true) {
            AnalyticsStore.Counted counted = store.counted(organisation);
            Position from = counted.upTo().orElseGet(log::start);
            List<Balance.SetAside> ahead =
                    log.gaps().reversed().stream()
                            .filter(gap -> gap.to().compareTo(from) > 0)
                            .map(Balance.SetAside::of)
                            .toList();
            try {
                long pending = countBehind(from, organisation);
                Tally.Counts counts = counted.counts();
                return new Balance(
                        counts.received() + pending,
                        counts.stored(),
                        counts.duplicate(),
                        counts.rejected(),
                        pending,
                        Stream.concat(ahead.stream(), counted.gaps().stream())
                                .distinct()
                                .limit(Balance.MOST_GAPS)
                                .toList());
            } catch (LogDamaged damaged) {
                throw LogRefusal.EVENT_LOG_DAMAGED.because(damaged.at());
            } catch (IllegalArgumentException | IllegalStateException released) {
                // Loaded and released since it was asked for: the counted part has moved on.
                if (store.counted(organisation).upTo().orElseGet(log::start).equals(from)) {
                    // The log does not hold what is counted: it is not the one that was loaded.
                    throw LogRefusal.EVENT_LOG_DAMAGED.because(from);
                }
            }
        }
    }

    private long countBehind(Position from, UUID organisation) {
        Position end = log.end();
        if (from.compareTo(end) > 0) {
            throw new LogDamaged(from, "it ends at " + end + " but is loaded up to " + from);
        }
        Position at = from;
        long items = 0;
        while (at.compareTo(end) < 0) {
            LogSlice slice = log.read(at, PIECE, Duration.ZERO);
            for (LogSlice.Entry entry : slice.entries()) {
                Submission.Header header = Submission.Header.of(entry);
                if (entry.position().compareTo(end) < 0
                        && header.organisation().equals(organisation)) {
                    items += header.items();
                }
            }
            if (slice.entries().isEmpty() && slice.next().equals(at)) {
                break;
            }
            at = slice.next();
        }
        return items;
    }
}
