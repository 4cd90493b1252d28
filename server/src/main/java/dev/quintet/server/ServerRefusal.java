package dev.quintet.server;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Every reason for which the server itself says no. */
enum ServerRefusal implements Refusal {
    LINK_NOT_VALID(
            403,
            "this console link is not valid, was used, or is older than ten minutes; './quintet console-link' makes another"),
    NOT_PARKED(
            404,
            "nothing of the key '%s' is parked for the subscriber '%s'; it may have gone through by itself"),
    EVENT_NOT_PARKED(
            404,
            "the subscriber '%s' has not failed at an event '%s'; it may have gone through by itself, or wait behind another of its key, which comes first");

    private final int status;
    private final String sentence;

    ServerRefusal(int status, String sentence) {
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
        return "console#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
