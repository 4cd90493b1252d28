package dev.quintet.platform.sql;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Refusals that come from the way a request meets the database. */
public enum SqlRefusal implements Refusal {
    IDEMPOTENCY_KEY_REUSED(
            409,
            "the Idempotency-Key '%s' was used for another request within the last day; nothing was"
                    + " changed, use a new key for a new request");

    private final int status;
    private final String sentence;

    SqlRefusal(int status, String sentence) {
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
