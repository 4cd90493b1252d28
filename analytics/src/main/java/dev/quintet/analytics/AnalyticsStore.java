package dev.quintet.analytics;

import dev.quintet.platform.log.Gap;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The ledger in PostgreSQL. Events never come here. */
final class AnalyticsStore {

    private static final String LOCK_LOADED =
            """
            select log_partition, log_offset
            from analytics.loaded
            for update
            """;

    private static final String FIRST_LOADED =
            """
            insert into analytics.loaded (log_partition, log_offset)
            values (:partition, :offset)
            """;

    private static final String MOVE_LOADED =
            """
            update analytics.loaded
            set log_partition = :partition,
                log_offset = :offset
            """;

    private static final String COUNT =
            """
            insert into analytics.ledger as ledger (organisation, received, stored, duplicate, rejected)
            values (:organisation, :received, :stored, :duplicate, :rejected)
            on conflict (organisation) do update
            set received = ledger.received + excluded.received,
                stored = ledger.stored + excluded.stored,
                duplicate = ledger.duplicate + excluded.duplicate,
                rejected = ledger.rejected + excluded.rejected
            """;

    private static final String COUNTS =
            """
            select loaded.log_partition,
                   loaded.log_offset,
                   coalesce(ledger.received, 0) as received,
                   coalesce(ledger.stored, 0) as stored,
                   coalesce(ledger.duplicate, 0) as duplicate,
                   coalesce(ledger.rejected, 0) as rejected
            from analytics.loaded
            left join analytics.ledger on ledger.organisation = :organisation
            """;

    private static final String ADD_GAP =
            """
            insert into analytics.gaps (log_partition, from_offset, to_offset, bytes, at)
            values (:partition, :from, :to, :bytes, clock_timestamp())
            on conflict do nothing
            """;

    private static final String GAPS =
            """
            select log_partition, from_offset, to_offset, bytes
            from analytics.gaps
            order by at desc, from_offset desc
            limit :most
            """;

    private final Database db;

    AnalyticsStore(Database db) {
        this.db = db;
    }

    /**
     * Adds a committed range to the ledger, once: a tally that is in it already changes nothing.
     *
     * @param gaps what was set aside within the range
     */
    void settle(Tally tally, List<Gap> gaps) {
        db.background()
                .run(tx -> {
                    Optional<Position> counted =
                            tx.handle()
                                    .createQuery(LOCK_LOADED)
                                    .map((row, context) -> position(row))
                                    .findOne();
                    if (counted.isPresent() && counted.get().equals(tally.end())) {
                        return;
                    }
                    if (counted.isPresent() && !counted.get().equals(tally.start())) {
                        throw new IllegalStateException(
                                "the ledger counts up to "
                                        + counted.get()
                                        + ", so "
                                        + tally.start()
                                        + ".."
                                        + tally.end()
                                        + " cannot follow");
                    }
                    tx.handle()
                            .createUpdate(counted.isPresent() ? MOVE_LOADED : FIRST_LOADED)
                            .bind("partition", tally.end().partition())
                            .bind("offset", tally.end().offset())
                            .execute();
                    tally.organisations()
                            .forEach((organisation, counts) -> add(tx, organisation, counts));
                    gaps.forEach(gap -> add(tx, gap));
                });
    }

    private static void add(Tx tx, UUID organisation, Tally.Counts counts) {
        tx.handle()
                .createUpdate(COUNT)
                .bind("organisation", organisation)
                .bind("received", counts.received())
                .bind("stored", counts.stored())
                .bind("duplicate", counts.duplicate())
                .bind("rejected", counts.rejected())
                .execute();
    }

    private static void add(Tx tx, Gap gap) {
        tx.handle()
                .createUpdate(ADD_GAP)
                .bind("partition", gap.from().partition())
                .bind("from", gap.from().offset())
                .bind("to", gap.to().offset())
                .bind("bytes", gap.bytes())
                .execute();
    }

    /** What is counted and set aside, and up to where in the log. */
    record Counted(Optional<Position> upTo, Tally.Counts counts, List<Balance.SetAside> gaps) {

        Counted {
            gaps = List.copyOf(gaps);
        }
    }

    /** The figures in one statement: a range that is settled meanwhile is in all or in none. */
    Counted counted(UUID organisation) {
        return db.read(tx -> {
            Counted counted =
                    tx.handle()
                            .createQuery(COUNTS)
                            .bind("organisation", organisation)
                            .map((row, context) ->
                                    new Counted(
                                            Optional.of(position(row)),
                                            new Tally.Counts(
                                                    row.getLong("received"),
                                                    row.getLong("stored"),
                                                    row.getLong("duplicate"),
                                                    row.getLong("rejected")),
                                            List.of()))
                            .findOne()
                            .orElse(new Counted(Optional.empty(), Tally.Counts.NONE, List.of()));
            // Read behind: a gap that is settled in between is in both rather than in neither.
            return new Counted(counted.upTo(), counted.counts(), gaps(tx));
        });
    }

    private static List<Balance.SetAside> gaps(Tx tx) {
        return tx.handle()
                .createQuery(GAPS)
                .bind("most", Balance.MOST_GAPS)
                .map((row, context) -> Balance.SetAside.of(gap(row)))
                .list();
    }

    private static Gap gap(ResultSet row) throws SQLException {
        int partition = row.getInt("log_partition");
        return new Gap(
                new Position(partition, row.getLong("from_offset")),
                new Position(partition, row.getLong("to_offset")),
                row.getLong("bytes"));
    }

    private static Position position(ResultSet row) throws SQLException {
        return new Position(row.getInt("log_partition"), row.getLong("log_offset"));
    }
}
