package dev.quintet.platform.events;

import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The SQL of subscribers: their positions, and the events that they could not take. */
final class SubscriberStore {

    // A new subscriber begins now; the tick before it may see less, which costs one empty read.
    private static final String REGISTER =
            """
            insert into platform.subscribers
                (name, event, from_snapshot, to_snapshot, tick, last_id, epoch, seen_at)
            select :name, :event, pg_current_snapshot(), pg_current_snapshot(),
                   coalesce(max(id), 0), 0, 0, clock_timestamp()
            from platform.ticks
            on conflict (name) do update
            set event = excluded.event,
                seen_at = excluded.seen_at
            """;
    private static final String TAKE_OVER =
            """
            update platform.subscribers
            set epoch = :epoch,
                seen_at = clock_timestamp()
            where name = :name
              and epoch < :epoch
            returning from_snapshot::text as from_snapshot, to_snapshot::text as to_snapshot,
                      tick, last_id
            """;
    private static final String SAVE =
            """
            update platform.subscribers
            set from_snapshot = cast(:from as pg_snapshot),
                to_snapshot = cast(:to as pg_snapshot),
                tick = :tick,
                last_id = :lastId,
                seen_at = clock_timestamp()
            where name = :name
              and epoch = :epoch
            """;
    private static final String PARKED_KEYS =
            """
            select distinct key
            from platform.parked
            where subscriber = :subscriber
              and key = any (:keys)
            """;
    private static final String PARK =
            """
            insert into platform.parked
                (subscriber, event_id, organisation, name, version, key, body, attempts, error, retry_at)
            values (:subscriber, :eventId, :organisation, :name, :version, :key, :body, :attempts,
                    :error, clock_timestamp() + make_interval(secs => :seconds))
            on conflict (subscriber, event_id) do nothing
            """;
    private static final String DUE =
            """
            select position, event_id, organisation, name, version, key, body, attempts
            from platform.parked head
            where subscriber = :subscriber
              and not dead
              and retry_at <= clock_timestamp()
              and not exists (
                  select from platform.parked before
                  where before.subscriber = head.subscriber
                    and before.key = head.key
                    and before.position < head.position)
            order by position
            limit 50
            """;
    private static final String UNPARK = "delete from platform.parked where position = :position";
    private static final String FAIL =
            """
            update platform.parked
            set attempts = :attempts,
                error = :error,
                dead = :dead,
                retry_at = clock_timestamp() + make_interval(secs => :seconds)
            where position = :position
            """;
    private static final String LIST =
            """
            select position, subscriber, event_id, name, key, attempts, nullif(error, '') as error,
                   parked_at,
                   case when not dead and error <> '' then retry_at end as retry_at
            from platform.parked
            where position > :after
            order by position
            limit :limit
            """;
    private static final String COUNT_PARKED =
            """
            select count(*) as every, count(*) filter (where dead) as given_up
            from platform.parked
            """;
    private static final String COUNT_PARKED_OF =
            """
            select count(*)
            from platform.parked
            where subscriber = :subscriber
            """;
    // The lowest transaction that some subscriber has not read stands for the oldest event.
    private static final String LAG =
            """
            select coalesce(
                extract(epoch from clock_timestamp() - (
                    select announced_at
                    from platform.outbox
                    where xid >= (
                        select pg_snapshot_xmax(from_snapshot)
                        from platform.subscribers
                        order by 1
                        limit 1)
                    order by xid
                    limit 1)),
                0)
            """;
    private static final String RETRY =
            """
            update platform.parked
            set dead = false,
                attempts = 0,
                retry_at = clock_timestamp()
            where subscriber = :subscriber
              and key = :key
            """;

    // What waits behind another has not failed: its turn comes by itself.
    private static final String SKIP =
            """
            delete from platform.parked
            where subscriber = :subscriber
              and event_id = :event
              and error <> ''
            returning key
            """;

    /** A parked event whose turn has come. */
    record Due(long position, int attempts, Announced event) {}

    void register(Tx tx, String name, String event) {
        tx.handle().createUpdate(REGISTER).bind("name", name).bind("event", event).execute();
    }

    /** The position from which the holder of {@code epoch} goes on; none if it is already late. */
    Optional<Position> takeOver(Tx tx, String name, long epoch) {
        return tx.handle()
                .createQuery(TAKE_OVER)
                .bind("name", name)
                .bind("epoch", epoch)
                .map((row, context) ->
                        new Position(
                                row.getString("from_snapshot"),
                                row.getString("to_snapshot"),
                                row.getLong("tick"),
                                row.getLong("last_id")))
                .findOne();
    }

    /** False when another node has taken over: its position stands. */
    boolean save(Tx tx, String name, long epoch, Position position) {
        return tx.handle()
                        .createUpdate(SAVE)
                        .bind("name", name)
                        .bind("epoch", epoch)
                        .bind("from", position.from())
                        .bind("to", position.to())
                        .bind("tick", position.tick())
                        .bind("lastId", position.lastId())
                        .execute()
                == 1;
    }

    Set<String> parkedKeys(Tx tx, String subscriber, List<String> keys) {
        return tx.handle()
                .createQuery(PARKED_KEYS)
                .bind("subscriber", subscriber)
                .bindArray("keys", String.class, keys)
                .mapTo(String.class)
                .set();
    }

    /** How many events became parked by it: one, or none that was already. */
    int park(Tx tx, String subscriber, Announced event, int attempts, String error, Duration wait) {
        return tx.handle()
                .createUpdate(PARK)
                .bind("subscriber", subscriber)
                .bind("eventId", event.eventId())
                .bind("organisation", event.organisation())
                .bind("name", event.name())
                .bind("version", event.version())
                .bind("key", event.key())
                .bind("body", event.body())
                .bind("attempts", attempts)
                .bind("error", error)
                .bind("seconds", wait.toMillis() / 1000.0)
                .execute();
    }

    /** The first event of each parked key, when it is time to try it again. */
    List<Due> due(Tx tx, String subscriber) {
        return tx.handle()
                .createQuery(DUE)
                .bind("subscriber", subscriber)
                .map((row, context) ->
                        new Due(
                                row.getLong("position"),
                                row.getInt("attempts"),
                                new Announced(
                                        0,
                                        row.getObject("event_id", UUID.class),
                                        row.getObject("organisation", UUID.class),
                                        row.getString("name"),
                                        row.getInt("version"),
                                        row.getString("key"),
                                        row.getString("body"))))
                .list();
    }

    /** How many it took back: none that an operator has skipped meanwhile. */
    int unpark(Tx tx, long position) {
        return tx.handle().createUpdate(UNPARK).bind("position", position).execute();
    }

    void fail(Tx tx, long position, int attempts, String error, Duration wait, boolean dead) {
        tx.handle()
                .createUpdate(FAIL)
                .bind("position", position)
                .bind("attempts", attempts)
                .bind("error", error)
                .bind("seconds", wait.toMillis() / 1000.0)
                .bind("dead", dead)
                .execute();
    }

    List<Parked> list(Tx tx, long after, int limit) {
        return tx.handle()
                .createQuery(LIST)
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) ->
                        new Parked(
                                row.getLong("position"),
                                row.getString("subscriber"),
                                row.getObject("event_id", UUID.class),
                                row.getString("name"),
                                row.getString("key"),
                                row.getInt("attempts"),
                                Optional.ofNullable(row.getString("error")),
                                row.getObject("parked_at", OffsetDateTime.class).toInstant(),
                                Optional.ofNullable(row.getObject("retry_at", OffsetDateTime.class))
                                        .map(OffsetDateTime::toInstant)))
                .list();
    }

    /**
     * @param givenUp how many of {@code all} are tried no more
     */
    record ParkedCount(long all, long givenUp) {}

    ParkedCount countParked(Tx tx) {
        return tx.handle()
                .createQuery(COUNT_PARKED)
                .map((row, context) ->
                        new ParkedCount(row.getLong("every"), row.getLong("given_up")))
                .one();
    }

    long countParked(Tx tx, String subscriber) {
        return tx.handle()
                .createQuery(COUNT_PARKED_OF)
                .bind("subscriber", subscriber)
                .mapTo(Long.class)
                .one();
    }

    /** Seconds for which the oldest event has waited for its slowest subscriber. */
    double lag(Tx tx) {
        return tx.handle().createQuery(LAG).mapTo(Double.class).one();
    }

    int retry(Tx tx, String subscriber, String key) {
        return tx.handle()
                .createUpdate(RETRY)
                .bind("subscriber", subscriber)
                .bind("key", key)
                .execute();
    }

    /** The key behind which nothing waits for the event any more. */
    Optional<String> skip(Tx tx, String subscriber, UUID event) {
        return tx.handle()
                .createQuery(SKIP)
                .bind("subscriber", subscriber)
                .bind("event", event)
                .mapTo(String.class)
                .findOne();
    }

    /** For a position alone: losing it only repeats what was delivered. */
    void doNotWaitForDisk(Tx tx) {
        tx.handle().execute("set local synchronous_commit = off");
    }
}
