package dev.quintet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes restarted in turn behind nginx or HAProxy; {@code ./quintet bench rolling} has both.
 */
final class RollingRestartTest {

    @TempDir Path folder;

    @Test
    void a_restart_of_each_node_in_turn_costs_no_request_and_no_message() {
        List<Balancer.Kind> installed =
                Arrays.stream(Balancer.Kind.values())
                        .filter(kind -> kind.installed().isPresent())
                        .toList();
        if (installed.isEmpty()) {
            System.out.println("SKIPPED: no nginx and no HAProxy: restarts behind a balancer");
        }
        assumeTrue(!installed.isEmpty(), "no balancer is installed");
        long seed = Long.getLong("quintet.rolling.seed", new SecureRandom().nextInt(1_000_000));
        System.out.println("repeat with -Dquintet.rolling.seed=" + seed);
        Balancer.Kind kind = installed.get(new Random(seed).nextInt(installed.size()));
        try (RollingRestart rolling = RollingRestart.start(kind, folder)) {
            RollingRestart.Report report = rolling.run(2_000, RollingRestart.Turns.ONE);
            assertThat(report.failures()).as("behind %s", kind).isEmpty();
            assertThat(report.lost()).as("behind %s", kind).isEmpty();
            assertThat(report.exits()).containsExactly(0, 0);
            assertThat(report.requests()).isGreaterThanOrEqualTo(2_000);
            assertThat(report.signIns()).isPositive();
            assertThat(report.streams()).as("the stream resumed").isGreaterThan(1);
            assertThat(report.uploaded().files()).isPositive();
        }
    }
}
