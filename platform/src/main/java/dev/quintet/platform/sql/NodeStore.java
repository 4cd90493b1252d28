package dev.quintet.platform.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The SQL of nodes. */
final class NodeStore {

    // Any lock of the table will do: nodes take it twice in a life, and agree on one outage so.
    private static final String LOCK_OUTAGE =
            """
            select from_at, until_at
            from platform.outage
            for update
            """;

    // Another node serves if it said so within two heartbeats; an outage shorter than that stays
    // unseen where a second node was killed too. A node without any of our systems is no help.
    private static final String SERVED =
            """
            select coalesce(max(served_at), clock_timestamp()) as last,
                   coalesce(bool_or(id <> :id and serving and served_at > clock_timestamp() - make_interval(secs => :seconds)), false) as others,
                   clock_timestamp() as now
            from platform.nodes
            where id = :id
               or systems && cast(:systems as text[])
            """;
    private static final String PUT_OUTAGE =
            """
            update platform.outage
            set from_at = :from,
                until_at = :until
            """;
    private static final String SERVE =
            """
            update platform.nodes
            set seen_at = clock_timestamp(),
                served_at = clock_timestamp(),
                serving = true
            where id = :id
              and epoch = :epoch
            """;
    private static final String JOIN =
            """
            insert into platform.nodes as known (id, epoch, systems, started_at, seen_at)
            values (:id, 1, :systems, clock_timestamp(), clock_timestamp())
            on conflict (id) do update
            set epoch = known.epoch + 1,
                systems = excluded.systems,
                has_left = false,
                serving = false,
                started_at = excluded.started_at,
                seen_at = excluded.seen_at
            returning epoch
            """;
    private static final String BEAT =
            """
            update platform.nodes
            set seen_at = clock_timestamp(),
                served_at = case when serving then clock_timestamp() else served_at end
            where id = :id
              and epoch = :epoch
            """;
    private static final String LEAVE =
            """
            update platform.nodes
            set seen_at = clock_timestamp(),
                served_at = case when serving then clock_timestamp() else served_at end,
                serving = false,
                has_left = true
            where id = :id
              and epoch = :epoch
            """;
    private static final String LIVE =
            """
            select id, epoch, systems, seen_at
            from platform.nodes
            where not has_left
              and seen_at > clock_timestamp() - make_interval(secs => :seconds)
            order by id
            """;

    private final Database db;

    NodeStore(Database db) {
        this.db = db;
    }

    /** The node's new epoch, and the outage that it may end. */
    record Joined(long epoch, Outage outage) {}

    /**
     * @param alive for how long after its last heartbeat another node counts as serving
     */
    Joined join(UUID id, Set<String> systems, Duration alive) {
        return db.tx(tx -> {
            Outage last = lockOutage(tx);
            Served served = served(tx, id, systems, alive);
            Outage outage = served.others() ? last : new Outage(served.last(), Instant.MAX);
            long epoch =
                    tx.handle()
                            .createQuery(JOIN)
                            .bind("id", id)
                            .bindArray("systems", String.class, List.copyOf(systems))
                            .mapTo(Long.class)
                            .one();
            return new Joined(epoch, outage);
        });
    }

    /** Serves from now on: ends the outage if no other node did. */
    Outage serve(UUID id, long epoch, Set<String> systems, Duration alive) {
        return db.tx(tx -> {
            Outage last = lockOutage(tx);
            Served served = served(tx, id, systems, alive);
            tx.handle().createUpdate(SERVE).bind("id", id).bind("epoch", epoch).execute();
            if (served.others()) {
                return last;
            }
            Outage ended = new Outage(served.last(), served.now());
            tx.handle()
                    .createUpdate(PUT_OUTAGE)
                    .bind("from", ended.from())
                    .bind("until", ended.until())
                    .execute();
            return ended;
        });
    }

    /**
     * @param last when any node served last; now if none ever did
     * @param others whether another one serves
     */
    private record Served(Instant last, boolean others, Instant now) {}

    private static Served served(Tx tx, UUID self, Set<String> systems, Duration alive) {
        return tx.handle()
                .createQuery(SERVED)
                .bind("id", self)
                .bindArray("systems", String.class, List.copyOf(systems))
                .bind("seconds", alive.toMillis() / 1000.0)
                .map((row, context) ->
                        new Served(
                                instant(row, "last"),
                                row.getBoolean("others"),
                                instant(row, "now")))
                .one();
    }

    private static Outage lockOutage(Tx tx) {
        return tx.handle()
                .createQuery(LOCK_OUTAGE)
                .map((row, context) ->
                        new Outage(instant(row, "from_at"), instant(row, "until_at")))
                .one();
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    void beat(UUID id, long epoch) {
        db.run(tx -> tx.handle().createUpdate(BEAT).bind("id", id).bind("epoch", epoch).execute());
    }

    void leave(UUID id, long epoch) {
        db.run(tx -> tx.handle().createUpdate(LEAVE).bind("id", id).bind("epoch", epoch).execute());
    }

    List<Nodes.Node> live(Duration alive) {
        return db.read(tx ->
                tx.handle()
                        .createQuery(LIVE)
                        .bind("seconds", alive.toMillis() / 1000.0)
                        .map((row, context) ->
                                new Nodes.Node(
                                        row.getObject("id", UUID.class),
                                        row.getLong("epoch"),
                                        Arrays.stream((String[]) row.getArray("systems").getArray())
                                                .collect(Collectors.toUnmodifiableSet()),
                                        row.getObject("seen_at", OffsetDateTime.class).toInstant()))
                        .list());
    }
}
