package dev.quintet.chat;

import dev.quintet.platform.Refused;

/** What became of one draft. */
sealed interface Outcome {

    record Stored(Sent sent) implements Outcome {}

    record Rejected(Refused why) implements Outcome {}

    /** Whether it is stored is not known; the same client id tells. */
    record Unknown(RuntimeException failure) implements Outcome {}
}
