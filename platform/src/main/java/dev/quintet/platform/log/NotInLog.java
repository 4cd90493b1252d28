package dev.quintet.platform.log;

/** A reader asks for what the log does not hold: it is gone, or the log never came so far. */
public final class NotInLog extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NotInLog(Position reader, Position start, Position end) {
        super("the log holds " + start + " to " + end + ", not " + reader);
    }
}
