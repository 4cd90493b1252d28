package dev.quintet.platform.http;

import static dev.quintet.platform.PlatformRefusal.BUSY;
import static dev.quintet.platform.http.HttpRefusal.INTERNAL;
import static dev.quintet.platform.http.HttpRefusal.INVALID_CREDENTIAL;
import static dev.quintet.platform.http.HttpRefusal.INVALID_PARAMETER;
import static dev.quintet.platform.http.HttpRefusal.MISSING_SCOPE;
import static dev.quintet.platform.http.HttpRefusal.NOT_SIGNED_IN;
import static dev.quintet.platform.http.HttpRefusal.RESTARTING;
import static dev.quintet.platform.http.HttpRefusal.UNKNOWN_PARAMETER;
import static dev.quintet.platform.http.HttpRefusal.WRONG_CONTENT_CODING;
import static dev.quintet.platform.http.HttpRefusal.WRONG_MEDIA_TYPE;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Nearest;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.telemetry.Traces;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One request from its head to its answer, on its own virtual thread. */
final class Exchange implements Runnable, Backlog.Client, Stragglers.Client {

    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
    private static final Logger access = LoggerFactory.getLogger("access");
    // A client is not slow before that; a burst of new requests must not cut each other.
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final String OWN_API = "/api/v1/";
    private static final IdKind REQUEST = new IdKind("req", "request");

    private final Around around;
    private final RouteTable table;
    private final HttpServerRequest request;
    private final OpenWork work;
    private final Head head;
    private final Body body;
    private final Context loop;
    private final RequestWatch.Ending ending;
    private final ClientWait waiting = new ClientWait();
    private final Backlog.Share slot;
    private final Backlog.Share memory;
    private final Backlog.Share untaken;
    private final long start = System.nanoTime();

    private volatile boolean answering;
    private volatile boolean left;

    // Owned by the request's thread.
    private Optional<RouteTable.Match> match = Optional.empty();
    private Optional<Caller> caller = Optional.empty();
    private Optional<String> refusal = Optional.empty();
    private Optional<Listener> listener = Optional.empty();
    private Runnable streamEnd = () -> {};
    private Permits.Permit permit = () -> {};
    private Optional<String> type = Optional.empty();
    private Optional<String> json = Optional.empty();
    private int status;

    /** On the event loop. */
    Exchange(
            Around around,
            RouteTable table,
            HttpServerRequest request,
            Context loop,
            OpenWork work) {
        this.around = around;
        this.table = table;
        this.request = request;
        this.work = work;
        this.loop = loop;
        this.ending = RequestWatch.of(request);
        this.head =
                Heads.of(
                        request,
                        around.outside().proxies(),
                        () -> REQUEST.show(around.ids().next()));
        this.body =
                new Body(
                        request,
                        loop,
                        new Body.Patience(
                                around.config().bodyTimeout(), around.config().minBodyRate()),
                        waiting,
                        Heads.declaredLength(request));
        this.slot = around.backlogs().requests().share(this);
        this.memory = around.backlogs().bodies().share(this);
        this.untaken = around.backlogs().answers().share(this);
        ending.onMalformed(body::malformed);
    }

    /** On the event loop: false when there are as many requests as may be, and none is slow. */
    boolean enter() {
        return slot.hold(1, SLOW);
    }

    @Override
    public long waitingSince() {
        return waiting.since();
    }

    /** On any thread: the client was too slow while others wanted its place. */
    @Override
    public void cut() {
        // Asked first: the refusal that a cut body brings about must not be cut, too.
        boolean late = answering;
        body.cut();
        if (late) {
            Streams.cut(request);
        }
    }

    @Override
    public boolean isAwaited() {
        return waiting.since() != 0;
    }

    @Override
    public long received() {
        return request.bytesRead();
    }

    @Override
    public long announced() {
        return body.declaredLength();
    }

    @Override
    public long taken() {
        return Streams.taken(request);
    }

    /** On the draining thread. */
    @Override
    public void leave() {
        left = true;
        cut();
    }

    private void end() {
        streamEnd.run();
        slot.end();
        memory.end();
        untaken.end();
        ending.answered();
        work.end(this);
    }

    /** On the event loop: a refusal without a thread of its own. */
    void refuseAtOnce(Refused refused) {
        refusal = Optional.of(refused.refusal().name());
        Response response = Dress.up(refuse(refused), head, Optional.empty());
        tell(response.status(), Optional.empty());
        answerer()
                .writeAndForget(response)
                .onComplete(sent -> {
                    body.abandon();
                    end();
                });
    }

    @Override
    public void run() {
        Optional<String> parent = head.header("traceparent");
        try (Traces.Step step = around.traces().request(head.requestId(), parent)) {
            answerToItsEnd();
            step.answered(routeName(), status);
        }
    }

    private void answerToItsEnd() {
        try {
            finish(answer());
        } catch (IOException e) {
            // The client is gone: nobody is left to tell.
            log.debug("{} was not answered to its end", head.requestId(), e);
            Streams.cut(request);
        } catch (RejectedExecutionException e) {
            log.warn("{} outlasted the drain", head.requestId());
        } catch (RuntimeException e) {
            log.error("{} was not answered to its end", head.requestId(), e);
            Streams.cut(request);
        } finally {
            end();
        }
    }

    private Response answer() {
        try {
            return handle();
        } catch (Refused refused) {
            Refused told =
                    left && refused.refusal() == BUSY
                            ? RESTARTING.because().retryAfter(Duration.ofSeconds(1))
                            : refused;
            refusal = Optional.of(told.refusal().name());
            return refuse(told);
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            log.error("{} {} broke, request {}", head.method(), routeName(), head.requestId(), e);
            refusal = Optional.of(INTERNAL.name());
            return refuse(INTERNAL.because());
        }
    }

    private Response handle() throws Exception {
        Heads.check(head, request);
        if (around.outside().origins().isPreflight(head)) {
            return around.outside().origins().preflight(head, table.methods(head), forAllPages());
        }
        RouteTable.Match found = table.find(head);
        match = Optional.of(found);
        if (found.group().cookies()) {
            around.outside().origins().ownPagesOnly(head);
        }
        caller = admit(found.route());
        around.limiter().admit(caller, head.client());
        accept(found.route());
        knownParameters(found.route());
        Request asked =
                new Request(
                        head,
                        found.route(),
                        found.values(),
                        body,
                        deadline(),
                        caller,
                        ending,
                        (status, headers) -> InterimAnswer.send(request, loop, status, headers),
                        (organisation, credential) -> proven(found, organisation, credential));
        receive(asked, found.route());
        Response response = worked(asked, found);
        if (response.body() instanceof Response.Body.Events) {
            streamEnd = around.streams().open(caller, head.client());
            slot.end();
        }
        return response;
    }

    private Response worked(Request asked, RouteTable.Match found) throws Exception {
        enterLane(found, Permits.Holder.of(caller, head.client()));
        try {
            return switch (found.route().action()) {
                case Route.Action.Answer(Handler handler) -> handler.handle(asked);
                case Route.Action.Open open -> {
                    Handshake.check(head, request.version());
                    listener = Optional.of(open.upgrade().accept(asked));
                    yield Handshake.answer(head, open);
                }
            };
        } finally {
            permit.close();
        }
    }

    private void enterLane(RouteTable.Match found, Permits.Holder holder) {
        permit = around.permits().take(lane(found.route()), found.group().system(), holder);
    }

    /**
     * Without a body only the answer lasts, which is written when the permit has been given back.
     */
    private Lane lane(Route route) {
        return route.lane() == Lane.STREAMS && body.declaredLength() == 0
                ? Lane.INTERACTIVE
                : route.lane();
    }

    /** A stream enters its lane anew, now behind others of the same credential. */
    private void proven(RouteTable.Match found, UUID organisation, String credential) {
        around.limiter().proven(head.client(), organisation, credential);
        if (lane(found.route()) == Lane.STREAMS) {
            permit.close();
            enterLane(found, Permits.Holder.of(organisation, credential));
        }
    }

    /**
     * A body that its handler wants whole is read before the lane is entered: a permit is for the
     * work, and a slow client does none. What streams is read by its handler, in a lane of its own.
     */
    private void receive(Request asked, Route route) {
        if (route.lane() != Lane.STREAMS && !(route.accepts() instanceof Route.Accepts.Nothing)) {
            asked.receive(memory);
        }
    }

    private Deadline deadline() {
        Duration spent = Duration.ofNanos(System.nanoTime() - start);
        return Deadline.in(around.config().requestTimeout().minus(spent));
    }

    /** Who asks, if the route lets them. */
    private Optional<Caller> admit(Route route) {
        Optional<Caller> known = bearer().map(this::authenticate);
        return switch (route.access()) {
            case Access.Public open -> known;
            case Access.Scoped(var scope) -> {
                Caller asking =
                        known.orElseThrow(
                                () -> NOT_SIGNED_IN.because().header("WWW-Authenticate", "Bearer"));
                if (!asking.may(scope)) {
                    throw MISSING_SCOPE
                            .because(scope.wire())
                            .with("scope", scope.wire())
                            .header(
                                    "WWW-Authenticate",
                                    "Bearer error=\"insufficient_scope\", scope=\""
                                            + scope.wire()
                                            + '"');
                }
                yield known;
            }
        };
    }

    private Optional<String> bearer() {
        return head.header("authorization")
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).strip());
    }

    private Caller authenticate(String bearer) {
        return around.authenticator()
                .authenticate(bearer)
                .orElseThrow(() ->
                        INVALID_CREDENTIAL
                                .because()
                                .header("WWW-Authenticate", "Bearer error=\"invalid_token\""));
    }

    /** In our own API a parameter that nobody reads, or twice, is a mistake, as a field is. */
    private void knownParameters(Route route) {
        if (head.rawQuery().isEmpty() || !route.path().text().startsWith(OWN_API)) {
            return;
        }
        List<String> known = route.query().stream().map(Route.Parameter::name).toList();
        head.queryAll()
                .forEach((name, values) -> {
                    if (!known.contains(name)) {
                        String advice =
                                known.isEmpty()
                                        ? "there are none"
                                        : "known are "
                                                + String.join(", ", known)
                                                + Nearest.to(name, known);
                        throw UNKNOWN_PARAMETER.because(name, advice).with("parameter", name);
                    }
                    if (values.size() > 1) {
                        throw INVALID_PARAMETER
                                .because(name, "it comes %d times".formatted(values.size()))
                                .with("parameter", name);
                    }
                });
    }

    /** Refuses a body of the wrong type or size before it is read. */
    private void accept(Route route) {
        DataSize usual = around.config().maxBody();
        switch (route.accepts()) {
            case Route.Accepts.Nothing nothing -> body.limit(usual);
            case Route.Accepts.Json _ -> {
                mediaType(Set.of("application/json"));
                plainCoding();
                body.limit(usual);
            }
            case Route.Accepts.Bytes bytes -> {
                if (!bytes.types().isEmpty()) {
                    mediaType(bytes.types());
                    plainCoding();
                }
                body.limit(bytes.limit());
            }
        }
    }

    private void mediaType(Set<String> taken) {
        String type = head.header("content-type").orElse("none");
        String plain = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!taken.contains(plain)) {
            String all = String.join(" or ", taken);
            throw WRONG_MEDIA_TYPE.because(type, all).header("Accept", String.join(", ", taken));
        }
    }

    /** RFC 9110 section 8.4: a coding that is not undone would be read as the content itself. */
    private void plainCoding() {
        String coding = head.header("content-encoding").orElse("").strip();
        if (!coding.isEmpty() && !coding.equalsIgnoreCase("identity")) {
            throw WRONG_CONTENT_CODING
                    .because(coding, "it is")
                    .header("Accept-Encoding", "identity");
        }
    }

    private Response refuse(Refused refused) {
        RefusalForm form =
                match.map(RouteTable.Match::group)
                        .or(() -> table.group(head))
                        .map(Routes::refusalForm)
                        .orElse(Problem::render);
        Response response = form.render(refused, head.requestId());
        for (Map.Entry<String, String> header : refused.headers().entrySet()) {
            response = response.header(header.getKey(), header.getValue());
        }
        return response;
    }

    private void finish(Response response) throws IOException {
        if (listener.isPresent() && response.status() == 101) {
            Takeover.Taken engine = new Takeover.Taken(request, loop, work, around.backlogs());
            Handshake.finish(engine, head, match.orElseThrow(), response, listener.get());
            tell(101, Optional.empty());
            return;
        }
        Answer answer = answerer();
        answering = true;
        boolean last = !body.complete() || work.isGoodbye();
        try {
            answer.write(last ? Streams.last(request, dressed(response)) : dressed(response));
            if (last) {
                body.abandon();
            }
        } finally {
            tell(answer.status(), json);
        }
    }

    private Answer answerer() {
        return new Answer(
                request,
                head,
                new Answer.Taking(around.config().bodyTimeout(), waiting, untaken),
                work,
                this::isStillAdmitted);
    }

    /** Whether the credential would be taken again, for the same caller. */
    private boolean isStillAdmitted() {
        return caller.isEmpty()
                || bearer().flatMap(around.authenticator()::authenticate).equals(caller);
    }

    private Response dressed(Response response) {
        Optional<Routes> group = match.map(RouteTable.Match::group);
        Response known;
        try {
            known = conditioned(response);
        } catch (Refused refused) {
            refusal = Optional.of(refused.refusal().name());
            known = rendered(refuse(refused));
        }
        return Dress.up(around.outside().origins().grant(known, head, forAllPages()), head, group);
    }

    private boolean forAllPages() {
        return match.map(RouteTable.Match::group)
                .or(() -> table.group(head))
                .map(Routes::allPages)
                .orElse(false);
    }

    /** With its validators, and held against the request's conditions and range. */
    private Response conditioned(Response response) {
        if (!(response.body() instanceof Response.Body.Ranged(Content content))) {
            return Gzip.maybe(rendered(Conditions.apply(response, head)), head);
        }
        Response ranged = Ranges.validators(response, content);
        if (Conditions.apply(ranged, head).status() == 200) {
            Ranges.choose(ranged, content, head);
        }
        return ranged;
    }

    /** Its JSON as bytes, noted before anything compresses them. */
    private Response rendered(Response response) {
        Response rendered =
                response.body() instanceof Response.Body.Json(Object value)
                        ? response.body(new Response.Body.Bytes(ByteBuffer.wrap(Json.write(value))))
                        : response;
        if (!around.observer().equals(Observer.NONE)
                && rendered.body() instanceof Response.Body.Bytes(ByteBuffer bytes)
                && rendered.header("Content-Type").filter(t -> t.contains("json")).isPresent()) {
            type = rendered.header("Content-Type");
            json = Optional.of(StandardCharsets.UTF_8.decode(bytes.duplicate()).toString());
        }
        return rendered;
    }

    private void tell(int status, Optional<String> json) {
        this.status = status;
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        around.timers().of(routeName(), status).record(took);
        writeAccessLine(took.toMillis());
        around.observer()
                .saw(
                        new Observer.Seen(
                                match.map(RouteTable.Match::route), status, refusal, type, json));
    }

    /** For people in one line, for machines in fields of their own. Probes would drown the rest. */
    private void writeAccessLine(long millis) {
        Level level = head.rawPath().startsWith("/health/") ? Level.DEBUG : Level.INFO;
        if (!access.isEnabledForLevel(level)) {
            return;
        }
        String credential = caller.map(Caller::credential).orElse("-");
        String path = told();
        access.atLevel(level)
                .addKeyValue("method", head.method())
                .addKeyValue("path", path)
                .addKeyValue("route", routeName())
                .addKeyValue("status", status)
                .addKeyValue("millis", millis)
                .addKeyValue("client", head.client())
                .addKeyValue("credential", credential)
                .log(
                        "{} {} {} {}ms {} {}",
                        head.method(),
                        path,
                        status,
                        millis,
                        head.client(),
                        credential);
    }

    private String told() {
        return match.map(RouteTable.Match::route)
                .map(route -> route.secretPath() ? route.path().text() : head.rawPath())
                .orElseGet(() -> table.told(head));
    }

    private String routeName() {
        return match.map(found -> found.route().name()).orElse("none");
    }
}
