package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.CROSS_SITE;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whose pages may do what: lets the configured origins call the API (CORS, Fetch standard), and
 * keeps forms that carry our cookies to our own pages.
 */
final class Origins {

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final String SECONDS = "600";
    // No setting changes what is open to all pages.
    private static final String FOR_ALL_PAGES_SECONDS = "86400";
    private static final String EXPOSED =
            "ETag, Location, Retry-After, X-Request-Id, Upload-Offset, Upload-Length,"
                    + " Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Upload-Expires,"
                    + " Content-Range, RateLimit";

    private final List<String> allowed;

    Origins(List<String> allowed) {
        this.allowed = allowed;
    }

    boolean isPreflight(Head head) {
        return head.method().equals("OPTIONS")
                && head.header("origin").isPresent()
                && head.header("access-control-request-method").isPresent();
    }

    /**
     * @param all whether the routes are open to all pages
     */
    Response preflight(Head head, Set<String> methods, boolean all) {
        Response answer = Response.empty(204).header("Vary", "Origin");
        if (granted(head, all).isEmpty()) {
            return answer;
        }
        return answer.header("Access-Control-Allow-Methods", String.join(", ", methods))
                .header(
                        "Access-Control-Allow-Headers",
                        head.header("access-control-request-headers").orElse("authorization"))
                .header("Access-Control-Max-Age", all ? FOR_ALL_PAGES_SECONDS : SECONDS);
    }

    /** Never with credentials: the API is called with a bearer, and cookies stay at home. */
    Response grant(Response answer, Head head, boolean all) {
        Optional<String> origin = granted(head, all);
        if (origin.isEmpty()) {
            return answer;
        }
        Response granted =
                answer.header("Access-Control-Allow-Origin", origin.get())
                        .header("Access-Control-Expose-Headers", EXPOSED);
        return answer.header("Vary").isPresent() ? granted : granted.header("Vary", "Origin");
    }

    private Optional<String> granted(Head head, boolean all) {
        if (all) {
            // Also for nobody: a cache may keep the answer for a page.
            return Optional.of("*");
        }
        return head.header("origin")
                .filter(origin -> allowed.contains("*") || allowed.contains(origin));
    }

    /**
     * Refuses an unsafe request with cookies that no page of ours sent. A browser tells by {@code
     * Sec-Fetch-Site}, an older one by {@code Origin}; a client that tells neither is no browser
     * and holds no cookies of a user.
     */
    void ownPagesOnly(Head head) {
        if (SAFE.contains(head.method()) || head.header("cookie").isEmpty()) {
            return;
        }
        Optional<String> site = head.header("sec-fetch-site");
        boolean own =
                site.isPresent()
                        ? site.get().equals("same-origin") || site.get().equals("none")
                        : head.header("origin").map(head.origin()::equals).orElse(true);
        if (!own) {
            throw CROSS_SITE.because();
        }
    }
}
