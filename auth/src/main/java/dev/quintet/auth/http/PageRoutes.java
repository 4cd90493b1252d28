package dev.quintet.auth.http;

import static dev.quintet.auth.AuthRefusal.HASHES_BUSY;
import static dev.quintet.auth.OAuthError.INVALID_REQUEST;
import static dev.quintet.platform.caller.CallerRefusal.TOO_MANY_REQUESTS;

import dev.quintet.auth.Auth;
import dev.quintet.auth.Browser;
import dev.quintet.auth.Parameters;
import dev.quintet.auth.SignIn.Answer;
import dev.quintet.auth.SignIn.Problem;
import dev.quintet.auth.SignIn.Shown;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.RateLimits;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.StaticFiles;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;

/** The hosted pages, for browsers: authorization, sign-in, consent, sign-out. */
public final class PageRoutes {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final DataSize LIMIT = DataSize.kibibytes(32);
    private static final String BROWSER = "for browsers in which nobody is signed in yet";

    private static final StaticFiles FILES =
            StaticFiles.revalidated(PageRoutes.class.getClassLoader(), "dev/quintet/auth/pages");

    private final Auth auth;
    private final RateLimits limits;
    private final Cookies cookies;

    public PageRoutes(Auth auth, RateLimits limits, URI issuer, Duration sessionLife) {
        this.auth = auth;
        this.limits = limits;
        this.cookies = new Cookies("https".equals(issuer.getScheme()), sessionLife);
    }

    public Routes routes() {
        return Routes.of(
                        "auth",
                        Route.get("/oauth2/authorize")
                                .open(BROWSER)
                                .gives(303)
                                .refuses(INVALID_REQUEST)
                                .says("Sends the browser to sign in, or back with a code.")
                                .by(request ->
                                        answer(request, query(request), auth.signIn()::authorize)),
                        Route.post("/oauth2/authorize")
                                .open(BROWSER)
                                .takesBytes(LIMIT, FORM)
                                .gives(303)
                                .refuses(INVALID_REQUEST)
                                .says("The same by form (OpenID Connect Core section 3.1.2.1).")
                                .by(request ->
                                        answer(
                                                request,
                                                form(request),
                                                auth.signIn()::authorizeByForm)),
                        Route.get("/login")
                                .open(BROWSER)
                                .query("flow", "the request that led here, sealed")
                                .gives(200)
                                .says("The sign-in page.")
                                .by(this::login),
                        Route.get("/login/{file...}")
                                .open(BROWSER)
                                .gives(200)
                                .says("The style and the icon of these pages.")
                                .by(request -> FILES.answer(request.path("file"))),
                        Route.get("/logout")
                                .open(BROWSER)
                                .gives(200)
                                .refuses(INVALID_REQUEST)
                                .says(
                                        "Asks whether to sign out (OpenID Connect RP-Initiated Logout).")
                                .by(request ->
                                        answer(request, query(request), auth.signOut()::ask)),
                        Route.post("/logout")
                                .open("the form's sealed flow or an ID token is asked instead")
                                .takesBytes(LIMIT, FORM)
                                .gives(200)
                                .refuses(INVALID_REQUEST)
                                .says("The sign-out form, or an application's request by form.")
                                .by(this::logout))
                .refusingBy(PageRoutes::refused)
                .withPolicy(Pages.policy(false));
    }

    /** What only the pages themselves may send: no other site signs anybody in or consents. */
    public Routes forms() {
        return Routes.of(
                        "auth",
                        Route.post("/login")
                                .open("the form's sealed flow is asked instead")
                                .takesBytes(LIMIT, FORM)
                                .gives(303)
                                .refuses(HASHES_BUSY)
                                .refuses(TOO_MANY_REQUESTS)
                                .lane(Lane.HASH)
                                .says("The sign-in form.")
                                .by(this::signIn),
                        Route.post("/oauth2/consent")
                                .open("the form's sealed flow and the session are asked instead")
                                .takesBytes(LIMIT, FORM)
                                .gives(303)
                                .says("The consent form.")
                                .by(request ->
                                        answer(request, form(request), auth.signIn()::consent)))
                .withCookies()
                .refusingBy(PageRoutes::refused)
                .withPolicy(Pages.policy(false));
    }

    private Response login(Request request) {
        return answer(
                request,
                query(request),
                (parameters, browser) ->
                        auth.signIn().showLogin(parameters.optional("flow"), browser));
    }

    private Response signIn(Request request) {
        limits.admitSignIn(request.head().client());
        return answer(request, form(request), auth.signIn()::signIn);
    }

    private Response logout(Request request) {
        Parameters form = form(request);
        return answer(
                request,
                form,
                form.optional("flow").isPresent()
                        ? auth.signOut()::confirm
                        : auth.signOut()::askByForm);
    }

    private Response answer(
            Request request, Parameters parameters, BiFunction<Parameters, Browser, Answer> step) {
        Browser browser = cookies.browser(request);
        Answer answer = step.apply(parameters, browser);
        Response response = render(answer.shown()).header("Cache-Control", "no-store");
        return cookies.keep(response, browser, answer.keep());
    }

    private static Response render(Shown shown) {
        return switch (shown) {
            case Shown.Redirect(String to) -> Response.empty(303).header("Location", to);
            case Shown.AskPassword ask -> login(ask);
            case Shown.AskConsent ask ->
                    page(
                            Pages.consent(ask.application(), ask.email(), ask.scopes(), ask.flow()),
                            true);
            case Shown.SignedIn(String email) -> page(Pages.signedIn(email), false);
            case Shown.AskSignOut(String flow, boolean leadsOn) ->
                    page(Pages.logout(flow), leadsOn);
            case Shown.SignedOut() -> page(Pages.signedOut(), false);
            case Shown.StartAgain() ->
                    page(
                                    Pages.problem(
                                            "Start again",
                                            "This page has no sign-in that goes with it. Go back to"
                                                    + " the application and sign in there."),
                                    false)
                            .status(400);
            case Shown.CookiesNeeded() ->
                    page(
                                    Pages.problem(
                                            "Cookies are off",
                                            "Signing in needs cookies, and this browser keeps none"
                                                    + " for this address. Allow them, then go back to"
                                                    + " the application and sign in there."),
                                    false)
                            .status(400);
        };
    }

    private static Response login(Shown.AskPassword ask) {
        Optional<String> problem =
                ask.problem()
                        .map(why ->
                                switch (why) {
                                    case Problem.Wrong() ->
                                            "Email or password is not right. Check both and try again.";
                                    case Problem.Wait(Duration left) ->
                                            "Too many attempts. Wait "
                                                    + seconds(left)
                                                    + " seconds, then try again.";
                                });
        Response page =
                page(
                        Pages.login(ask.application(), ask.flow(), ask.email(), problem),
                        ask.application().isPresent());
        return ask.problem()
                .map(why ->
                        switch (why) {
                            case Problem.Wrong() -> page.status(400);
                            case Problem.Wait(Duration left) ->
                                    page.status(429)
                                            .header("Retry-After", Long.toString(seconds(left)));
                        })
                .orElse(page);
    }

    private static long seconds(Duration left) {
        return Math.max(1, left.plusMillis(999).toSeconds());
    }

    private static Response page(String html, boolean leadsOn) {
        return Response.html(html).header("Content-Security-Policy", Pages.policy(leadsOn));
    }

    /** Shown here and never redirected: the address to go back to is not one that we know. */
    private static Response refused(Refused refused, String requestId) {
        String title =
                refused.refusal().status() >= 500
                        ? "That did not work just now"
                        : "This request cannot be answered";
        return Response.html(Pages.problem(title, refused.detail()))
                .status(refused.refusal().status())
                .header("Cache-Control", "no-store");
    }

    private static Parameters query(Request request) {
        return Parameters.of(request.head().queryAll());
    }

    private static Parameters form(Request request) {
        return Parameters.of(request.form());
    }
}
