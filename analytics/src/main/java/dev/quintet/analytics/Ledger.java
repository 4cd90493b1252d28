package dev.quintet.analytics;

import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.LogRefusal;
import dev.quintet.platform.log.NotInLog;
import dev.quintet.platform.log.Position;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where every item of an organisation's events went. No figure is computed from the others, so a
 * lost item shows: received and pending come from the headers in the log and from what was taken,
 * the rest from verdicts.
 */
final class Ledger {

    private final AnalyticsStore store;
    private final EventLog log;
    private final Pending pending;

    Ledger(AnalyticsStore store, EventLog log, Pending pending) {
        this.store = store;
        this.log = log;
        this.pending = pending;
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
                long waiting = pending.from(from, organisation);
                Tally.Counts counts = counted.counts();
                return new Balance(
                        counts.received() + waiting,
                        counts.stored(),
                        counts.duplicate(),
                        counts.rejected(),
                        waiting,
                        Stream.concat(ahead.stream(), counted.gaps().stream())
                                .distinct()
                                .limit(Balance.MOST_GAPS)
                                .toList());
            } catch (LogDamaged damaged) {
                throw LogRefusal.EVENT_LOG_DAMAGED.because(damaged.at());
            } catch (NotInLog released) {
                // Loaded and released since it was asked for: the counted part has moved on.
                if (store.counted(organisation).upTo().orElseGet(log::start).equals(from)) {
                    // The log does not hold what is counted: it is not the one that was loaded.
                    throw LogRefusal.EVENT_LOG_DAMAGED.because(from);
                }
            }
        }
    }
}
