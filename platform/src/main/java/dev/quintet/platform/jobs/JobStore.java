package dev.quintet.platform.jobs;

import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The SQL of jobs and schedules. */
final class JobStore {

    private static final String INSERT =
            """
            insert into platform.jobs (id, organisation, kind, payload, run_at)
            values (:id, :organisation, :kind, :payload, :runAt)
            """;
    private static final String CLAIM =
            """
            update platform.jobs
            set leased_until = clock_timestamp() + make_interval(secs => :seconds),
                epoch = epoch + 1,
                attempts = attempts + 1
            where id in (
                select id
                from platform.jobs
                where kind = any (:kinds)
                  and not dead
                  and run_at <= clock_timestamp()
                  and (leased_until is null or leased_until < clock_timestamp())
                order by run_at
                limit :limit
                for update skip locked)
            returning id, organisation, kind, payload, attempts, epoch
            """;
    private static final String RENEW =
            """
            update platform.jobs as running
            set leased_until = clock_timestamp() + make_interval(secs => :seconds)
            from unnest(:ids, :epochs) as mine (id, epoch)
            where running.id = mine.id
              and running.epoch = mine.epoch
            """;
    private static final String DONE =
            """
            delete from platform.jobs
            where id = :id
              and epoch = :epoch
            """;
    private static final String FAILED =
            """
            update platform.jobs
            set leased_until = null,
                run_at = clock_timestamp() + make_interval(secs => :seconds),
                error = :error,
                dead = :dead
            where id = :id
              and epoch = :epoch
            """;
    private static final String DEAD =
            """
            select id, organisation, kind, attempts, error
            from platform.jobs
            where dead
            order by run_at
            limit :limit
            """;
    private static final String RETRY =
            """
            update platform.jobs
            set dead = false,
                attempts = 0,
                run_at = clock_timestamp()
            where id = :id
              and dead
            """;
    private static final String SCHEDULE =
            """
            insert into platform.schedules (name, next_at)
            values (:name, clock_timestamp())
            on conflict (name) do nothing
            """;
    private static final String IS_DUE =
            "select next_at <= clock_timestamp() from platform.schedules where name = :name";
    private static final String NEXT =
            """
            update platform.schedules
            set next_at = clock_timestamp() + make_interval(secs => :seconds)
            where name = :name
            """;

    /** A job in our hands until its lease ends. */
    record Claimed(Job job, long epoch) {}

    void insert(Tx tx, UUID id, UUID organisation, String kind, String payload, Instant runAt) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("id", id)
                .bind("organisation", organisation)
                .bind("kind", kind)
                .bind("payload", payload)
                .bind("runAt", runAt.atOffset(ZoneOffset.UTC))
                .execute();
    }

    List<Claimed> claim(Tx tx, Set<String> kinds, Duration lease, int limit) {
        return tx.handle()
                .createQuery(CLAIM)
                .bind("seconds", seconds(lease))
                .bindArray("kinds", String.class, List.copyOf(kinds))
                .bind("limit", limit)
                .map((row, context) ->
                        new Claimed(
                                new Job(
                                        row.getObject("id", UUID.class),
                                        row.getObject("organisation", UUID.class),
                                        row.getString("kind"),
                                        row.getString("payload"),
                                        row.getInt("attempts")),
                                row.getLong("epoch")))
                .list();
    }

    void renew(Tx tx, List<Claimed> running, Duration lease) {
        tx.handle()
                .createUpdate(RENEW)
                .bind("seconds", seconds(lease))
                .bindArray("ids", UUID.class, running.stream().map(one -> one.job().id()).toList())
                .bindArray("epochs", Long.class, running.stream().map(Claimed::epoch).toList())
                .execute();
    }

    void done(Tx tx, Claimed job) {
        tx.handle()
                .createUpdate(DONE)
                .bind("id", job.job().id())
                .bind("epoch", job.epoch())
                .execute();
    }

    void failed(Tx tx, Claimed job, String error, Duration wait, boolean dead) {
        tx.handle()
                .createUpdate(FAILED)
                .bind("id", job.job().id())
                .bind("epoch", job.epoch())
                .bind("error", error)
                .bind("seconds", seconds(wait))
                .bind("dead", dead)
                .execute();
    }

    List<Job.Dead> dead(Tx tx, int limit) {
        return tx.handle()
                .createQuery(DEAD)
                .bind("limit", limit)
                .map((row, context) ->
                        new Job.Dead(
                                row.getObject("id", UUID.class),
                                row.getObject("organisation", UUID.class),
                                row.getString("kind"),
                                row.getInt("attempts"),
                                row.getString("error")))
                .list();
    }

    boolean retry(Tx tx, UUID id) {
        return tx.handle().createUpdate(RETRY).bind("id", id).execute() == 1;
    }

    void schedule(Tx tx, String name) {
        tx.handle().createUpdate(SCHEDULE).bind("name", name).execute();
    }

    boolean isDue(Tx tx, String name) {
        return tx.handle().createQuery(IS_DUE).bind("name", name).mapTo(Boolean.class).one();
    }

    void next(Tx tx, String name, Duration wait) {
        tx.handle().createUpdate(NEXT).bind("name", name).bind("seconds", seconds(wait)).execute();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
