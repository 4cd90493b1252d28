package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.CutCable;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What metrics say of the outbox while the database is well, and while it hangs. */
final class OutboxReadingsTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void while_the_database_hangs_the_last_reading_is_given_at_once_until_it_is_too_old() {
        try (TestDatabase test = TestDatabase.create()) {
            DatabaseUrl url = test.url();
            int port = URI.create(url.jdbc().substring("jdbc:".length())).getPort();
            CutCable cable = new CutCable(port);
            String behind = url.jdbc().replaceFirst(":\\d+/", ":" + cable.port() + "/");
            try (Database db =
                            Database.open(
                                    new DatabaseUrl(behind, url.user(), url.password()),
                                    Database.Limits.DEFAULT,
                                    (tx, events) -> {});
                    // First: a pool waits for connections that hang.
                    cable) {
                OutboxReadings readings = new OutboxReadings(db, nanos::get);
                assertThat(readings.lag()).as("before the first look").isNaN();
                park(test.database());
                readings.look();
                cable.hold();
                nanos.addAndGet(Duration.ofSeconds(30).toNanos());
                long start = System.nanoTime();
                assertThat(readings.lag()).isZero();
                assertThat(readings.parked()).isEqualTo(2);
                assertThat(readings.givenUp()).isEqualTo(1);
                nanos.incrementAndGet();
                assertThat(readings.lag()).isNaN();
                assertThat(readings.parked()).isNaN();
                assertThat(readings.givenUp()).isNaN();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
            }
        }
    }

    @Test
    void it_is_looked_at_on_every_node_without_being_asked() {
        Outbox outbox = new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
        try (TestDatabase test = TestDatabase.create(outbox);
                Leases leases =
                        new Leases(test.database(), UUID.randomUUID(), Duration.ofMillis(300));
                Events events =
                        new Events(
                                test.database(),
                                outbox,
                                leases,
                                new LocalBus(),
                                Events.Settings.DEFAULT,
                                name -> {})) {
            events.start();
            Await.until("it is looked at", () -> events.readings().lag() == 0);
        }
    }

    private static void park(Database db) {
        db.run(tx -> new SubscriberStore().register(tx, "listener", "test.things_said/1"));
        db.run(tx ->
                tx.handle()
                        .execute(
                                """
                                insert into platform.parked
                                    (subscriber, event_id, organisation, name, version, key, body,
                                     attempts, error, retry_at, dead)
                                select 'listener', gen_random_uuid(), gen_random_uuid(), 'test', 1,
                                       'a', '{}', 12, 'planted', now(), n = 1
                                from generate_series(1, 2) n
                                """));
    }
}
