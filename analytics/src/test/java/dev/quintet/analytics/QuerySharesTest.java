package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.Refused;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** However much one organisation asks, another one has a place. */
final class QuerySharesTest {

    private static final UUID HUNGRY = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);

    @Test
    void an_organisation_waits_for_itself_and_no_other_waits_for_it() throws Exception {
        QueryShares shares = new QueryShares(3, Duration.ofMillis(200));
        CountDownLatch goOn = new CountDownLatch(1);
        Semaphore running = new Semaphore(0);
        try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int at = 0; at < 2; at++) {
                askers.execute(() -> shares.in(HUNGRY, () -> heavy(running, goOn)));
            }
            Await.until("two run", () -> running.availablePermits() == 2);
            assertThatThrownBy(() -> shares.in(HUNGRY, () -> "third"))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("share of the queries");
            assertThat(shares.in(OTHER, () -> "at once")).isEqualTo("at once");
            Future<String> waiting = askers.submit(() -> shares.in(OTHER, () -> "still"));
            assertThat(waiting.get()).isEqualTo("still");
            goOn.countDown();
        }
        assertThat(shares.in(HUNGRY, () -> "later")).isEqualTo("later");
    }

    private static boolean heavy(Semaphore running, CountDownLatch goOn) {
        running.release();
        try {
            goOn.await();
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
        return true;
    }
}
