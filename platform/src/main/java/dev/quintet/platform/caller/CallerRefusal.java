package dev.quintet.platform.caller;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** What is said no to about callers and their keys. */
public enum CallerRefusal implements Refusal {
    NO_SUCH_KEY(404, "there is no API key %s"),
    UNKNOWN_SCOPE(400, "'%s' is not a scope; there are: %s%s"),
    SCOPE_NOT_YOURS(403, "a key cannot hold '%s', which the credential that makes it lacks"),
    INVALID_NAME(400, "a name has 1 to 200 characters without control characters"),
    NO_SUCH_ORGANISATION(404, "there is no organisation %s that this credential may act for"),
    TOO_MANY_REQUESTS(429, "more than %s requests in a minute %s; wait %s s"),
    ISSUER_UNREACHABLE(503, "the keys of issuer %s cannot be read now; try again shortly");

    private final int status;
    private final String sentence;

    CallerRefusal(int status, String sentence) {
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
        return "callers#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
