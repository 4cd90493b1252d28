package dev.quintet.platform.log;

/**
 * Records that were acknowledged are gone or changed on the disk. Nobody reads past this: a person
 * has to decide.
 */
public final class LogDamaged extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LogDamaged(String what) {
        super(
                "the event log is damaged: "
                        + what
                        + "; restore the file from a backup, or move it and all older ones away to"
                        + " give their events up");
    }
}
