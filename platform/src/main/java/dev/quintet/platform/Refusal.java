package dev.quintet.platform;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * One reason to say no. Each system lists its own in one enum, so that the constant's name is the
 * stable {@code code} that clients branch on (RFC 9457 member {@code code}).
 */
public interface Refusal {

    /** The stable code, e.g. {@code ROOM_FULL}. An enum constant supplies it. */
    String name();

    /** The HTTP status that carries it. */
    int status();

    /**
     * What happened and what to do, as a {@link String#format} pattern over the facts given to
     * {@link #because}.
     */
    String sentence();

    /** Where the docs explain it, e.g. {@code chat#limits}. */
    String docs();

    /**
     * The exception that stops the work; {@code facts} fill the sentence, durations in seconds, and
     * never hold a secret.
     */
    default Refused because(Object... facts) {
        Object[] shown = Arrays.stream(facts).map(Refusal::shown).toArray();
        return new Refused(this, String.format(Locale.ROOT, sentence(), shown));
    }

    private static Object shown(Object fact) {
        if (!(fact instanceof Duration length)) {
            return fact;
        }
        return length.toNanosPart() == 0 ? length.toSeconds() + " s" : length.toMillis() + " ms";
    }
}
