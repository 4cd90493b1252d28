package dev.quintet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

final class SpreadTest {

    @Test
    void the_median_is_the_middle_one_or_between_the_two_middle_ones() {
        assertThat(Spread.of(9, 1, 2).median()).isEqualTo(2);
        assertThat(Spread.of(9, 1, 2, 4).median()).isEqualTo(3);
        assertThat(Spread.of(2.5, 2.4, 2.61).shown()).isEqualTo("2.50 (2.40-2.61)");
    }

    @Test
    void a_percentile_is_the_nearest_rank() {
        Spread hundred = new Spread(DoubleStream.iterate(1, n -> n + 1).limit(100).toArray());
        assertThat(hundred.percentile(0.99)).isEqualTo(99);
        assertThat(hundred.percentile(0.5)).isEqualTo(50);
        assertThat(hundred.percentile(1)).isEqualTo(100);
        assertThat(hundred.percentile(0.001)).isEqualTo(1);
        assertThat(Spread.of(7).percentile(0.99)).isEqualTo(7);
        for (int count = 1; count <= 1000; count++) {
            Spread some = new Spread(DoubleStream.iterate(1, n -> n + 1).limit(count).toArray());
            assertThat(some.percentile(0.99)).isEqualTo(Math.ceilDiv(count * 99, 100));
        }
    }

    @Test
    void nothing_measured_is_no_figure() {
        assertThatThrownBy(() -> Spread.of()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Spread.of(1).percentile(0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
