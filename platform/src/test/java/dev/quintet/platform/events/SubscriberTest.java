package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.ChildJvm;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.events.EventsTest.ThingSaid;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Subscribers that die, that nobody runs any more, and that read what a newer release wrote. */
final class SubscriberTest {

    private static final UUID ORGANISATION = new UUID(1, 2);

    private final Outbox outbox =
            new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Integer> heard = new CopyOnWriteArrayList<>();
    private final List<String> dropped = new CopyOnWriteArrayList<>();
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

    /** The mutant that saves its position before it handles a batch loses the fifth. */
    @Test
    void a_subscriber_that_is_killed_in_its_handler_resumes_without_loss() throws Exception {
        db.run(tx ->
                tx.handle()
                        .execute(
                                "create table public.heard (place bigint generated always as identity, id uuid primary key, number int)"));
        Events reader = events(Duration.ofDays(7));
        reader.on("listener", ThingSaid.class, (id, event) -> SubscriberHolder.hear(db, id, event));
        IntStream.rangeClosed(1, 10).forEach(this::say);
        killInHandler();
        reader.start();
        Await.until("all arrived", () -> numbersHeard().size() == 10);
        assertThat(numbersHeard()).isEqualTo(IntStream.rangeClosed(1, 10).boxed().toList());
    }

    /** The mutant that does not look at leases drops the idle one too. */
    @Test
    void a_subscriber_that_no_node_runs_is_dropped_and_told_and_an_idle_one_stays() {
        events(Duration.ofHours(1)).on("forgotten", ThingSaid.class, (id, event) -> {});
        Events reader = events(Duration.ofHours(1));
        reader.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        reader.start();
        say(1);
        Await.until("it runs", () -> heard.contains(1));
        Await.until("it is idle: only its lease says that it runs", this::isIdle);
        db.run(tx ->
                tx.handle()
                        .execute(
                                "update platform.subscribers set seen_at = seen_at - interval '2 hours'"));
        Await.until("the other is dropped", () -> !dropped.isEmpty());
        say(2);
        Await.until("the idle one goes on", () -> heard.contains(2));
        assertThat(dropped).containsExactly("forgotten");
        assertThat(
                        db.<List<String>>read(tx ->
                                tx.handle()
                                        .createQuery("select name from platform.subscribers")
                                        .mapTo(String.class)
                                        .list()))
                .containsExactly("listener");
    }

    /** A sequence that gave no number yet and one that gave its first have the same last value. */
    @Test
    void the_first_event_of_a_database_arrives_though_nothing_follows_it() {
        Events reader = events(Duration.ofDays(7));
        reader.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        reader.start();
        Await.until("a tick has seen that nothing was announced", this::isTicked);
        say(1);
        Await.until("it arrived", () -> heard.contains(1));
    }

    /**
     * The announcer has the newest transaction id: no snapshot lists it among those in progress.
     */
    @Test
    void a_tick_that_may_have_missed_a_commit_asks_for_another() {
        OutboxStore store = new OutboxStore();
        db.run(tx -> {
            tx.announce(new ThingSaid(ORGANISATION, "a", 1));
            db.run(store::tick);
            assertThat(db.read(store::state).quiet()).isFalse();
        });
        Await.until(
                "it is quiet when all is seen",
                () -> {
                    db.run(store::tick);
                    return db.read(store::state).quiet();
                });
    }

    private boolean isTicked() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select settled from platform.outbox_state")
                        .mapTo(Boolean.class)
                        .one());
    }

    @Test
    void fields_that_a_newer_release_added_are_ignored() {
        Events reader = events(Duration.ofDays(7));
        reader.on("listener", ThingSaid.class, (id, event) -> heard.add(event.number()));
        reader.start();
        db.run(tx ->
                tx.handle()
                        .execute(
                                """
                                insert into platform.outbox_0 (event_id, organisation, name, version, key, body)
                                values (gen_random_uuid(), ?, 'test.things_said', 2, 'a', ?)
                                """,
                                ORGANISATION,
                                "{\"organisation\":\"%s\",\"room\":\"a\",\"mood\":{\"is\":[1]},\"number\":7}"
                                        .formatted(ORGANISATION)));
        Await.until("it arrived", () -> heard.contains(7));
        assertThat(reader.parkedCount()).isZero();
    }

    @Test
    void a_handler_that_does_not_end_keeps_nobody_from_closing() {
        AtomicBoolean reached = new AtomicBoolean();
        CompletableFuture<Boolean> goOn = new CompletableFuture<>();
        Events reader = events(Duration.ofDays(7));
        reader.on(
                "hangs",
                ThingSaid.class,
                (id, said) -> {
                    reached.set(true);
                    goOn.join();
                });
        reader.start();
        say(1);
        Await.until("it hangs", reached::get);
        reader.close();
        assertThat(goOn.complete(true)).as("it hung until now").isTrue();
    }

    private void killInHandler() throws IOException, InterruptedException {
        DatabaseUrl url = test.url();
        Process node =
                ChildJvm.start(SubscriberHolder.class, url.jdbc(), url.user(), url.password());
        try {
            ChildJvm.said(node, "in the handler");
        } finally {
            ChildJvm.kill(node);
        }
    }

    private boolean isIdle() {
        return db.read(tx ->
                tx.handle()
                        .createQuery(
                                """
                                select settled
                                   and ticked_id = (select last_value + is_called::int from platform.outbox_id)
                                   and tick = (select max(id) from platform.ticks)
                                   and from_snapshot::text = to_snapshot::text
                                from platform.outbox_state, platform.subscribers
                                where name = 'listener'
                                """)
                        .mapTo(Boolean.class)
                        .one());
    }

    private List<Integer> numbersHeard() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select number from public.heard order by place")
                        .mapTo(Integer.class)
                        .list());
    }

    private Events events(Duration keep) {
        Leases leases = new Leases(db, UUID.randomUUID(), Duration.ofMillis(300));
        open.add(leases);
        Events.Settings settings =
                new Events.Settings(
                        Duration.ofMillis(50),
                        Duration.ofMillis(50),
                        Duration.ofMillis(500),
                        keep,
                        10_000);
        Events events = new Events(db, outbox, leases, new LocalBus(), settings, dropped::add);
        open.add(events);
        return events;
    }

    private void say(int number) {
        db.run(tx -> tx.announce(new ThingSaid(ORGANISATION, "a", number)));
    }
}
