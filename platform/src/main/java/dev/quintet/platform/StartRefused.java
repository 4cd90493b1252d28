package dev.quintet.platform;

/**
 * The server cannot start, for a reason that its operator can mend: the message is one sentence of
 * what is wrong and one of what to do. The launcher prints it without a stack trace.
 */
public final class StartRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartRefused(String sentence) {
        super(sentence);
    }

    public StartRefused(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
