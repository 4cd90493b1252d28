package dev.quintet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class ProcessesTest {

    @Test
    void a_childs_time_counts_while_it_lives_and_after_it_ended() throws Exception {
        Processes self = new Processes(ProcessHandle.current().pid());
        Duration before = self.cpuBelow();
        Process busy =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; read line")
                        .start();
        Processes child = new Processes(busy.pid());
        assertThat(self.below()).contains(busy.pid());
        long giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (self.cpuBelow().minus(before).toMillis() < 50 && System.nanoTime() < giveUp) {
            Thread.onSpinWait();
        }
        assertThat(child.pss()).isPositive();
        busy.getOutputStream().close();
        assertThat(busy.waitFor()).isNotNegative();
        assertThat(self.cpuBelow().minus(before)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
        assertThat(child.isAlive()).isFalse();
        assertThat(self.below()).doesNotContain(busy.pid());
    }

    @Test
    void the_processors_time_of_this_process_grows_with_its_work() {
        Processes self = new Processes(ProcessHandle.current().pid());
        Duration before = self.cpu();
        long giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (self.cpu().equals(before) && System.nanoTime() < giveUp) {
            assertThat(LongStream.range(0, 1000).sum()).isEqualTo(499_500);
        }
        assertThat(self.cpu()).isGreaterThan(before);
        assertThat(self.isAlive()).isTrue();
    }
}
