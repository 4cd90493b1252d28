package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.LogLines;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.events.EventsTest.ThingSaid;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A handler that takes nothing any more, where three events of a subscriber may be parked. */
final class ParkedBoundTest {

    private static final String LISTENER = "listener";
    private static final Events.Settings THREE =
            new Events.Settings(
                    Duration.ofMillis(50),
                    Duration.ofMillis(50),
                    Duration.ofMinutes(5),
                    Duration.ofDays(7),
                    3);

    private final Outbox outbox =
            new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
    private final List<Integer> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger tries = new AtomicInteger();
    private volatile Set<Integer> bad = Set.of(1, 4);
    private volatile boolean passing;
    private TestDatabase test;
    private Database db;
    private LogLines log;

    @BeforeEach
    void open() {
        test = TestDatabase.create(outbox);
        db = test.database();
        log = LogLines.of(Subscriber.class.getName());
    }

    @AfterEach
    void close() {
        log.close();
        test.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_subscriber_with_as_much_parked_as_may_be_stands_still_and_loses_nothing(boolean many) {
        try (Leases leases = leases();
                Events events = events(leases, many)) {
            events.start();
            sayAll();
            Await.until("it says that it waits", () -> !said(Level.ERROR).isEmpty());
            assertThat(heard).containsExactly(2);
            assertThat(said(Level.ERROR).getFirst())
                    .startsWith("subscriber listener waits: 3 of its events are parked")
                    .contains("/api/v1/parked-events");
            assertThat(parkedKeys()).containsExactly("a", "a", "c");

            bad = Set.of();
            retry(events, "a");
            Await.until("the rest of the key is taken", () -> heard.contains(6));
            retry(events, "c");
            Await.until("all is taken", () -> heard.size() == 7);
            assertThat(heard).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7);
            assertThat(heard).containsSubsequence(1, 3, 6);
            assertThat(said(Level.ERROR)).as("said once").hasSize(1);
            assertThat(said(Level.INFO))
                    .singleElement()
                    .asString()
                    .startsWith("subscriber listener goes on: 2 of its events are still parked");
        }
    }

    @Test
    void what_passes_by_itself_is_no_attempt_and_is_taken_whenever_it_has_passed() {
        bad = Set.of(1);
        passing = true;
        try (Leases leases = leases();
                Events events = events(leases, false)) {
            events.start();
            db.run(tx -> tx.announce(List.of(said("a", 1), said("a", 2), said("b", 3))));
            Await.until("another key is taken", () -> heard.contains(3));
            for (int round = 1; round <= 15; round++) {
                int before = tries.get();
                retryNow();
                Await.until("it is tried again", () -> tries.get() > before);
            }
            bad = Set.of();
            retryNow();
            Await.until("both are taken", () -> heard.size() == 3);
            assertThat(heard).containsExactly(3, 1, 2);
            assertThat(log.at(Level.ERROR)).isEmpty();
        }
    }

    private void retryNow() {
        db.run(tx ->
                tx.handle().execute("update platform.parked set retry_at = clock_timestamp()"));
    }

    @Test
    void what_is_skipped_makes_room() {
        bad = Set.of(1);
        try (Leases leases = leases();
                Events events = events(leases, false)) {
            events.start();
            db.run(tx ->
                    tx.announce(
                            List.of(
                                    said("a", 1),
                                    said("a", 2),
                                    said("a", 3),
                                    said("a", 4),
                                    said("b", 5))));
            Await.until("it waits", () -> said(Level.ERROR).size() == 1);
            assertThat(heard).isEmpty();
            UUID head = db.read(tx -> events.parked(tx, 0, 1)).getFirst().eventId();
            Optional<String> key = db.tx(tx -> events.skip(tx, LISTENER, head));
            assertThat(key).contains("a");
            Await.until("all others are taken", () -> heard.size() == 4);
            assertThat(heard).containsExactlyInAnyOrder(2, 3, 4, 5).containsSubsequence(2, 3, 4);
        }
    }

    @Test
    void the_node_that_takes_over_counts_what_is_parked_already() {
        try (Leases leases = leases();
                Events first = events(leases, false)) {
            first.start();
            sayAll();
            Await.until("it waits", () -> said(Level.ERROR).size() == 1);
        }
        try (Leases leases = leases();
                Events second = events(leases, false)) {
            second.start();
            Await.until("the other node waits too", () -> said(Level.ERROR).size() == 2);
            assertThat(heard).containsExactly(2);
            assertThat(parkedKeys()).containsExactly("a", "a", "c");
        }
    }

    /** In one batch: the bound is reached in its middle. */
    private void sayAll() {
        db.run(tx ->
                tx.announce(
                        List.of(
                                said("a", 1),
                                said("b", 2),
                                said("a", 3),
                                said("c", 4),
                                said("d", 5),
                                said("a", 6),
                                said("e", 7))));
    }

    private static ThingSaid said(String room, int number) {
        return new ThingSaid(new UUID(1, 2), room, number);
    }

    private List<String> said(Level level) {
        return log.at(level).stream().filter(line -> !line.contains("gave up")).toList();
    }

    private List<String> parkedKeys() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select key from platform.parked order by position")
                        .mapTo(String.class)
                        .list());
    }

    private void retry(Events events, String key) {
        db.run(tx -> events.retry(tx, LISTENER, key));
    }

    private Leases leases() {
        return new Leases(db, UUID.randomUUID(), Duration.ofMillis(300));
    }

    private Events events(Leases leases, boolean many) {
        Events events = new Events(db, outbox, leases, new LocalBus(), THREE, name -> {});
        if (many) {
            events.onMany(
                    LISTENER,
                    ThingSaid.class,
                    told -> {
                        told.forEach(one -> refuseBad(one.event()));
                        told.forEach(one -> heard.add(one.event().number()));
                    });
        } else {
            events.on(
                    LISTENER,
                    ThingSaid.class,
                    (id, event) -> {
                        refuseBad(event);
                        heard.add(event.number());
                    });
        }
        return events;
    }

    private void refuseBad(ThingSaid said) {
        if (bad.contains(said.number())) {
            tries.incrementAndGet();
            if (passing) {
                throw PlatformRefusal.BUSY.because("a disk");
            }
            throw new IllegalStateException("planned");
        }
    }
}
