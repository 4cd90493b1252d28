package dev.quintet.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Family.Verdict;
import dev.quintet.platform.sql.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FamilyTest {

    private static final Instant NOW = Instant.parse("2030-01-01T12:00:00Z");
    private static final Duration GRACE = Duration.ofSeconds(10);

    @Test
    void the_spent_token_gets_the_same_successor_until_the_grace_window_ends() {
        assertThat(judge(1, 2, NOW)).isEqualTo(new Verdict.SameSuccessor());
        assertThat(judge(1, 2, NOW.minusSeconds(10))).isEqualTo(new Verdict.SameSuccessor());
        assertThat(judge(1, 2, NOW.minusMillis(10_001))).isEqualTo(new Verdict.Replayed());
    }

    @Test
    void a_token_whose_successor_is_spent_too_is_refused_and_the_family_lives() {
        assertThat(judge(1, 3, NOW.minusSeconds(1), NOW.minusSeconds(2)))
                .isEqualTo(new Verdict.TooLate());
    }

    @Test
    void two_rotations_within_a_second_do_not_hide_a_replay() {
        Instant spent = NOW.minusSeconds(60);
        assertThat(judge(1, 3, spent.plusMillis(1), spent)).isEqualTo(new Verdict.Replayed());
        assertThat(judge(2, 3, spent.plusMillis(1), spent)).isEqualTo(new Verdict.Replayed());
    }

    @Test
    void an_old_token_is_a_replay_although_the_family_was_refreshed_just_now() {
        assertThat(judge(1, 4, NOW, NOW.minusSeconds(1), NOW.minusSeconds(60)))
                .isEqualTo(new Verdict.Replayed());
    }

    @Test
    void a_token_older_than_all_remembered_ones_is_judged_by_the_oldest_of_them() {
        Instant[] recent =
                IntStream.range(0, Family.SPENDS_KEPT)
                        .mapToObj(at -> NOW.minusMillis(at * 10L))
                        .toArray(Instant[]::new);
        assertThat(judge(1, 100, recent)).isEqualTo(new Verdict.TooLate());
        recent[Family.SPENDS_KEPT - 1] = NOW.minusSeconds(60);
        assertThat(judge(1, 100, recent)).isEqualTo(new Verdict.Replayed());
    }

    @Test
    void nothing_comes_of_a_family_that_has_ended() {
        assertThat(family(2, Optional.of(NOW), NOW).judge(1, NOW, GRACE, Outage.NONE))
                .isEqualTo(new Verdict.Dead());
        assertThat(
                        family(2, Optional.empty(), NOW)
                                .judge(1, NOW.plus(Duration.ofDays(2)), GRACE, Outage.NONE))
                .isEqualTo(new Verdict.Dead());
    }

    @Test
    void a_window_that_an_outage_cut_short_is_open_once_more_after_it() {
        Outage outage = new Outage(NOW.minusSeconds(3600), NOW.minusSeconds(10));
        assertThat(spent(outage.from().minusSeconds(10), outage))
                .isEqualTo(new Verdict.SameSuccessor());
        assertThat(spent(outage.from().plusSeconds(1), outage))
                .as("after the last heartbeat")
                .isEqualTo(new Verdict.SameSuccessor());
        assertThat(spent(outage.from().minusMillis(10_001), outage))
                .as("closed before the outage began")
                .isEqualTo(new Verdict.Replayed());
        Outage before = new Outage(NOW.minusSeconds(3600), NOW.minusMillis(10_001));
        assertThat(spent(before.from().minusSeconds(10), before))
                .as("and closes like any other")
                .isEqualTo(new Verdict.Replayed());
        assertThat(spent(before.until().plusMillis(1), before))
                .as("what was spent after it has its usual window")
                .isEqualTo(new Verdict.SameSuccessor());
        Outage lasting = new Outage(NOW.minusSeconds(3600), Instant.MAX);
        assertThat(spent(lasting.from().minusSeconds(10), lasting))
                .isEqualTo(new Verdict.SameSuccessor());
    }

    private static Verdict spent(Instant at, Outage outage) {
        return family(2, Optional.empty(), at).judge(1, NOW, GRACE, outage);
    }

    private static Verdict judge(long presented, long live, Instant... spends) {
        return family(live, Optional.empty(), spends).judge(presented, NOW, GRACE, Outage.NONE);
    }

    private static Family family(long live, Optional<Instant> end, Instant... spends) {
        UUID id = new UUID(1, 2);
        return new Family(
                id,
                id,
                id,
                id,
                Set.of(),
                NOW,
                "",
                live,
                List.of(spends),
                NOW.plus(Duration.ofDays(1)),
                NOW.plus(Duration.ofDays(1)),
                end);
    }
}
