package dev.quintet.analytics.lake;

/** An engine's process did not start, or ended by itself; the message is a sentence for the log. */
public final class EngineFailed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EngineFailed(String sentence) {
        super(sentence);
    }

    EngineFailed(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
