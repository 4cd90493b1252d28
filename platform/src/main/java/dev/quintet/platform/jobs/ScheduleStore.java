package dev.quintet.platform.jobs;

import dev.quintet.platform.sql.Tx;
import java.time.Duration;

/** The SQL of schedules. */
final class ScheduleStore {

    private static final String ADD =
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

    void add(Tx tx, String name) {
        tx.handle().createUpdate(ADD).bind("name", name).execute();
    }

    boolean isDue(Tx tx, String name) {
        return tx.handle().createQuery(IS_DUE).bind("name", name).mapTo(Boolean.class).one();
    }

    void next(Tx tx, String name, Duration wait) {
        tx.handle()
                .createUpdate(NEXT)
                .bind("name", name)
                .bind("seconds", wait.toMillis() / 1000.0)
                .execute();
    }
}
