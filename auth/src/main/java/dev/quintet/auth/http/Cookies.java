package dev.quintet.auth.http;

import dev.quintet.auth.Browser;
import dev.quintet.auth.Keep;
import dev.quintet.platform.http.Cookie;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The cookies of a browser: its session, its device, and one for each flow that is under way in one
 * of its tabs. Whether they are {@code __Host-} ones is decided by the configured address alone.
 */
final class Cookies {

    private static final String FLOW = "quintet_flow_";
    private static final String SESSION = "quintet_session";
    private static final String DEVICE = "quintet_device";

    private static final Duration DEVICE_LIFE = Duration.ofDays(365);
    private static final int LONGEST = 500;

    // Tabs that are restored together; with more, the oldest one starts its request again.
    private static final int FLOWS = 8;
    private static final String FLOW_ID = "[0-9a-f]{16}";

    private final boolean https;
    private final Duration sessionLife;

    Cookies(boolean https, Duration sessionLife) {
        this.https = https;
        this.sessionLife = sessionLife;
    }

    /** The browser that asks. */
    Browser browser(Request request) {
        Map<String, String> flows =
                request.head().cookies(name(request, FLOW)).entrySet().stream()
                        .filter(flow -> flow.getKey().matches(FLOW_ID))
                        .filter(flow -> isBounded(flow.getValue()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new Browser(
                flows, cookie(request, SESSION), cookie(request, DEVICE), request.head().client());
    }

    /** Adds what the browser is to keep. */
    Response keep(Response response, Browser browser, Keep keep) {
        Response keeping = response;
        if (keep.begun().isPresent()) {
            Keep.Flow flow = keep.begun().get();
            keeping = keeping.cookie(Cookie.of(FLOW + flow.id(), flow.secret(), Keep.LIFE, https));
            for (String old : tooMany(browser)) {
                keeping = keeping.cookie(Cookie.gone(FLOW + old, https));
            }
        }
        if (keep.ended().isPresent()) {
            keeping = keeping.cookie(Cookie.gone(FLOW + keep.ended().get(), https));
        }
        if (keep.session().isPresent()) {
            String session = keep.session().get();
            keeping =
                    keeping.cookie(
                            session.isEmpty()
                                    ? Cookie.gone(SESSION, https)
                                    : Cookie.of(SESSION, session, sessionLife, https));
        }
        if (keep.device().isPresent()) {
            keeping = keeping.cookie(Cookie.of(DEVICE, keep.device().get(), DEVICE_LIFE, https));
        }
        return keeping;
    }

    /** The oldest ones, so that there is room for one more. */
    private static List<String> tooMany(Browser browser) {
        return browser.flows().keySet().stream()
                .sorted()
                .limit(Math.max(0, browser.flows().size() + 1 - FLOWS))
                .toList();
    }

    private Optional<String> cookie(Request request, String name) {
        return request.cookie(name(request, name)).filter(Cookies::isBounded);
    }

    private static boolean isBounded(String value) {
        return !value.isEmpty() && value.length() <= LONGEST;
    }

    // The head adds the prefix by the scheme that it saw; a proxy that hides https must not change
    // the name.
    private String name(Request request, String name) {
        return https && !request.head().https() ? "__Host-" + name : name;
    }
}
