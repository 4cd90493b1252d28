package dev.quintet.platform.sql;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The SQL of leases. */
final class LeaseStore {

    private static final String TAKE =
            """
            insert into platform.leases as held (name, holder, epoch, until)
            values (:name, :node, 1, clock_timestamp() + make_interval(secs => :seconds))
            on conflict (name) do update
            set holder = :node,
                epoch = held.epoch + 1,
                until = clock_timestamp() + make_interval(secs => :seconds)
            where held.until < clock_timestamp()
               or held.holder = :node
            returning epoch
            """;
    private static final String RENEW =
            """
            update platform.leases as held
            set until = clock_timestamp() + make_interval(secs => :seconds)
            from unnest(:names, :epochs) as mine (name, epoch)
            where held.name = mine.name
              and held.epoch = mine.epoch
              and held.holder = :node
            returning held.name
            """;
    private static final String RELEASE =
            """
            update platform.leases
            set until = '-infinity'
            where name = :name
              and holder = :node
              and epoch = :epoch
            """;

    private final Database db;

    LeaseStore(Database db) {
        this.db = db;
    }

    Optional<Long> take(String name, UUID node, Duration length) {
        return db.tx(tx ->
                tx.handle()
                        .createQuery(TAKE)
                        .bind("name", name)
                        .bind("node", node)
                        .bind("seconds", seconds(length))
                        .mapTo(Long.class)
                        .findOne());
    }

    Set<String> renew(List<Lease> leases, UUID node, Duration length) {
        return db.tx(tx ->
                tx.handle()
                        .createQuery(RENEW)
                        .bindArray("names", String.class, leases.stream().map(Lease::name).toList())
                        .bindArray("epochs", Long.class, leases.stream().map(Lease::epoch).toList())
                        .bind("node", node)
                        .bind("seconds", seconds(length))
                        .mapTo(String.class)
                        .set());
    }

    void release(String name, UUID node, long epoch) {
        db.run(tx ->
                tx.handle()
                        .createUpdate(RELEASE)
                        .bind("name", name)
                        .bind("node", node)
                        .bind("epoch", epoch)
                        .execute());
    }

    private static double seconds(Duration length) {
        return length.toMillis() / 1000.0;
    }
}
