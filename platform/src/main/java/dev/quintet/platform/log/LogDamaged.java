package dev.quintet.platform.log;

/**
 * Records that were acknowledged are gone or changed on the disk. Nobody reads past this: a person
 * has to decide. The message is for the operator.
 */
public final class LogDamaged extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Position at;

    public LogDamaged(Position at, String what) {
        super(
                "the event log is damaged: "
                        + what
                        + "; restore the file from a backup, or stop the server and run './quintet"
                        + " set-aside-events' to go on behind the damage");
        this.at = at;
    }

    /** Where reading ends. */
    public Position at() {
        return at;
    }
}
