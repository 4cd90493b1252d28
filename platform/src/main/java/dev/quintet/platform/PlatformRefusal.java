package dev.quintet.platform;

/** Refusals that any route of any system can give. */
public enum PlatformRefusal implements Refusal {
    WRONG_ID_KIND(400, "expected an id of a %s (%s_...), got '%s'"),
    NOT_AN_ID(400, "'%s' is not an id of a %s; such ids look like %s_01h455vb4pex5vsknk084sn02q"),
    BUSY(503, "%s is at its limit; nothing was changed, try again shortly"),
    DATABASE_AWAY(503, "the database is away; nothing was changed, try again shortly"),
    // 504, not 503: balancers repeat a 503 at another node, and this one may have taken effect.
    DATABASE_LOST(
            504,
            "the database went away during this request, which took effect or did not; repeat it, with the same Idempotency-Key if it has one"),
    DEADLINE_PASSED(
            504,
            "the request took longer than its limit of %s; what was not answered did not happen or can be retried");

    private final int status;
    private final String sentence;

    PlatformRefusal(int status, String sentence) {
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
        return "errors#" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Whether work failed because there was no database, which is told once and not by each. */
    public static boolean isDatabaseGone(Throwable failure) {
        return failure instanceof Refused refused
                && (refused.refusal() == DATABASE_AWAY || refused.refusal() == DATABASE_LOST);
    }
}
