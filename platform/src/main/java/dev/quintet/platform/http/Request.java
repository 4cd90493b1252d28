package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.INVALID_IDEMPOTENCY_KEY;
import static dev.quintet.platform.http.HttpRefusal.INVALID_PARAMETER;
import static dev.quintet.platform.http.HttpRefusal.MISSING_SCOPE;
import static dev.quintet.platform.http.HttpRefusal.NOT_SIGNED_IN;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One request as its handler sees it. For the request's own thread. */
public final class Request {

    private final Head head;
    private final Route route;
    private final Map<String, String> path;
    private final Body body;
    private final Deadline deadline;
    private final Optional<Caller> caller;
    private final RequestWatch.Ending ending;
    private final Interim interim;
    private final Proof proof;
    private Optional<byte[]> bytes = Optional.empty();

    /** Sends an interim answer through the engine. */
    @FunctionalInterface
    interface Interim {
        void send(int status, List<Response.Header> headers);
    }

    /** Counts the request for the credential that it turned out to carry. */
    @FunctionalInterface
    interface Proof {
        void of(UUID organisation, String credential);
    }

    Request(
            Head head,
            Route route,
            Map<String, String> path,
            Body body,
            Deadline deadline,
            Optional<Caller> caller,
            RequestWatch.Ending ending,
            Interim interim,
            Proof proof) {
        this.head = head;
        this.route = route;
        this.path = path;
        this.body = body;
        this.deadline = deadline;
        this.caller = caller;
        this.ending = ending;
        this.interim = interim;
        this.proof = proof;
    }

    /** The method, address and headers. */
    public Head head() {
        return head;
    }

    public String method() {
        return head.method();
    }

    public String id() {
        return head.requestId();
    }

    /** A value of the path template, decoded. */
    public String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalStateException(route.name() + " has no {" + name + "}");
        }
        return value;
    }

    /** A path value that is an id of this kind. */
    public UUID path(String name, IdKind kind) {
        return kind.parse(path(name));
    }

    public Optional<String> query(String name) {
        return head.query(name);
    }

    /** A whole number between two bounds, or the default where the parameter is not there. */
    public int query(String name, int least, int most, int missing) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return missing;
        }
        try {
            int number = Integer.parseInt(text.get());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below, with the bounds
        }
        throw INVALID_PARAMETER
                .because(name, "write a whole number from " + least + " to " + most)
                .with("parameter", name);
    }

    /** Where an earlier page ended, as its 'next' said; zero where the parameter is not there. */
    public long position(String name) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return 0;
        }
        if (text.get().matches("\\d{1,18}")) {
            return Long.parseLong(text.get());
        }
        throw INVALID_PARAMETER
                .because(name, "send the 'next' of an earlier page")
                .with("parameter", name);
    }

    public Optional<String> header(String name) {
        return head.header(name);
    }

    public Optional<String> cookie(String name) {
        return head.cookie(name);
    }

    /** Who asks, on a route with a scope. */
    public Caller caller() {
        return caller.orElseThrow(
                () -> NOT_SIGNED_IN.because().header("WWW-Authenticate", "Bearer"));
    }

    /** Refuses callers of every organisation but the one that runs the server. */
    public void requireRoot() {
        if (!caller().isRoot()) {
            throw MISSING_SCOPE.because(scope() + " of the root organisation");
        }
    }

    private String scope() {
        return route.access() instanceof Access.Scoped scoped ? scoped.scope().wire() : "";
    }

    /** Refuses whoever does not run the server for all organisations. */
    public void requireOperator() {
        if (!caller().isOperator()) {
            throw MISSING_SCOPE.because("admin of the root organisation");
        }
    }

    /**
     * On an open route whose protocol carries a credential of its own: from here on this request
     * counts for that, no longer for its client's address.
     */
    public void provenBy(UUID organisation, String credential) {
        proof.of(organisation, credential);
    }

    public Deadline deadline() {
        return deadline;
    }

    /** The JSON body as a record; refuses what does not fit, naming the field. */
    public <T> T json(Class<T> type) {
        return Json.read(bytes(), type);
    }

    /** Waits for the whole body, at most until the deadline. */
    void receive(Backlog.Share memory) {
        bytes = Optional.of(body.whole(deadline, memory));
    }

    /** The whole body; it is there before the handler runs, except in {@link Lane#STREAMS}. */
    public byte[] bytes() {
        return bytes.orElseThrow(
                () -> new IllegalStateException(route.name() + " reads its body as it comes"));
    }

    /** The form's fields, for protocols that take any. */
    public Map<String, List<String>> form() {
        return PercentCoding.form(new String(bytes(), java.nio.charset.StandardCharsets.UTF_8));
    }

    /** The body as it comes, for routes in {@link Lane#STREAMS}. */
    public Body body() {
        return body;
    }

    /** Trailer fields by lower-case name; complete once the body has been read to its end. */
    public Map<String, String> trailers() {
        return ending.trailers();
    }

    /** Sends an interim answer now, e.g. 104 Upload Resumption Supported. */
    public void interim(int status, List<Response.Header> headers) {
        interim.send(status, headers);
    }

    /** The client's name for this attempt, by which a repetition is recognised. */
    public Optional<String> idempotencyKey() {
        Optional<String> key = header("Idempotency-Key");
        if (key.isPresent()) {
            String text = key.get();
            if (text.isEmpty()
                    || text.length() > 255
                    || !text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                throw refusedKey(text);
            }
        }
        return key;
    }

    private static Refused refusedKey(String text) {
        return INVALID_IDEMPOTENCY_KEY.because(text.length());
    }
}
