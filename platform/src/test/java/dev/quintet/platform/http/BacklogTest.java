package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BacklogTest {

    @Test
    void bodies_that_wait_share_one_budget_and_the_oldest_pays() {
        Backlog bodies = new Backlog(100);
        Waiter first = new Waiter(1);
        Waiter second = new Waiter(2);
        Waiter busy = new Waiter(0);
        Backlog.Share one = bodies.share(first);
        Backlog.Share two = bodies.share(second);
        Backlog.Share three = bodies.share(busy);
        assertThat(one.hold(60, Duration.ZERO)).isTrue();
        assertThat(two.hold(30, Duration.ZERO)).isTrue();
        assertThat(three.hold(30, Duration.ZERO)).isTrue();
        assertThat(first.cut).isTrue();
        assertThat(second.cut).isFalse();
        assertThat(bodies.held()).isEqualTo(60);
        // What the one that was cut gives back was given back already.
        one.release(60);
        one.end();
        assertThat(bodies.held()).isEqualTo(60);
        assertThat(three.hold(60, Duration.ZERO)).isTrue();
        assertThat(second.cut).isTrue();
        // Nobody is slow any more: the new one is refused, and what it held goes with it.
        assertThat(three.hold(20, Duration.ZERO)).isFalse();
        three.end();
        assertThat(bodies.held()).isZero();
    }

    private static final class Waiter implements Backlog.Client {

        private final long since;
        private boolean cut;

        /** Waits the longer the smaller the order is; 0 does not wait. */
        Waiter(int order) {
            this.since = order == 0 ? 0 : System.nanoTime() - 1_000_000_000L / order;
        }

        @Override
        public long waitingSince() {
            return since;
        }

        @Override
        public void cut() {
            cut = true;
        }
    }
}
