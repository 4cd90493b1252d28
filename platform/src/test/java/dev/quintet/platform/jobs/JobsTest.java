package dev.quintet.platform.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class JobsTest {

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

    @Test
    void a_schedule_that_fails_comes_again() {
        Jobs jobs = jobs();
        jobs.every(
                "sweep",
                Duration.ofMillis(30),
                () -> {
                    done.add("tried");
                    throw new IllegalStateException("no broom");
                });
        jobs.start();
        Await.until("it ran three times", () -> done.size() >= 3);
    }

    private Jobs jobs() {
        Leases leases = new Leases(db, UUID.randomUUID(), Duration.ofMillis(300));
        open.add(leases);
        Jobs jobs = new Jobs(db, leases, Duration.ofMillis(20));
        open.add(jobs);
        return jobs;
    }
}
