package dev.quintet.analytics;

import dev.quintet.platform.log.Gap;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The ledger in PostgreSQL. Events never come here. */
final class AnalyticsStore {

    private static final String LOCK_LOADED =
            """
            select position
            from analytics.loaded
            for update
            """;

    private static final String FIRST_LOADED =
            "insert into analytics.loaded (position) values (:position)";

    private static final String MOVE_LOADED = "update analytics.loaded set position = :position";

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
            select loaded.position,
                   coalesce(ledger.received, 0) as received,
                   coalesce(ledger.stored, 0) as stored,
                   coalesce(ledger.duplicate, 0) as duplicate,
                   coalesce(ledger.rejected, 0) as rejected
            from analytics.loaded
            left join analytics.ledger on ledger.organisation = :organisation
            """;

    private static final String ADD_GAP =
            """
            insert into analytics.gaps (from_position, to_position, bytes, at)
            values (:from, :to, :bytes, clock_timestamp())
            on conflict do nothing
            """;

    private static final String GAPS =
            """
            select from_position, to_position, bytes
            from analytics.gaps
            order by at desc, from_position desc
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
                    Optional<String> counted =
                            tx.handle().createQuery(LOCK_LOADED).mapTo(String.class).findOne();
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
                            .bind("position", tally.end())
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
                .bind("from", gap.from().toString())
                .bind("to", gap.to().toString())
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
                                            Optional.of(Position.parse(row.getString("position"))),
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
                .map((row, context) ->
                        new Balance.SetAside(
                                row.getString("from_position"),
                                row.getString("to_position"),
                                row.getLong("bytes")))
                .list();
    }
}
