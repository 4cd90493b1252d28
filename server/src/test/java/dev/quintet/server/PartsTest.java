package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One deadline for all that closes. */
final class PartsTest {

    @Test
    @Timeout(10)
    void a_part_that_hangs_is_left_behind_and_what_all_stand_on_is_closed_last_and_in_full() {
        CountDownLatch never = new CountDownLatch(1);
        List<String> closed = new CopyOnWriteArrayList<>();
        Parts parts = new Parts();
        parts.open(() -> {
            Thread.sleep(Duration.ofMillis(1_200));
            closed.add("ground");
        });
        parts.open(() -> {
            Thread.sleep(Duration.ofMillis(50));
            closed.add("late, with a second of its own");
        });
        parts.open(never::await);
        parts.open(() -> closed.add("quick"));
        long start = System.nanoTime();
        parts.close(Deadline.in(Duration.ofMillis(1)));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(closed).containsExactly("quick", "late, with a second of its own", "ground");
        never.countDown();
    }
}
