package dev.quintet.platform;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A refusal on its way to the client: {@link Refusal} plus the facts of this case. Cheap: it
 * carries no stack trace.
 */
public final class Refused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    public Refused(Refusal refusal, String detail) {
        super(detail, null, false, false);
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }

    /** The sentence with its facts filled in. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    /**
     * Adds an extension member of the problem document (RFC 9457 section 3.2), e.g. {@code line}.
     */
    public Refused with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    /** Adds a response header, e.g. {@code Allow} or {@code WWW-Authenticate}. */
    public Refused header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /**
     * Tells the client when to try again, in whole seconds rounded up (RFC 9110 section 10.2.3).
     */
    public Refused retryAfter(Duration wait) {
        return header("Retry-After", Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }

    public Map<String, Object> members() {
        return Collections.unmodifiableMap(members);
    }

    public Map<String, String> headers() {
        return Collections.unmodifiableMap(headers);
    }
}
