package dev.quintet.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.ForwardingDisk;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log does when its disk is broken or slow. */
final class EventLogFaultTest {

    private static final LocalEventLog.Bounds BOUNDS =
            new LocalEventLog.Bounds(
                    DataSize.mebibytes(1), DataSize.kibibytes(64), DataSize.kibibytes(8));

    @TempDir private Path folder;
    private final LocalDisk real = new LocalDisk(1);
    private final Faulty disk = new Faulty(real);

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void after_a_failed_force_nothing_is_acknowledged_there_and_the_next_segment_takes_over() {
        try (EventLog log = open()) {
            log.append(EventLogContract.record("before"));
            disk.failNextForce.set(true);
            assertThatThrownBy(() -> log.append(EventLogContract.record("refused")))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> {
                                assertThat(refused.refusal())
                                        .isEqualTo(LogRefusal.EVENT_LOG_FAILED);
                                assertThat(refused.headers()).containsKey("Retry-After");
                            });
            int forced = disk.forcesOf(Segment.path(folder, 1));
            Position after = log.append(EventLogContract.record("after"));
            assertThat(Place.of(after).segment()).isEqualTo(2);
            assertThat(disk.forcesOf(Segment.path(folder, 1))).isEqualTo(forced);
            assertThat(EventLogContract.bodies(log, log.start()))
                    .containsExactly("before", "after");
        }
        try (EventLog log = open()) {
            assertThat(EventLogContract.bodies(log, log.start()))
                    .containsExactly("before", "after");
        }
    }

    @Test
    void while_the_disk_stays_broken_each_append_is_refused_and_then_it_goes_on() {
        try (EventLog log = open()) {
            log.append(EventLogContract.record("before"));
            disk.broken.set(true);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> log.append(EventLogContract.record("refused")))
                        .isInstanceOf(Refused.class);
            }
            disk.broken.set(false);
            log.append(EventLogContract.record("after"));
            assertThat(EventLogContract.bodies(log, log.start()))
                    .containsExactly("before", "after");
            assertThat(Segment.numbers(real, folder)).containsExactly(1L, 2L);
        }
    }

    @Test
    void while_the_disk_is_slow_records_gather_up_to_the_bound_and_share_one_force()
            throws Exception {
        try (EventLog log = open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            disk.gate = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(1);
            AtomicInteger acknowledged = new AtomicInteger();
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                String body = i + "x".repeat(2_000);
                all.add(
                        CompletableFuture.runAsync(
                                () -> append(log, body, acknowledged, refused), threads));
            }
            assertThat(refused.await(10, TimeUnit.SECONDS)).isTrue();
            int before = disk.forcesOf(Segment.path(folder, 1));
            disk.gate.countDown();
            all.forEach(CompletableFuture::join);
            assertThat(acknowledged.get()).isBetween(25, 59);
            assertThat(disk.forcesOf(Segment.path(folder, 1)) - before).isLessThan(10);
            assertThat(EventLogContract.bodies(log, log.start())).hasSize(acknowledged.get());
        }
    }

    private static void append(
            EventLog log, String body, AtomicInteger acknowledged, CountDownLatch refused) {
        try {
            log.append(EventLogContract.record(body));
            acknowledged.incrementAndGet();
        } catch (Refused full) {
            assertThat(full.refusal()).isEqualTo(LogRefusal.EVENT_LOG_BUSY);
            refused.countDown();
        }
    }

    private EventLog open() {
        return new LocalEventLog(disk, folder, BOUNDS, new DiskGuard(disk, folder, 1, 1));
    }

    /** A disk whose forces fail, wait, and are counted. */
    private static final class Faulty extends ForwardingDisk {

        final AtomicBoolean failNextForce = new AtomicBoolean();
        final AtomicBoolean broken = new AtomicBoolean();
        volatile CountDownLatch gate = new CountDownLatch(0);
        private final List<Path> forces = new java.util.concurrent.CopyOnWriteArrayList<>();

        Faulty(Disk inner) {
            super(inner);
        }

        int forcesOf(Path path) {
            return (int) forces.stream().filter(path::equals).count();
        }

        @Override
        protected OpenFile wrap(OpenFile file) {
            return new ForwardingFile(file) {
                @Override
                public void force() {
                    forces.add(path());
                    awaitGate();
                    if (broken.get() || failNextForce.getAndSet(false)) {
                        throw new DiskFailed("force", path(), new IOException("planted"));
                    }
                    super.force();
                }
            };
        }

        private void awaitGate() {
            try {
                assertThat(gate.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                throw new IllegalStateException(stopped);
            }
        }
    }
}
