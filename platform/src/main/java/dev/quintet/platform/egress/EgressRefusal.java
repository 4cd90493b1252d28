package dev.quintet.platform.egress;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Why a request did not go out, or its answer was not taken. */
public enum EgressRefusal implements Refusal {
    URL_NOT_FETCHABLE(400, "'%s' cannot be fetched: %s"),
    URL_PORT_REFUSED(
            400,
            "port %s is not one that requests are sent to; use 80, 443 or one above 1023 that is no other well-known service"),
    URL_HOST_UNKNOWN(400, "the host '%s' has no address now; check the name"),
    URL_ADDRESS_REFUSED(
            400,
            "the host '%s' is not at a public address; whoever runs this server can allow its range with egress.allow"),
    REMOTE_UNREACHABLE(502, "no answer from '%s': %s"),
    REMOTE_TOO_SLOW(504, "'%s' did not finish its answer within %s"),
    REMOTE_TOO_LARGE(502, "the answer of '%s' is longer than %s"),
    REMOTE_REDIRECTS(502, "'%s' redirects more than %s times, or to where it must not"),
    EGRESS_BUSY(
            503,
            "all connections to other servers are in use; nothing was sent, try again shortly");

    private final int status;
    private final String sentence;

    EgressRefusal(int status, String sentence) {
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
        return "egress#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
