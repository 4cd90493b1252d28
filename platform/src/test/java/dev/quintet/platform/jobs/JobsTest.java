package dev.quintet.platform.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.Ids;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class JobsTest {

    private static final UUID ORGANISATION = new UUID(1, 2);
    private static final Jobs.Settings QUICK =
            new Jobs.Settings(Duration.ofMillis(20), 4, 3, Duration.ofMillis(10));

    private final Ids ids = new Ids(InstantSource.system(), RandomGenerator.getDefault());
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<String> done = new CopyOnWriteArrayList<>();
    private TestDatabase test;
    private Database db;

    @BeforeEach
    void open() {
        test = TestDatabase.create();
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
    void an_enqueued_job_is_done_once_and_one_of_a_failed_transaction_never() {
        Jobs jobs = jobs();
        jobs.on("print", job -> done.add(job.payload()));
        jobs.start();
        try {
            db.run(tx -> {
                enqueue(jobs, tx, "rolled back");
                throw new IllegalStateException("planned");
            });
        } catch (IllegalStateException planned) {
            assertThat(planned).hasMessage("planned");
        }
        db.run(tx -> enqueue(jobs, tx, "hello"));
        Await.until("the job is gone", () -> !done.isEmpty() && left() == 0);
        assertThat(done).containsExactly("hello");
    }

    @Test
    void a_job_that_fails_is_tried_again_then_dead_and_visible_until_somebody_retries_it() {
        AtomicInteger tries = new AtomicInteger();
        Jobs jobs = jobs();
        jobs.on(
                "print",
                job -> {
                    if (tries.incrementAndGet() <= 3) {
                        throw new IllegalStateException("no paper");
                    }
                    done.add(job.payload());
                });
        jobs.start();
        db.run(tx -> enqueue(jobs, tx, "letter"));
        Await.until("it is dead", () -> !jobs.dead().isEmpty());
        assertThat(tries).hasValue(3);
        assertThat(jobs.dead().getFirst().error()).contains("no paper");
        assertThat(jobs.retry(jobs.dead().getFirst().id())).isTrue();
        Await.until("it is done", () -> done.contains("letter"));
    }

    @Test
    void a_long_job_is_not_taken_by_another_node_and_one_of_a_vanished_node_is() {
        CountDownLatch end = new CountDownLatch(1);
        Jobs first = jobs();
        first.on(
                "print",
                job -> {
                    done.add("first");
                    await(end);
                });
        Jobs second = jobs();
        second.on("print", job -> done.add("second"));
        first.start();
        db.run(tx -> enqueue(first, tx, "long"));
        Await.until("it runs", () -> done.contains("first"));
        second.start();
        // Three lease lengths by the database's clock.
        db.run(tx -> tx.handle().execute("select pg_sleep(0.9)"));
        assertThat(done).containsExactly("first");
        end.countDown();
        Await.until("it is done", () -> left() == 0);
        assertThat(done).containsExactly("first");
        db.run(tx -> {
            enqueue(second, tx, "of a vanished node");
            tx.handle()
                    .execute(
                            "update platform.jobs set epoch = 7, leased_until = clock_timestamp() + interval '100 ms'");
        });
        Await.until("it is taken over", () -> left() == 0);
    }

    @Test
    void a_schedule_runs_on_one_node_and_again_after_its_interval() {
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int node = 0; node < 2; node++) {
            Jobs jobs = jobs();
            jobs.every(
                    "sweep",
                    Duration.ofMillis(30),
                    () -> {
                        most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                        done.add("swept");
                        atOnce.decrementAndGet();
                    });
            jobs.start();
        }
        Await.until("it ran five times", () -> done.size() >= 5);
        assertThat(most).hasValue(1);
    }

    private Jobs jobs() {
        Leases leases = new Leases(db, UUID.randomUUID(), Duration.ofMillis(300));
        open.add(leases);
        Jobs jobs = new Jobs(db, ids, leases, QUICK);
        open.add(jobs);
        return jobs;
    }

    private static void enqueue(Jobs jobs, dev.quintet.platform.sql.Tx tx, String payload) {
        jobs.enqueue(tx, ORGANISATION, "print", payload, Instant.EPOCH);
    }

    private int left() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select count(*) from platform.jobs")
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
}
