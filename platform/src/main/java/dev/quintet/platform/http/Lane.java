package dev.quintet.platform.http;

/** A class of work with its own bound, so that none of them starves another. */
public enum Lane {
    /** Someone waits at a screen; one short transaction or two. */
    INTERACTIVE,
    /** Lists, exports, administration. */
    BACKGROUND,
    /** Waits for a password hash, which holds a processor for long and has a bound of its own. */
    HASH,
    /** Holds a query engine for long. */
    QUERIES,
    /**
     * Lasts as long as the client pleases and mostly waits: uploads. A request without a body is in
     * {@link #INTERACTIVE} for it, since its answer is written without a permit.
     */
    STREAMS
}
