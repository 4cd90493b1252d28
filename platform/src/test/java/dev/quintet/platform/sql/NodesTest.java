package dev.quintet.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NodesTest {

    private static final Duration BEAT = Duration.ofMillis(100);
    private static final Duration ALIVE = Duration.ofMillis(400);

    private TestDatabase test;
    private Database db;

    @BeforeEach
    void open() {
        test = TestDatabase.create();
        db = test.database();
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void a_node_is_live_while_its_heart_beats_and_gone_when_it_leaves() {
        UUID self = new UUID(0, 1);
        try (Nodes _ = new Nodes(db, self, Set.of("chat", "auth"), BEAT)) {
            db.run(tx -> tx.handle().execute("select pg_sleep(0.9)"));
            assertThat(Nodes.live(db, ALIVE))
                    .singleElement()
                    .satisfies(node -> {
                        assertThat(node.id()).isEqualTo(self);
                        assertThat(node.systems()).containsExactlyInAnyOrder("auth", "chat");
                    });
        }
        assertThat(Nodes.live(db, ALIVE)).isEmpty();
    }

    @Test
    void a_node_that_starts_again_has_a_higher_epoch_and_the_earlier_one_beats_no_more() {
        UUID self = new UUID(0, 2);
        try (Nodes earlier = new Nodes(db, self, Set.of(), Duration.ofHours(1))) {
            try (Nodes later = new Nodes(db, self, Set.of(), BEAT)) {
                assertThat(later.epoch()).isGreaterThan(earlier.epoch());
            }
            assertThat(Nodes.live(db, ALIVE)).isEmpty();
        }
    }

    @Test
    void an_outage_lasts_from_the_last_heartbeat_of_one_that_served_until_the_next_one_is_ready() {
        UUID self = new UUID(0, 3);
        Instant served;
        try (Nodes first = new Nodes(db, self, Set.of("auth"), Duration.ofHours(1))) {
            assertThat(first.outage().until()).isEqualTo(Instant.MAX);
            first.serve();
            served = served(self);
            assertThat(first.outage().until()).isBeforeOrEqualTo(served);
            // Killed: it never says that it leaves. The next one dies before it is ready.
            sleep(0.1);
            try (Nodes cut = new Nodes(db, self, Set.of("auth"), BEAT)) {
                assertThat(cut.outage()).isEqualTo(new Outage(served, Instant.MAX));
                sleep(0.3);
            }
            try (Nodes slow = new Nodes(db, self, Set.of("auth"), Duration.ofSeconds(1))) {
                sleep(0.1);
                assertThat(slow.outage())
                        .as("who only starts does not serve")
                        .isEqualTo(new Outage(served, Instant.MAX));
                slow.serve();
                Outage ended = slow.outage();
                assertThat(ended.from()).isEqualTo(served);
                assertThat(Duration.between(served, ended.until()))
                        .isGreaterThan(Duration.ofMillis(490));
                slow.serve();
                assertThat(slow.outage()).isEqualTo(ended);
                try (Nodes second =
                        new Nodes(db, new UUID(0, 4), Set.of("auth"), Duration.ofHours(1))) {
                    assertThat(second.outage())
                            .as("another one serves: the last outage is over for all")
                            .isEqualTo(ended);
                    second.serve();
                    assertThat(second.outage()).isEqualTo(ended);
                }
                try (Nodes chat =
                        new Nodes(db, new UUID(0, 5), Set.of("chat"), Duration.ofHours(1))) {
                    assertThat(chat.outage().until())
                            .as("those have none of its systems")
                            .isEqualTo(Instant.MAX);
                }
            }
        }
    }

    private Instant served(UUID id) {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select served_at from platform.nodes where id = ?")
                        .bind(0, id)
                        .mapTo(Instant.class)
                        .one());
    }

    private void sleep(double seconds) {
        db.run(tx -> tx.handle().execute("select pg_sleep(?)", seconds));
    }

    @Test
    void a_lease_is_held_by_one_node_until_that_node_is_gone() {
        Duration length = Duration.ofMillis(300);
        Leases second = new Leases(db, new UUID(0, 4), length);
        Lease late;
        try (Leases first = new Leases(db, new UUID(0, 3), length)) {
            late = first.take("work").orElseThrow();
            db.run(tx -> tx.handle().execute("select pg_sleep(0.7)"));
            assertThat(late.holds()).isTrue();
            assertThat(second.take("work")).isEmpty();
        }
        assertThat(late.holds()).isFalse();
        Lease next = second.take("work").orElseThrow();
        assertThat(next.epoch()).isGreaterThan(late.epoch());
        second.close();
    }

    @Test
    void a_lease_that_another_node_took_is_noticed() {
        try (Leases leases = new Leases(db, new UUID(0, 5), Duration.ofMillis(300))) {
            Lease lease = leases.take("work").orElseThrow();
            db.run(tx ->
                    tx.handle()
                            .execute(
                                    "update platform.leases set epoch = epoch + 1, holder = gen_random_uuid()"));
            Await.until("it is lost", () -> !lease.holds());
        }
    }
}
