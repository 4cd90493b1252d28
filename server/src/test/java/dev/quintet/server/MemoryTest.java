package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.StartRefused;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One budget, and the parts that have to fit into it. */
final class MemoryTest {

    private static final Set<Systems> ALL = Set.of(Systems.values());

    /** As the launcher divides a budget. */
    private static Memory of(long mebibytes) {
        return new Memory(
                Optional.of(DataSize.mebibytes(mebibytes)),
                DataSize.mebibytes(Math.min(4096, mebibytes / 3)),
                DataSize.mebibytes(Math.min(1024, mebibytes / 12)));
    }

    private static QuintetConfig config(String... settings) {
        Map<String, String> environment =
                settings.length == 0 ? Map.of() : Map.of(settings[0], settings[1]);
        return QuintetConfig.load(Optional.empty(), environment, Map.of());
    }

    @Test
    void two_gibibytes_are_enough_for_all_five_with_their_own_postgresql() {
        assertThat(of(2048).split(config(), ALL))
                .isEqualTo(
                        "heap 682 + sockets 170 + the JVM itself 160 + PostgreSQL 256 + 2 queries 512 + loader 256 = 2036 MiB of 2048 MiB");
    }

    @Test
    void a_budget_that_is_too_small_is_refused_with_what_could_be_less() {
        assertThatThrownBy(() -> of(1024).split(config(), ALL))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("the memory budget of 1024 MiB is too small")
                .hasMessageContaining("2 queries 384")
                .hasMessageContaining("--only");
        assertThat(of(1024).split(config(), Set.of(Systems.AUTH, Systems.CHAT)))
                .contains("MiB of 1024 MiB");
    }

    @Test
    void what_a_setting_asks_for_counts() {
        QuintetConfig hungry = config("QUINTET_ANALYTICS_QUERY_MEMORY", "600m");
        assertThatThrownBy(() -> of(2048).split(hungry, ALL))
                .hasMessageContaining("2 queries 1456");
    }

    @Test
    void a_large_machine_gives_its_engines_more_within_bounds() {
        assertThat(of(16_384).engine()).isEqualTo(DataSize.mebibytes(1024));
        assertThat(of(16_384).postgresBuffers()).isEqualTo(DataSize.mebibytes(512));
        assertThat(of(65_536).split(config(), ALL)).contains("of 65536 MiB");
    }
}
