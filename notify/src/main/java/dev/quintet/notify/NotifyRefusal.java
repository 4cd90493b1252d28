package dev.quintet.notify;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Every reason for which notify says no. */
public enum NotifyRefusal implements Refusal {
    NO_RECIPIENT(400, "'to' names nobody; give 1 to %d recipients"),
    TOO_MANY_RECIPIENTS(
            400, "'to' names %d recipients, the limit is %d; send to a larger set in parts"),
    BAD_RECIPIENT(400, "to[%d] %s"),
    UNKNOWN_RECIPIENT(404, "to[%d]: there is no %s '%s'"),
    NOT_IN_THIS_VERSION(400, "%s is not in this version; it takes %s"),
    BAD_CONTENT(400, "content.%s %s"),
    BAD_LABEL(400, "'%s' is 1 to %d characters of plain text"),
    BAD_PRIORITY(400, "'%s' is not a priority; it is one of critical, high, normal, bulk"),
    BAD_SCHEDULE(400, "%s"),
    BAD_CURSOR(400, "'after' is not the 'next' of a page; leave it out to begin anew"),
    UNKNOWN_NOTIFICATION(404, "there is no notification '%s'"),
    UNKNOWN_ENDPOINT(404, "there is no webhook endpoint '%s'"),
    BAD_ENDPOINT(400, "'url' is not an address; write https://host/path"),
    TOO_MANY_ENDPOINTS(409, "an organisation has at most %d webhook endpoints; delete one first"),
    LANE_FULL(
            503,
            "%d notifications of priority %s wait already; nothing was accepted, try again later"),
    NOT_A_PERSON(403, "an inbox belongs to a person; ask with that person's access token");

    private final int status;
    private final String sentence;

    NotifyRefusal(int status, String sentence) {
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
        return "notify#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
