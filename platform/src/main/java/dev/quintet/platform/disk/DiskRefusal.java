package dev.quintet.platform.disk;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Why nothing more is written to the disk. */
public enum DiskRefusal implements Refusal {
    DISK_FULL(
            503,
            "the disk of %s is %d %% full and takes no more from %d %% on; nothing was stored, reading"
                    + " still works; free some space, then try again");

    private final int status;
    private final String sentence;

    DiskRefusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "errors#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
