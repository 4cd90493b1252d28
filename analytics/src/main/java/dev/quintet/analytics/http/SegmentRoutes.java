package dev.quintet.analytics.http;

import dev.quintet.analytics.Analytics;
import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.analytics.Call;
import dev.quintet.analytics.Source;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.DiskRefusal;
import dev.quintet.platform.http.Head;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.log.LogRefusal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The Segment HTTP API ({@code
 * segment.com/docs/connections/sources/catalog/libraries/server/http-api}): one route a call.
 * Browsers send beacons as {@code text/plain}, so the media type is not looked at.
 */
public final class SegmentRoutes {

    /** What a request may have, unpacked; packed it has less. */
    private static final DataSize LIMIT = DataSize.kibibytes(500);

    private static final DataSize METRICS_LIMIT = DataSize.kibibytes(64);

    private final Analytics analytics;

    public SegmentRoutes(Analytics analytics) {
        this.analytics = analytics;
    }

    public Routes routes() {
        return Routes.of(
                        "analytics",
                        Stream.of(calls(), shortCalls(), browserStart())
                                .flatMap(routes -> routes)
                                .toArray(Route[]::new))
                // A page must read what it is answered, refusals too: a client in it tries again
                // what it cannot read. Whose pages a source takes is asked in each request.
                .withAllPages();
    }

    private Stream<Route> calls() {
        return Stream.concat(
                Arrays.stream(Call.values()).map(call -> route("/v1/" + call.wire(), call)),
                // What Segment's Java library calls the batch.
                Stream.of("/v1/import", "/v1/import/").map(path -> route(path, Call.BATCH)));
    }

    /** The same as Segment's library for browsers calls them: the first letter of each. */
    private Stream<Route> shortCalls() {
        return Arrays.stream(Call.values())
                .map(call -> route("/v1/" + call.wire().charAt(0), call));
    }

    private Stream<Route> browserStart() {
        return Stream.of(
                Route.get("/v1/projects/{writeKey}/settings")
                        .hidesPath()
                        .open(
                                "the write key in the address is the credential, as the protocol has it")
                        .gives(200, BrowserSettings.class)
                        .refuses(AnalyticsRefusal.SETTINGS_UNKNOWN)
                        .says("What Segment's libraries for browsers and apps ask first.")
                        .by(this::settings),
                Route.post("/v1/m")
                        .open("counts of the library's own errors come without a key; none is kept")
                        .takesBytes(METRICS_LIMIT)
                        .gives(200, Taken.class)
                        .says(
                                "Takes what Segment's library for browsers counts of itself, and forgets it.")
                        .by(request -> Response.json(new Taken(true))));
    }

    private Response settings(Request request) {
        String writeKey = request.path("writeKey");
        Source source =
                analytics
                        .sources()
                        .byWriteKey(writeKey)
                        .orElseThrow(AnalyticsRefusal.SETTINGS_UNKNOWN::because);
        prove(request, source);
        Head head = request.head();
        // The clients ask at each page; a source that is deleted refuses its events at once.
        return Response.json(BrowserSettings.of(writeKey, head.host(), head.https()))
                .header("Cache-Control", "public, max-age=60");
    }

    /** The good answer, as Segment gives it. */
    record Taken(boolean success) {}

    private Route route(String path, Call call) {
        return Route.post(path)
                .open("the write key of a source is asked for, as the protocol has it")
                .takesBytes(LIMIT)
                .gives(200, Taken.class)
                .refuses(
                        AnalyticsRefusal.WRITE_KEY_UNKNOWN,
                        AnalyticsRefusal.ORIGIN_NOT_ALLOWED,
                        AnalyticsRefusal.EVENTS_MALFORMED,
                        AnalyticsRefusal.EVENTS_TOO_LARGE,
                        LogRefusal.EVENT_LOG_BUSY,
                        LogRefusal.EVENT_LOG_FAILED,
                        LogRefusal.EVENT_LOG_LOST,
                        DiskRefusal.DISK_FULL)
                .refuses(
                        call == Call.BATCH
                                ? AnalyticsRefusal.EVENTS_TOO_MANY
                                : AnalyticsRefusal.EVENT_INVALID)
                .says("Takes " + (call == Call.BATCH ? "events" : "one event") + " of a source.")
                .by(request -> take(call, request));
    }

    private Response take(Call call, Request request) {
        analytics.take(
                call,
                writeKey(request.head()),
                BodyCoding.unpacked(
                        request.header("Content-Encoding").orElse(""), request.bytes(), LIMIT),
                source -> {
                    source.allowedOrigins().require(request.header("Origin"));
                    prove(request, source);
                });
        return Response.json(new Taken(true));
    }

    /** A key in a web page is known to all: one address alone cannot use it up for others. */
    private static void prove(Request request, Source source) {
        request.provenBy(source.organisation(), source.id() + " " + request.head().client());
    }

    /** The write key is the user name; a password is not looked at. */
    private static Optional<String> writeKey(Head head) {
        return head.header("Authorization")
                .filter(value -> value.regionMatches(true, 0, "Basic ", 0, 6))
                .flatMap(value -> decoded(value.substring(6).strip()))
                .map(pair -> pair.split(":", 2)[0])
                .filter(key -> !key.isEmpty());
    }

    private static Optional<String> decoded(String base64) {
        try {
            return Optional.of(
                    new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
