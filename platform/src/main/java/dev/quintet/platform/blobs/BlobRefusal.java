package dev.quintet.platform.blobs;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Why bytes are not taken or not given. */
public enum BlobRefusal implements Refusal {
    WRONG_OFFSET(409, "the upload stands at byte %d, not %d; go on from there"),
    APPEND_IN_PROGRESS(
            409, "another request is still appending to this upload; wait for it or end it"),
    APPEND_ENDED(409, "another request has taken this upload over; what came before is kept"),
    ALREADY_COMMITTED(409, "the upload %s is complete and never changes again"),
    NO_SUCH_BLOB(404, "there are no bytes stored under %s"),
    OUTSIDE_BLOB(416, "bytes %d to %d were asked for, there are %d");

    private final int status;
    private final String sentence;

    BlobRefusal(int status, String sentence) {
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
