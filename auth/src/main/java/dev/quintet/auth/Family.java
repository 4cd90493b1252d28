package dev.quintet.auth;

import dev.quintet.platform.sql.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One sign-in at one client: the chain of its refresh tokens, of which the newest generation is
 * live and each older one is spent. Access tokens name it as {@code sid}.
 *
 * @param seed the random part of its tokens; worthless without the server's key
 * @param spends when the generations before the live one were spent, by the database's clock,
 *     latest first, at most {@link #SPENDS_KEPT}
 * @param idleUntil when the live token dies unless it is used
 * @param endsAt when the family ends, whatever its activity
 * @param end when it was ended before its time
 */
record Family(
        UUID id,
        UUID organisation,
        UUID client,
        UUID person,
        Set<String> scopes,
        Instant signedInAt,
        String seed,
        long generation,
        List<Instant> spends,
        Instant idleUntil,
        Instant endsAt,
        Optional<Instant> end) {

    /** Generations whose moment of spending is remembered; more in one grace window is a storm. */
    static final int SPENDS_KEPT = 16;

    /** What comes of a token that could not be advanced. */
    sealed interface Verdict {

        /**
         * Spent within the grace window, and its successor is still live: that one is given again.
         */
        record SameSuccessor() implements Verdict {}

        /** Spent within the grace window, but so is its successor: refused, the family lives. */
        record TooLate() implements Verdict {}

        /** Spent, and the grace window is over: someone has a copy, the family dies. */
        record Replayed() implements Verdict {}

        /** Ended, expired, or never given out. */
        record Dead() implements Verdict {}
    }

    /**
     * Judges a token of {@code presented} generation that is not the live one of a living family.
     *
     * @param now the database's clock
     * @param outage who got no answer because of it could not ask again before it ended
     */
    Verdict judge(long presented, Instant now, Duration grace, Outage outage) {
        if (presented >= generation || !isAlive(now)) {
            return new Verdict.Dead();
        }
        int age = Math.toIntExact(Math.min(generation - 1 - presented, SPENDS_KEPT));
        // Older than all that is remembered: spent no later than the oldest of them.
        Instant spent = spends.get(Math.min(age, spends.size() - 1));
        if (outage.closes(spent, grace).isBefore(now)) {
            return new Verdict.Replayed();
        }
        return age == 0 ? new Verdict.SameSuccessor() : new Verdict.TooLate();
    }

    boolean isAlive(Instant now) {
        return end.isEmpty() && now.isBefore(idleUntil) && now.isBefore(endsAt);
    }
}
