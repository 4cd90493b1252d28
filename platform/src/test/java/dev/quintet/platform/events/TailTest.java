package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.TestDatabase;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one node announces, every node's tail hears: once, and whatever commits late. */
final class TailTest {

    private static final UUID ORGANISATION = new UUID(0x7000L, 0x8000_0000_0000_0001L);

    @Wire("test.tailed/1")
    private record Tailed(UUID organisation, String key, int number) implements Event {}

    @Wire("test.other/1")
    private record Other(UUID organisation, String key) implements Event {}

    private final Outbox outbox = new Outbox(new Ids(InstantSource.system(), new SecureRandom()));
    private final TestDatabase test = TestDatabase.create(outbox);
    private final Database db = test.database();
    private final List<Integer> heard = new CopyOnWriteArrayList<>();
    private final Tail<Tailed> tail =
            new Tail<>(
                    db,
                    outbox,
                    Tailed.class,
                    Duration.ofMillis(20),
                    events -> events.forEach(event -> heard.add(event.number())));

    @AfterEach
    void close() {
        tail.close();
        test.close();
    }

    @Test
    void every_event_of_its_type_is_heard_once_and_in_order() {
        tail.start();
        settled();
        for (int n = 0; n < 1200; n += 3) {
            int first = n;
            db.run(tx ->
                    tx.announce(
                            List.of(
                                    new Tailed(ORGANISATION, "a", first),
                                    new Other(ORGANISATION, "a"),
                                    new Tailed(ORGANISATION, "a", first + 1),
                                    new Tailed(ORGANISATION, "b", first + 2))));
        }
        Await.until("all are heard", () -> heard.size() >= 1200);
        assertThat(heard).isEqualTo(IntStream.range(0, 1200).boxed().toList());
    }

    @Test
    void what_commits_late_is_heard_behind_what_began_after_it() throws Exception {
        tail.start();
        settled();
        CountDownLatch announced = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        CompletableFuture<Void> late =
                CompletableFuture.runAsync(
                        () ->
                                db.run(tx -> {
                                    tx.announce(List.of(new Tailed(ORGANISATION, "a", 1)));
                                    announced.countDown();
                                    await(commit);
                                }),
                        task -> Thread.ofVirtual().start(task));
        await(announced);
        db.run(tx -> tx.announce(List.of(new Tailed(ORGANISATION, "b", 2))));
        Await.until("the later one is heard", () -> heard.contains(2));
        commit.countDown();
        late.get(10, TimeUnit.SECONDS);
        Await.until("the late one is heard", () -> heard.contains(1));
        assertThat(heard).containsExactly(2, 1);
    }

    /** Announces markers until one is heard and none is on its way. */
    private void settled() {
        int marker = -1;
        do {
            marker--;
            int number = marker;
            db.run(tx -> tx.announce(List.of(new Tailed(ORGANISATION, "a", number))));
            LockSupport.parkNanos(30_000_000);
        } while (!heard.contains(marker));
        heard.clear();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }
}
