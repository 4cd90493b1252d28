package dev.quintet.analytics.http;

import static dev.quintet.platform.http.HttpRefusal.WRONG_CONTENT_CODING;

import dev.quintet.analytics.Analytics;
import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.analytics.Call;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.DiskRefusal;
import dev.quintet.platform.http.Head;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.log.LogRefusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * The Segment HTTP API ({@code
 * segment.com/docs/connections/sources/catalog/libraries/server/http-api}): one route a call.
 * Browsers send beacons as {@code text/plain}, so the media type is not looked at.
 */
public final class SegmentRoutes {

    /** What a request may have, unpacked; packed it has less. */
    private static final DataSize LIMIT = DataSize.kibibytes(500);

    private final Analytics analytics;

    public SegmentRoutes(Analytics analytics) {
        this.analytics = analytics;
    }

    public Routes routes() {
        return Routes.of(
                "analytics",
                Stream.concat(
                                Arrays.stream(Call.values())
                                        .map(call -> route("/v1/" + call.wire(), call)),
                                // What Segment's Java library calls the batch.
                                Stream.of("/v1/import", "/v1/import/")
                                        .map(path -> route(path, Call.BATCH)))
                        .toArray(Route[]::new));
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

    private Response take(Call call, Request request) throws IOException {
        // A write key in a web page is known to all: one address alone cannot use it up for others.
        analytics.take(
                call,
                writeKey(request.head()),
                unpacked(request),
                source ->
                        request.provenBy(
                                source.organisation(),
                                source.id() + " " + request.head().client()));
        return Response.json(new Taken(true));
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

    /** A small packed body can hold a large one: unpacking stops one byte behind the limit. */
    private static byte[] unpacked(Request request) throws IOException {
        String coding = request.header("Content-Encoding").orElse("").strip();
        if (coding.isEmpty() || coding.equalsIgnoreCase("identity")) {
            return request.bytes();
        }
        // RFC 9110 section 8.4.1.3: x-gzip is the same.
        if (!coding.equalsIgnoreCase("gzip") && !coding.equalsIgnoreCase("x-gzip")) {
            throw WRONG_CONTENT_CODING
                    .because(coding, "gzip or as it is")
                    .header("Accept-Encoding", "gzip, identity");
        }
        byte[] body = request.bytes();
        try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return unpacked.readNBytes(Math.toIntExact(LIMIT.bytes()) + 1);
        } catch (IOException broken) {
            throw AnalyticsRefusal.EVENTS_MALFORMED.because("the gzip body cannot be unpacked");
        }
    }
}
