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
    void an_outage_lasts_from_the_last_heartbeat_of_any_node_until_the_next_one_joins() {
        UUID left = new UUID(0, 3);
        UUID killed = new UUID(0, 4);
        try (Nodes first = new Nodes(db, left, Set.of(), BEAT)) {
            assertThat(first.outage().after(Instant.EPOCH)).isLessThan(BEAT);
        }
        db.run(tx -> tx.handle().execute("select pg_sleep(0.5)"));
        Instant last;
        try (Nodes second = new Nodes(db, killed, Set.of(), Duration.ofHours(1))) {
            Outage outage = second.outage();
            assertThat(outage.after(Instant.EPOCH)).isGreaterThan(Duration.ofMillis(500));
            assertThat(outage.after(outage.until().minusMillis(10)))
                    .isEqualTo(Duration.ofMillis(10));
            assertThat(outage.after(outage.until())).isZero();
            last = Nodes.live(db, ALIVE).getFirst().seenAt();
            // Killed: it never says that it leaves.
            db.run(tx -> tx.handle().execute("select pg_sleep(0.5)"));
            try (Nodes third = new Nodes(db, killed, Set.of(), BEAT)) {
                assertThat(third.outage().from()).isEqualTo(last);
                assertThat(third.outage().after(last)).isGreaterThan(Duration.ofMillis(500));
            }
        }
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
