package dev.quintet.platform.events;

import dev.quintet.platform.sql.Tx;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The SQL by which events are announced, ticked and read. */
final class OutboxStore {

    static final int TABLES = 3;

    // Before the first number a sequence has the same last value as after it.
    private static final String STATE =
            """
            select current, ticked_id, settled,
                   (select last_value + is_called::int from platform.outbox_id) as last_id
            from platform.outbox_state
            """;
    private static final String ONE_TICKER = "select true from platform.outbox_state for update";
    private static final String LAST_ID =
            "select last_value + is_called::int from platform.outbox_id";
    // A snapshot does not list those in progress above its xmax: only our own id tells that there
    // is none below it.
    private static final String TICK =
            """
            insert into platform.ticks (snapshot)
            values (pg_current_snapshot())
            returning pg_snapshot_xmin(snapshot) = pg_current_xact_id()
            """;
    private static final String TICKED =
            """
            update platform.outbox_state
            set ticked_id = :lastId,
                settled = :settled
            """;
    private static final String NEXT_TICK =
            """
            select id, snapshot::text as snapshot
            from platform.ticks
            where id > :tick
            order by id
            limit 1
            """;
    // Two parts: one filter over both would read every delivered row while an old transaction is
    // open. An array, because a subselect's unknown row count can tempt the planner into a scan.
    static final String READ =
            """
            select id, event_id, organisation, name, version, key, body
            from (
                select id, event_id, organisation, name, version, key, body
                from platform.outbox
                where xid >= pg_snapshot_xmax(cast(:from as pg_snapshot))
                  and xid < pg_snapshot_xmax(cast(:to as pg_snapshot))
                  and pg_visible_in_snapshot(xid, cast(:to as pg_snapshot))
                union all
                select id, event_id, organisation, name, version, key, body
                from platform.outbox
                where xid = any (array(select pg_snapshot_xip(cast(:from as pg_snapshot))))
                  and pg_visible_in_snapshot(xid, cast(:to as pg_snapshot))
            ) unread
            where id > :lastId
              and name = :name
            order by id
            limit :limit
            """;

    /** What the outbox looks like without a lock. */
    record State(int current, boolean quiet) {}

    /** Stores events, numbered in this order: what a select sorts is numbered afterwards. */
    void insert(Tx tx, int table, List<Announced> events) {
        tx.handle()
                .createUpdate(
                        """
                        insert into platform.outbox_%d
                            (event_id, organisation, name, version, key, body)
                        select event_id, organisation, name, version, key, body
                        from unnest(:ids, :organisations, :names, :versions, :keys, :bodies)
                            with ordinality
                            as told (event_id, organisation, name, version, key, body, place)
                        order by place
                        """
                                .formatted(table))
                .bindArray("ids", UUID.class, events.stream().map(Announced::eventId).toList())
                .bindArray(
                        "organisations",
                        UUID.class,
                        events.stream().map(Announced::organisation).toList())
                .bindArray("names", String.class, events.stream().map(Announced::name).toList())
                .bindArray(
                        "versions", Integer.class, events.stream().map(Announced::version).toList())
                .bindArray("keys", String.class, events.stream().map(Announced::key).toList())
                .bindArray("bodies", String.class, events.stream().map(Announced::body).toList())
                .execute();
    }

    /** Quiet: nothing was announced since the last tick, and that one saw nobody in progress. */
    State state(Tx tx) {
        return tx.handle()
                .createQuery(STATE)
                .map((row, context) ->
                        new State(
                                row.getInt("current"),
                                row.getBoolean("settled")
                                        && row.getLong("last_id") == row.getLong("ticked_id")))
                .one();
    }

    /**
     * Stores a tick, one node at a time, so that a later tick never sees less. The sequence is read
     * before this transaction gets its id and the snapshot is taken after it: who moved the
     * sequence has a lower id, and is done when nobody below ours is in progress. What moves it
     * later asks for another tick.
     */
    void tick(Tx tx) {
        // A lost tick is only a later one; what refers to it is written after it in the same WAL.
        tx.handle().execute("set local synchronous_commit = off");
        long lastId = tx.handle().createQuery(LAST_ID).mapTo(Long.class).one();
        tx.handle().createQuery(ONE_TICKER).mapTo(Boolean.class).one();
        boolean settled = tx.handle().createQuery(TICK).mapTo(Boolean.class).one();
        tx.handle().createUpdate(TICKED).bind("lastId", lastId).bind("settled", settled).execute();
    }

    /** This moment, for a reader that needs no stored tick. */
    String snapshot(Tx tx) {
        return tx.handle()
                .createQuery("select pg_current_snapshot()::text")
                .mapTo(String.class)
                .one();
    }

    Optional<Position.Tick> nextTick(Tx tx, long after) {
        return tx.handle()
                .createQuery(NEXT_TICK)
                .bind("tick", after)
                .map((row, context) ->
                        new Position.Tick(row.getLong("id"), row.getString("snapshot")))
                .findOne();
    }

    List<Announced> read(Tx tx, Position position, String name, int limit) {
        return tx.handle()
                .createQuery(READ)
                .bind("from", position.from())
                .bind("to", position.to())
                .bind("lastId", position.lastId())
                .bind("name", name)
                .bind("limit", limit)
                .map((row, context) ->
                        new Announced(
                                row.getLong("id"),
                                row.getObject("event_id", UUID.class),
                                row.getObject("organisation", UUID.class),
                                row.getString("name"),
                                row.getInt("version"),
                                row.getString("key"),
                                row.getString("body")))
                .list();
    }
}
