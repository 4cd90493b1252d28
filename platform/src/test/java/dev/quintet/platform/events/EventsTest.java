package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EventsTest {

    private static final UUID ORGANISATION = new UUID(1, 2);
    private static final Events.Settings QUICK =
            new Events.Settings(
                    Duration.ofMillis(50),
                    Duration.ofMillis(50),
                    Duration.ofMinutes(5),
                    Duration.ofDays(7));

    @Wire("test.things_said/1")
    record ThingSaid(UUID organisation, String room, int number) implements Event {

        @Override
        public String key() {
            return room;
        }
    }

    private final Outbox outbox =
            new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Integer> heard = new CopyOnWriteArrayList<>();
    private TestDatabase test;
    private Database db;

    @BeforeEach
    void open() {
        test = TestDatabase.create(outbox);
        db = test.database();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        test.close();
    }

    @Test
    void what_is_announced_arrives_and_what_is_rolled_back_does_not() {
        Events events = events();
        events.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        events.start();
        say("a", 1);
        try {
            db.run(tx -> {
                tx.announce(new ThingSaid(ORGANISATION, "a", 2));
                throw new IllegalStateException("planned");
            });
        } catch (IllegalStateException planned) {
            assertThat(planned).hasMessage("planned");
        }
        say("a", 3);
        Await.until("both arrived", () -> heard.size() >= 2);
        assertThat(heard).containsExactly(1, 3);
    }

    private Events events() {
        Leases leases = new Leases(db, UUID.randomUUID(), Duration.ofMillis(300));
        open.add(leases);
        Events events = new Events(db, outbox, leases, new LocalBus(), QUICK, name -> {});
        open.add(events);
        return events;
    }

    private void say(String room, int number) {
        db.run(tx -> tx.announce(new ThingSaid(ORGANISATION, room, number)));
    }
}
