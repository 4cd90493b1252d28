package dev.quintet.platform.sql;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The SQL of nodes. */
final class NodeStore {

    private static final String OUTAGE =
            """
            select coalesce(max(seen_at) filter (where isfinite(seen_at)), clock_timestamp()) as since,
                   clock_timestamp() as until
            from platform.nodes
            """;
    private static final String JOIN =
            """
            insert into platform.nodes as known (id, epoch, systems, started_at, seen_at)
            values (:id, 1, :systems, clock_timestamp(), clock_timestamp())
            on conflict (id) do update
            set epoch = known.epoch + 1,
                systems = excluded.systems,
                has_left = false,
                started_at = excluded.started_at,
                seen_at = excluded.seen_at
            returning epoch
            """;
    private static final String BEAT =
            """
            update platform.nodes
            set seen_at = clock_timestamp()
            where id = :id
              and epoch = :epoch
            """;
    private static final String LEAVE =
            """
            update platform.nodes
            set seen_at = clock_timestamp(),
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

    /** The node's new epoch, and what it ends by joining. */
    record Joined(long epoch, Outage outage) {}

    Joined join(UUID id, Set<String> systems) {
        return db.tx(tx -> {
            Outage outage =
                    tx.handle()
                            .createQuery(OUTAGE)
                            .map((row, context) ->
                                    new Outage(
                                            row.getObject("since", OffsetDateTime.class)
                                                    .toInstant(),
                                            row.getObject("until", OffsetDateTime.class)
                                                    .toInstant()))
                            .one();
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
