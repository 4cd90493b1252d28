package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ClientWaitTest {

    private static final Duration HALF = Duration.ofMillis(500);

    private long now = 1_000_000_000_000L;

    @Test
    void who_sends_a_byte_now_and_then_is_as_slow_as_who_sends_none() {
        ClientWait dripping = new ClientWait(() -> now);
        for (int n = 0; n < 20; n++) {
            waits(dripping, HALF, 1);
        }
        dripping.begin();
        assertThat(waited(dripping)).isBetween(Duration.ofMillis(9_990), Duration.ofSeconds(10));
        dripping.end();
        assertThat(dripping.since()).as("it is the server's turn").isZero();
    }

    @Test
    void who_sends_at_a_usual_rate_waits_for_no_longer_than_for_the_next_piece() {
        ClientWait phone = new ClientWait(() -> now);
        for (int n = 0; n < 20; n++) {
            waits(phone, HALF, ClientWait.USUAL.bytes());
        }
        phone.begin();
        assertThat(waited(phone)).isZero();
        now += HALF.toNanos();
        assertThat(waited(phone)).isEqualTo(HALF);
    }

    private void waits(ClientWait client, Duration time, long bytes) {
        client.begin();
        now += time.toNanos();
        client.end();
        client.took(bytes);
    }

    /** To a nanosecond: zero stands for nobody. */
    private Duration waited(ClientWait client) {
        return Duration.ofNanos(now + 1 - client.since() & ~1L);
    }
}
