package dev.quintet.platform.events;

import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.events.EventsTest.ThingSaid;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.Leases;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** A node that can be killed in a handler: takes events until the fifth, and never comes back. */
final class SubscriberHolder {

    private SubscriberHolder() {}

    static void main(String... url) {
        Outbox outbox = new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
        Database db =
                Database.open(
                        new DatabaseUrl(url[0], url[1], url[2]), Database.Limits.DEFAULT, outbox);
        Leases leases = new Leases(db, UUID.randomUUID(), Duration.ofMillis(300));
        Events events =
                new Events(db, outbox, leases, new LocalBus(), Events.Settings.DEFAULT, name -> {});
        events.on(
                "listener",
                ThingSaid.class,
                (id, event) -> {
                    if (event.number() == 5) {
                        System.out.println("in the handler");
                        while (true) {
                            LockSupport.park();
                        }
                    }
                    hear(db, id, event);
                });
        events.start();
        while (true) {
            LockSupport.park();
        }
    }

    /** An effect that is made single by the event's id. */
    static void hear(Database db, UUID id, ThingSaid event) {
        db.run(tx ->
                tx.handle()
                        .execute(
                                "insert into public.heard (id, number) values (?, ?) on conflict do nothing",
                                id,
                                event.number()));
    }
}
