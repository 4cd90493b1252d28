package dev.quintet.platform;

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
     * The exception that stops the work; {@code facts} fill the sentence and never hold a secret.
     */
    default Refused because(Object... facts) {
        return new Refused(this, String.format(java.util.Locale.ROOT, sentence(), facts));
    }
}
