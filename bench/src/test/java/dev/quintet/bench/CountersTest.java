package dev.quintet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class CountersTest {

    private final Counters counters =
            new Counters(
                    """
                    # TYPE jvm_memory_used_bytes gauge
                    jvm_memory_used_bytes{area="heap",id="G1 Eden Space"} 4194304.0
                    jvm_memory_used_bytes{area="heap",id="G1 Old Gen"} 1.5E7
                    jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 5.0E7
                    """);

    @Test
    void samples_that_begin_so_are_added_up() {
        assertThat(counters.sum("jvm_memory_used_bytes{area=\"heap\"")).isEqualTo(19_194_304);
    }

    @Test
    void a_figure_that_the_server_does_not_have_is_refused_and_not_zero() {
        assertThatThrownBy(() -> counters.sum("jvm_memory_used_bytes{area=\"head\""))
                .hasMessageContaining("no figure");
    }
}
