package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.RANGE_NOT_SATISFIABLE;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Picks the part of a content that a request asks for (RFC 9110 section 14): one range of bytes.
 * Several ranges are answered with the whole, which section 14.2 allows.
 */
final class Ranges {

    /** The part to send and the head that goes with it. */
    record Part(Response head, long offset, long length) {}

    private static final Pattern ONE =
            Pattern.compile("bytes=\\s*([0-9]*)-([0-9]*)\\s*", Pattern.CASE_INSENSITIVE);

    private Ranges() {}

    static Response validators(Response answer, Content content) {
        Response with = answer.header("Accept-Ranges", "bytes");
        if (content.etag().isPresent() && answer.header("ETag").isEmpty()) {
            with = with.etag(content.etag().get());
        }
        if (content.modified().isPresent() && answer.header("Last-Modified").isEmpty()) {
            with = with.header("Last-Modified", HttpDates.show(content.modified().get()));
        }
        return with;
    }

    static Part choose(Response answer, Content content, Head head) {
        Part whole = new Part(answer, 0, content.length());
        Optional<String> asked = head.header("range");
        if (asked.isEmpty()
                || answer.status() != 200
                || !head.method().equals("GET")
                || !fresh(answer, head)) {
            return whole;
        }
        Matcher match = ONE.matcher(asked.get());
        if (!match.matches() || (match.group(1).isEmpty() && match.group(2).isEmpty())) {
            return whole;
        }
        long size = content.length();
        long first;
        long last = size - 1;
        if (match.group(1).isEmpty()) {
            first = Math.max(0, size - number(match.group(2)));
            if (size == 0 && number(match.group(2)) > 0) {
                // Satisfiable, and all there is (RFC 9110 section 14.1.2).
                return whole;
            }
        } else {
            first = number(match.group(1));
            if (!match.group(2).isEmpty()) {
                long end = number(match.group(2));
                if (end < first) {
                    return whole;
                }
                last = Math.min(last, end);
            }
        }
        if (first >= size || first > last) {
            throw RANGE_NOT_SATISFIABLE
                    .because(asked.get(), size)
                    .header("Content-Range", "bytes */" + size);
        }
        Response part =
                answer.status(206)
                        .header("Content-Range", "bytes " + first + "-" + last + "/" + size);
        return new Part(part, first, last - first + 1);
    }

    /** However many digits: nothing is as long as the largest number. */
    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException larger) {
            return Long.MAX_VALUE;
        }
    }

    /** If-Range: the part only if the client's rest is of the same content (strong comparison). */
    private static boolean fresh(Response answer, Head head) {
        Optional<String> condition = head.header("if-range");
        if (condition.isEmpty()) {
            return true;
        }
        String text = condition.get().strip();
        if (text.startsWith("\"")) {
            return answer.header("ETag").filter(text::equals).isPresent();
        }
        Optional<Instant> date = HttpDates.parse(text);
        return date.isPresent()
                && answer.header("Last-Modified").flatMap(HttpDates::parse).equals(date);
    }
}
