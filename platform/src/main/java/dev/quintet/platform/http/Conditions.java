package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.PRECONDITION_FAILED;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * Holds reads against their conditions (RFC 9110 section 13.2.2), by the answer's own validators.
 */
final class Conditions {

    private Conditions() {}

    static Response apply(Response answer, Head head) {
        boolean read = head.method().equals("GET") || head.method().equals("HEAD");
        if (!read || answer.status() != 200) {
            return answer;
        }
        if (!asExpected(answer, head)) {
            throw PRECONDITION_FAILED.because();
        }
        return unchanged(answer, head)
                ? answer.body(new Response.Body.Empty()).status(304)
                : answer;
    }

    private static boolean asExpected(Response answer, Head head) {
        Optional<String> expected = head.header("if-match");
        if (expected.isPresent()) {
            return expected.get().strip().equals("*")
                    || answer.header("ETag").filter(tag -> names(expected.get(), tag)).isPresent();
        }
        Optional<Instant> until = head.header("if-unmodified-since").flatMap(HttpDates::parse);
        Optional<Instant> modified = answer.header("Last-Modified").flatMap(HttpDates::parse);
        return until.isEmpty() || modified.isEmpty() || !modified.get().isAfter(until.get());
    }

    /**
     * Strong comparison: a weak tag is never the same (RFC 9110 section 8.8.3.2). S3 clients leave
     * out the quotes.
     */
    private static boolean names(String header, String tag) {
        return !tag.startsWith("W/")
                && Arrays.stream(header.split(",", -1))
                        .map(String::strip)
                        .anyMatch(each -> each.equals(tag) || tag.equals('"' + each + '"'));
    }

    private static boolean unchanged(Response answer, Head head) {
        Optional<String> known = head.header("if-none-match");
        if (known.isPresent()) {
            return answer.header("ETag").filter(tag -> lists(known.get(), tag)).isPresent();
        }
        Optional<Instant> since = head.header("if-modified-since").flatMap(HttpDates::parse);
        Optional<Instant> modified = answer.header("Last-Modified").flatMap(HttpDates::parse);
        return since.isPresent() && modified.isPresent() && !modified.get().isAfter(since.get());
    }

    /** Weak comparison: a read needs no more. */
    private static boolean lists(String header, String tag) {
        return header.strip().equals("*")
                || Arrays.stream(header.split(",", -1))
                        .map(each -> plain(each.strip()))
                        .anyMatch(plain(tag)::equals);
    }

    private static String plain(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
