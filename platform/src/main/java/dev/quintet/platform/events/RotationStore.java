package dev.quintet.platform.events;

import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.util.List;

/** The SQL of the outbox's upkeep. */
class RotationStore {

    private static final String CURRENT = "select current from platform.outbox_state";
    private static final String TURN =
            """
            update platform.outbox_state
            set current = :next,
                rotated_at = clock_timestamp()
            where rotated_at < clock_timestamp() - make_interval(secs => :seconds)
            """;
    private static final String DROP_TICKS =
            """
            delete from platform.ticks
            where id < (select coalesce(min(tick), 0) from platform.subscribers)
            """;
    private static final String SEEN =
            """
            update platform.subscribers
            set seen_at = clock_timestamp()
            where 'events/' || name in (
                select leases.name
                from platform.leases
                where until > clock_timestamp())
            """;
    private static final String DROP_SUBSCRIBERS =
            """
            delete from platform.subscribers
            where seen_at < clock_timestamp() - make_interval(secs => :seconds)
            returning name
            """;

    int current(Tx tx) {
        return tx.handle().createQuery(CURRENT).mapTo(Integer.class).one();
    }

    boolean isEmpty(Tx tx, int table) {
        return tx.handle()
                .createQuery("select not exists (select from platform.outbox_%d)".formatted(table))
                .mapTo(Boolean.class)
                .one();
    }

    void lock(Tx tx, int table) {
        tx.handle()
                .execute(
                        "lock table platform.outbox_%d in access exclusive mode nowait"
                                .formatted(table));
    }

    /** Whether every row is behind every subscriber; two parts, as in reading. */
    boolean isRead(Tx tx, int table) {
        return tx.handle()
                .createQuery(
                        """
                        select not exists (
                            select
                            from platform.subscribers
                            where exists (
                                    select
                                    from platform.outbox_%1$d
                                    where xid >= pg_snapshot_xmax(from_snapshot))
                               or exists (
                                    select
                                    from platform.outbox_%1$d
                                    where xid = any (array(select pg_snapshot_xip(from_snapshot)))))
                        """
                                .formatted(table))
                .mapTo(Boolean.class)
                .one();
    }

    void truncate(Tx tx, int table) {
        tx.handle().execute("truncate platform.outbox_%d".formatted(table));
    }

    void turnTo(Tx tx, int next, Duration every) {
        tx.handle()
                .createUpdate(TURN)
                .bind("next", next)
                .bind("seconds", every.toMillis() / 1000.0)
                .execute();
    }

    void dropOldTicks(Tx tx) {
        tx.handle().execute(DROP_TICKS);
    }

    void seeRunning(Tx tx) {
        tx.handle().execute(SEEN);
    }

    /** The subscribers that no node has run for so long; their parked events go with them. */
    List<String> dropUnseen(Tx tx, Duration keep) {
        return tx.handle()
                .createQuery(DROP_SUBSCRIBERS)
                .bind("seconds", keep.toMillis() / 1000.0)
                .mapTo(String.class)
                .list();
    }
}
