package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import dev.quintet.platform.sql.Tx;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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
                    Duration.ofDays(7),
                    10_000);

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

    @Test
    void a_slow_first_announcer_is_not_skipped() throws Exception {
        Events events = events();
        events.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        events.start();
        CountDownLatch announced = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread slow =
                Thread.ofVirtual()
                        .start(() ->
                                db.run(tx -> {
                                    tx.announce(new ThingSaid(ORGANISATION, "a", 1));
                                    announced.countDown();
                                    await(goOn);
                                }));
        announced.await();
        try {
            say("b", 2);
            Await.until("the second is not held back", () -> heard.contains(2));
        } finally {
            goOn.countDown();
        }
        slow.join();
        Await.until("the first is not skipped", () -> heard.contains(1));
        assertThat(heard).containsExactly(2, 1);
    }

    @Test
    void a_room_whose_second_message_has_the_lower_transaction_id_stays_in_order()
            throws Exception {
        Events events = events();
        events.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        CountDownLatch numbered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread lower =
                Thread.ofVirtual()
                        .start(() ->
                                db.run(tx -> {
                                    tx.handle().execute("select pg_current_xact_id()");
                                    numbered.countDown();
                                    await(goOn);
                                    tx.announce(new ThingSaid(ORGANISATION, "a", 2));
                                }));
        numbered.await();
        try {
            say("a", 1);
        } finally {
            goOn.countDown();
        }
        lower.join();
        events.start();
        Await.until("both arrived", () -> heard.size() >= 2);
        assertThat(heard).containsExactly(1, 2);
    }

    @Test
    void a_transaction_open_in_another_database_delays_nobody() throws Exception {
        try (Connection foreign = TestDatabase.empty().connect()) {
            foreign.setAutoCommit(false);
            foreign.createStatement().execute("select pg_current_xact_id()");
            Events events = events();
            events.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
            events.start();
            say("a", 1);
            Await.until("it arrived", () -> heard.contains(1));
            foreign.rollback();
        }
    }

    @Test
    void a_foreign_table_lock_during_rotation_delays_nobody() throws Exception {
        Events events = events();
        events.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        events.start();
        say("a", 1);
        Await.until("the first arrived", () -> heard.contains(1));
        try (Connection foreign = test.url().connect()) {
            foreign.setAutoCommit(false);
            foreign.createStatement().execute("lock table platform.outbox_0 in access share mode");
            Rotation rotation = new Rotation(db, new RotationStore(), Duration.ZERO);
            rotation.turn();
            rotation.turn();
            assertThat(rows(0)).isEqualTo(1);
            say("a", 2);
            Await.until("the second arrived", () -> heard.contains(2));
            foreign.rollback();
        }
    }

    @Test
    void a_commit_between_the_check_and_the_truncate_of_a_rotation_is_not_lost() {
        assertThat(leftAfterAnAnnouncementDuring(new RotationStore())).isEqualTo(1);
    }

    @Test
    void a_rotation_that_checks_without_the_lock_would_lose_it() {
        RotationStore withoutLock =
                new RotationStore() {
                    @Override
                    void lock(Tx tx, int table) {}

                    @Override
                    boolean isRead(Tx tx, int table) {
                        boolean read = super.isRead(tx, table);
                        say("a", 1);
                        return read;
                    }
                };
        events().on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        db.run(tx -> withoutLock.turnTo(tx, 1, Duration.ZERO));
        db.run(tx -> {
            if (withoutLock.isRead(tx, 0)) {
                withoutLock.truncate(tx, 0);
            }
        });
        assertThat(rows(0)).isZero();
    }

    @Test
    void what_a_rolled_back_savepoint_announced_does_not_arrive() {
        Events events = events();
        events.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        events.start();
        db.run(tx -> {
            tx.announce(new ThingSaid(ORGANISATION, "a", 1));
            tx.handle().savepoint("before");
            tx.announce(new ThingSaid(ORGANISATION, "a", 2));
            tx.handle().rollbackToSavepoint("before");
            tx.announce(new ThingSaid(ORGANISATION, "a", 3));
        });
        Await.until("both arrived", () -> heard.size() >= 2);
        assertThat(heard).containsExactly(1, 3);
    }

    @Test
    void a_poison_event_parks_its_key_only_and_goes_on_when_it_is_cured() {
        AtomicBoolean poisoned = new AtomicBoolean(true);
        Events events = events();
        events.on(
                "listener",
                ThingSaid.class,
                (id, event) -> {
                    if (event.number() == 1 && poisoned.get()) {
                        throw new IllegalStateException("poison");
                    }
                    heard.add(event.number());
                });
        events.start();
        say("a", 1);
        say("a", 2);
        say("b", 3);
        Await.until("the other key goes on", () -> heard.contains(3));
        Await.until("both of the key are visible", () -> parked(events).size() == 2);
        assertThat(heard).containsExactly(3);
        assertThat(parked(events).getFirst().error().orElseThrow()).contains("poison");
        assertThat(parked(events).getLast().error()).as("it only waits").isEmpty();
        poisoned.set(false);
        assertThat(db.<Integer>tx(tx -> events.retry(tx, "listener", "a"))).isEqualTo(2);
        Await.until("the key goes on in order", () -> heard.size() == 3);
        assertThat(heard).containsExactly(3, 1, 2);
        Await.until("nothing is parked", () -> parked(events).isEmpty());
    }

    @Test
    void who_takes_many_gets_all_that_is_there_and_poison_among_them_parks_its_key_only() {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        Events events = events();
        events.onMany(
                "listener",
                ThingSaid.class,
                told -> {
                    sizes.add(told.size());
                    if (told.stream().anyMatch(one -> one.event().number() == 2)) {
                        throw new IllegalStateException("poison");
                    }
                    told.forEach(one -> heard.add(one.event().number()));
                });
        db.run(tx ->
                tx.announce(
                        List.of(
                                new ThingSaid(ORGANISATION, "a", 1),
                                new ThingSaid(ORGANISATION, "b", 2),
                                new ThingSaid(ORGANISATION, "b", 3),
                                new ThingSaid(ORGANISATION, "a", 4))));
        events.start();
        Await.until("what can be taken is taken", () -> heard.size() == 2);
        assertThat(heard).containsExactly(1, 4);
        assertThat(sizes).startsWith(4, 1, 1);
        Await.until("the key is parked", () -> parked(events).size() == 2);
        say("b", 5);
        say("a", 6);
        Await.until("the other key goes on", () -> heard.contains(6));
        assertThat(heard).containsExactly(1, 4, 6);
    }

    private List<Parked> parked(Events events) {
        return db.read(tx -> events.parked(tx, 0, 10));
    }

    private int leftAfterAnAnnouncementDuring(RotationStore store) {
        events().on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        db.run(tx -> store.turnTo(tx, 1, Duration.ZERO));
        db.run(tx -> {
            store.lock(tx, 0);
            boolean read = store.isRead(tx, 0);
            Thread.ofVirtual().start(() -> say("a", 1));
            Await.until("the announcer waits for the lock", this::somebodyWaits);
            if (read) {
                store.truncate(tx, 0);
            }
        });
        Await.until("it is announced", () -> rows(0) == 1);
        return rows(0);
    }

    private boolean somebodyWaits() {
        return db.<Integer>read(tx ->
                tx.handle()
                        .createQuery(
                                "select count(*) from pg_locks where relation = 'platform.outbox_0'::regclass and not granted")
                        .mapTo(Integer.class)
                        .one())
                > 0;
    }

    private int rows(int table) {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select count(*) from platform.outbox_" + table)
                        .mapTo(Integer.class)
                        .one());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
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
