package dev.quintet.auth.http;

import dev.quintet.auth.Browser;
import dev.quintet.auth.SignIn;
import dev.quintet.platform.http.Cookie;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import java.time.Duration;
import java.util.Optional;

/**
 * The three cookies of a browser: its mark, its session, and its device. Whether they are {@code
 * __Host-} ones is decided by the configured address alone.
 */
final class Cookies {

    private static final String MARK = "quintet_browser";
    private static final String SESSION = "quintet_session";
    private static final String DEVICE = "quintet_device";

    private static final Duration MARK_LIFE = Duration.ofDays(1);
    private static final Duration DEVICE_LIFE = Duration.ofDays(365);
    private static final int LONGEST = 500;

    private final boolean https;
    private final Duration sessionLife;

    Cookies(boolean https, Duration sessionLife) {
        this.https = https;
        this.sessionLife = sessionLife;
    }

    /** The browser that asks; one without a mark is given {@code fresh}. */
    Browser browser(Request request, String fresh) {
        return new Browser(
                cookie(request, MARK).orElse(fresh),
                cookie(request, SESSION),
                cookie(request, DEVICE),
                request.head().client());
    }

    /** Adds what the browser is to keep. */
    Response keep(Response response, Browser browser, Request request, SignIn.Answer answer) {
        Response keeping = response;
        if (answer.cookies().isEmpty() && cookie(request, MARK).isEmpty()) {
            return keeping.cookie(Cookie.of(MARK, browser.mark(), MARK_LIFE, https));
        }
        if (answer.cookies().isPresent()) {
            var cookies = answer.cookies().get();
            keeping = keeping.cookie(Cookie.of(MARK, cookies.mark(), MARK_LIFE, https));
            if (cookies.session().isPresent()) {
                String session = cookies.session().get();
                keeping =
                        keeping.cookie(
                                session.isEmpty()
                                        ? Cookie.gone(SESSION, https)
                                        : Cookie.of(SESSION, session, sessionLife, https));
            }
            if (cookies.device().isPresent()) {
                keeping =
                        keeping.cookie(
                                Cookie.of(DEVICE, cookies.device().get(), DEVICE_LIFE, https));
            }
        }
        return keeping;
    }

    // The head adds the prefix by the scheme that it saw; a proxy that hides https must not change
    // the name.
    private Optional<String> cookie(Request request, String name) {
        boolean prefixed = https && !request.head().https();
        return request.cookie(prefixed ? "__Host-" + name : name)
                .filter(value -> !value.isEmpty() && value.length() <= LONGEST);
    }
}
