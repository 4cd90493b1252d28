package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which messages are known is exact within what is promised, and bounded. */
final class SeenIdsTest {

    private static final Instant START = Instant.parse("2026-11-29T00:59:50Z");

    private static SeenIds.Key key(long number) {
        return SeenIds.Key.of(SeenIds.md5(), "src", "m" + number);
    }

    @Test
    void a_retry_ten_seconds_later_at_the_turn_of_an_hour_is_known_however_many_came() {
        int most = 100_000;
        SeenIds seen = new SeenIds(most);
        for (int n = 0; n <= most; n++) {
            seen.add(key(n), START.plusMillis(n / 10));
        }
        Instant later = START.plusSeconds(20);
        seen.add(key(-1), later);
        assertThat(seen.contains(key(most), later)).isTrue();
        assertThat(seen.contains(key(most / 2), later)).isTrue();
        assertThat(seen.contains(key(0), later)).as("the oldest made room").isFalse();
        assertThat(seen.size()).isBetween(most * 3 / 4, most);
    }

    @Test
    void as_many_as_may_be_are_remembered_also_within_one_second() {
        SeenIds seen = new SeenIds(1_000);
        for (int n = 0; n < 10_000; n++) {
            seen.add(key(n), START);
            assertThat(seen.size()).isLessThanOrEqualTo(1_000);
        }
        assertThat(seen.contains(key(9_999), START)).isTrue();
    }

    @Test
    void it_knows_what_a_map_knows_whatever_comes_goes_and_comes_back() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        SeenIds seen = new SeenIds(1_000_000);
        Map<Long, Instant> known = new HashMap<>();
        Instant now = START;
        for (int step = 0; step < 60_000; step++) {
            now = now.plusSeconds(random.nextInt(9));
            long number = random.nextInt(20_000);
            seen.add(key(number), now);
            known.put(number, now);
            if (step % 5_000 == 4_999) {
                seen.forget(now);
                Instant oldest = now.minus(SeenIds.WINDOW);
                known.values().removeIf(received -> received.isBefore(oldest));
                assertThat(seen.size()).isEqualTo(known.size());
                for (long each = 0; each < 20_000; each++) {
                    assertThat(seen.contains(key(each), now)).isEqualTo(known.containsKey(each));
                }
            }
        }
    }

    @Test
    void a_message_is_new_again_a_day_later_to_the_second() {
        SeenIds seen = new SeenIds(10);
        seen.add(key(1), START);
        assertThat(seen.contains(key(1), START.plus(SeenIds.WINDOW))).isTrue();
        assertThat(seen.contains(key(1), START.plus(SeenIds.WINDOW).plus(Duration.ofSeconds(1))))
                .isFalse();
    }
}
