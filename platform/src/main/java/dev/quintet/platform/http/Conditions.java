package dev.quintet.platform.http;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** Answers conditional reads with 304 (RFC 9110 section 13) from the answer's own validators. */
final class Conditions {

    private Conditions() {}

    static Response apply(Response answer, Head head) {
        boolean read = head.method().equals("GET") || head.method().equals("HEAD");
        if (!read || answer.status() != 200 || !unchanged(answer, head)) {
            return answer;
        }
        return answer.body(new Response.Body.Empty()).status(304);
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
