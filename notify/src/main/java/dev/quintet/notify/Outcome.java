package dev.quintet.notify;

import java.time.Duration;
import java.util.Optional;

/** What one attempt came to, as the lane must weigh it. */
public sealed interface Outcome {

    /** What the receiver said, for the timeline; never a secret. */
    String detail();

    /** The receiver took it. */
    record Delivered(String detail) implements Outcome {}

    /**
     * Not taken, or nobody knows: it is tried again, under the same id. {@code pause} is the
     * receiver's own wish.
     */
    record RetryLater(String detail, Optional<Duration> pause) implements Outcome {

        public RetryLater(String detail) {
            this(detail, Optional.empty());
        }
    }

    /**
     * This server could not even try, e.g. for want of a database connection: it costs the delivery
     * no attempt.
     */
    record NotTried(String detail) implements Outcome {}

    /** Refused for good. */
    record Refused(String detail) implements Outcome {}

    /** Refused for good, and whatever comes next to this address too. */
    record Gone(String detail) implements Outcome {}

    /** Never sent, with the reason. */
    record Skipped(String detail) implements Outcome {}
}
