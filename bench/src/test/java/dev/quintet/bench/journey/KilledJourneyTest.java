package dev.quintet.bench.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.SecretWatch;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real launcher, killed three ways and drained once under five clients, one seed each. */
final class KilledJourneyTest {

    // Ten times what is promised: a slow machine is no fault, a drain that hangs is.
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(5);

    // A fifth of the bench's: each system has work under way, and the suite goes on.
    private static final int BEFORE = KilledJourney.BEFORE / 5;

    @TempDir Path folder;

    @Test
    void nothing_acknowledged_is_lost_or_doubled_by_any_kill_or_by_a_drain() throws Exception {
        long first = Long.getLong("quintet.journey.seed", new SecureRandom().nextInt(1_000_000));
        System.out.println("repeat with -Dquintet.journey.seed=" + first);
        List<Blow> blows = List.of(Blow.values());
        List<Long> seeds = Stream.iterate(first, next -> next + 1).limit(blows.size()).toList();
        ServerWatch watch = new ServerWatch(folder);
        KilledJourney.Outcome outcome =
                KilledJourney.run(folder.resolve("data"), blows, seeds, BEFORE, watch);
        outcome.struck().forEach(System.out::println);
        System.out.println("drained in " + outcome.drained());
        assertThat(outcome.wrong()).isEmpty();
        assertThat(outcome.struck()).extracting(KilledJourney.Struck::blow).isEqualTo(blows);
        assertThat(outcome.drained()).isBetween(Duration.ofNanos(1), LONGEST_DRAIN);
        watch.requireNoPins(blows.size() + 1);
        SecretWatch.search(folder);
    }
}
