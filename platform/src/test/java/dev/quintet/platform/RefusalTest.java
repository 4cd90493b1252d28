package dev.quintet.platform;

import static dev.quintet.platform.PlatformRefusal.DEADLINE_PASSED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RefusalTest {

    @Test
    void durations_are_told_in_seconds() {
        assertThat(DEADLINE_PASSED.because(Duration.ofSeconds(20)).detail())
                .contains("its limit of 20 s;");
        assertThat(DEADLINE_PASSED.because(Duration.ofMillis(1500)).detail())
                .contains("its limit of 1500 ms;");
    }
}
