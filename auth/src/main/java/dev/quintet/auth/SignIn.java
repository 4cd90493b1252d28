package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.ACCESS_DENIED;
import static dev.quintet.auth.OAuthError.CONSENT_REQUIRED;
import static dev.quintet.auth.OAuthError.INVALID_REQUEST;
import static dev.quintet.auth.OAuthError.LOGIN_REQUIRED;

import dev.quintet.auth.Flows.Step;
import dev.quintet.auth.Logins.Cookies;
import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.sql.Database;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The way of a browser from an application's request to the code that it takes back: sign in,
 * perhaps consent. Each step hands its state to the next by a sealed flow; what is shown is the
 * caller's business.
 */
public final class SignIn {

    // A code is exchanged at once by the application's own server or page.
    private static final Duration CODE_LIFE = Duration.ofSeconds(60);
    private static final int LONGEST_REQUEST = 5_000;

    /** What the browser is shown, or where it is sent. */
    public sealed interface Shown {

        /** Sent on, after a form always by 303 (RFC 9700 section 4.12). */
        record Redirect(String to) implements Shown {}

        /**
         * Asked for email and password.
         *
         * @param leadsTo the origin that a good answer redirects to
         */
        record AskPassword(
                String flow,
                Optional<String> application,
                String email,
                Optional<Problem> problem,
                Optional<String> leadsTo)
                implements Shown {}

        record AskConsent(
                String flow, String application, String email, Set<String> scopes, String leadsTo)
                implements Shown {}

        record SignedIn(String email) implements Shown {}

        record AskSignOut(String flow, Optional<String> leadsTo) implements Shown {}

        record SignedOut() implements Shown {}

        /** A flow that another browser began, or that waited for too long. */
        record StartAgain() implements Shown {}
    }

    /** Why a sign-in did not succeed. */
    public sealed interface Problem {

        record Wrong() implements Problem {}

        record Wait(Duration left) implements Problem {}
    }

    /** What is shown, and what the browser is to keep. */
    public record Answer(Shown shown, Optional<Cookies> cookies) {

        static Answer of(Shown shown) {
            return new Answer(shown, Optional.empty());
        }
    }

    private final Database db;
    private final AuthStore store;
    private final GrantStore grants;
    private final Secrets secrets;
    private final Clients clients;
    private final Logins logins;
    private final Flows flows;
    private final Context context;

    /** Where and when. */
    record Context(URI issuer, InstantSource time) {}

    SignIn(
            Database db,
            AuthStore store,
            GrantStore grants,
            Secrets secrets,
            Clients clients,
            Logins logins,
            Flows flows,
            Context context) {
        this.db = db;
        this.store = store;
        this.grants = grants;
        this.secrets = secrets;
        this.clients = clients;
        this.logins = logins;
        this.flows = flows;
        this.context = context;
    }

    /** A mark for a browser that has none yet. */
    public String newMark() {
        return secrets.make(Kind.BROWSER);
    }

    /**
     * An authorization request. A wrong client or redirect address is thrown, to be shown here;
     * every other error goes back to the application (RFC 6749 section 4.1.2.1).
     */
    public Answer authorize(Parameters parameters, Browser browser) {
        int length = parameters.values().values().stream().mapToInt(String::length).sum();
        if (length > LONGEST_REQUEST) {
            throw INVALID_REQUEST.because("the request is longer than " + LONGEST_REQUEST);
        }
        Client client = client(parameters);
        String redirectUri = redirectUri(client, parameters);
        try {
            AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, parameters);
            return proceed(request, parameters, browser);
        } catch (Refused refused) {
            if (!(refused.refusal() instanceof OAuthError error)) {
                throw refused;
            }
            return Answer.of(
                    backWithError(redirectUri, state(parameters), error, refused.detail()));
        }
    }

    private Answer proceed(AuthorizeRequest request, Parameters parameters, Browser browser) {
        Optional<Session> session =
                logins.session(browser)
                        .filter(found -> isFor(found, request.client()))
                        .filter(found -> isFresh(found, request));
        boolean silent = request.prompts().contains("none");
        if (session.isEmpty() || request.prompts().contains("login")) {
            if (silent) {
                throw LOGIN_REQUIRED.because("nobody is signed in in this browser");
            }
            String flow = flows.seal(Step.LOGIN, parameters, browser.mark());
            return Answer.of(new Shown.Redirect(context.issuer() + "/login?flow=" + flow));
        }
        return Answer.of(consentOrCode(request, parameters, session.get(), browser.mark()));
    }

    /** The sign-in page; without a flow for whoever comes by himself. */
    public Answer showLogin(Optional<String> flow, Browser browser) {
        if (flow.isEmpty()) {
            Optional<Session> session = logins.session(browser);
            if (session.isPresent()) {
                return Answer.of(new Shown.SignedIn(session.get().user().email()));
            }
            Parameters nothing = new Parameters(Map.of(), Set.of());
            String own = flows.seal(Step.LOGIN, nothing, browser.mark());
            return Answer.of(askPassword(own, nothing, "", Optional.empty()));
        }
        return Answer.of(
                flows.open(Step.LOGIN, flow.get(), browser.mark())
                        .map(parameters ->
                                askPassword(
                                        flow.get(),
                                        parameters,
                                        parameters.optional("login_hint").orElse(""),
                                        Optional.empty()))
                        .orElseGet(Shown.StartAgain::new));
    }

    /** The sign-in form. */
    public Answer signIn(Parameters form, Browser browser) {
        String flow = form.optional("flow").orElse("");
        Optional<Parameters> opened = flows.open(Step.LOGIN, flow, browser.mark());
        if (opened.isEmpty()) {
            return Answer.of(new Shown.StartAgain());
        }
        Parameters parameters = opened.get();
        Optional<Client> client = parameters.optional("client_id").map(any -> client(parameters));
        String email = form.optional("email").orElse("");
        String password = form.optional("password").orElse("");
        Logins.Outcome outcome =
                logins.signIn(
                        client.map(Client::organisation).orElse(Caller.ROOT),
                        email,
                        password,
                        browser);
        return switch (outcome) {
            case Logins.Outcome.Wrong() ->
                    Answer.of(
                            askPassword(flow, parameters, email, Optional.of(new Problem.Wrong())));
            case Logins.Outcome.Wait(Duration left) ->
                    Answer.of(
                            askPassword(
                                    flow, parameters, email, Optional.of(new Problem.Wait(left))));
            case Logins.Outcome.Welcome(Session session, Cookies cookies) ->
                    new Answer(
                            client.map(known -> after(known, parameters, session, cookies.mark()))
                                    .orElseGet(
                                            () -> new Shown.Redirect(context.issuer() + "/login")),
                            Optional.of(cookies));
        };
    }

    private Shown after(Client client, Parameters parameters, Session session, String mark) {
        String redirectUri = redirectUri(client, parameters);
        AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, parameters);
        return consentOrCode(request, parameters, session, mark);
    }

    /** The consent form. */
    public Answer consent(Parameters form, Browser browser) {
        String flow = form.optional("flow").orElse("");
        Optional<Parameters> opened = flows.open(Step.CONSENT, flow, browser.mark());
        Optional<Session> session = logins.session(browser);
        if (opened.isEmpty() || session.isEmpty()) {
            return Answer.of(new Shown.StartAgain());
        }
        Parameters parameters = opened.get();
        Client client = client(parameters);
        if (!isFor(session.get(), client)) {
            return Answer.of(new Shown.StartAgain());
        }
        String redirectUri = redirectUri(client, parameters);
        if (!form.optional("decision").orElse("").equals("allow")) {
            return Answer.of(
                    backWithError(
                            redirectUri,
                            state(parameters),
                            ACCESS_DENIED,
                            "the person did not allow it"));
        }
        AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, parameters);
        Set<String> scopes = Scopes.narrow(request.scopes(), session.get().user().scopes());
        db.run(tx -> store.putConsent(tx, session.get().user().person(), client.id(), scopes));
        return Answer.of(code(request, session.get(), scopes));
    }

    private Shown consentOrCode(
            AuthorizeRequest request, Parameters parameters, Session session, String mark) {
        Client client = request.client();
        User user = session.user();
        Set<String> scopes = Scopes.narrow(request.scopes(), user.scopes());
        boolean known =
                client.firstParty()
                        || db.read(tx -> store.consent(tx, user.person(), client.id()))
                                .containsAll(scopes);
        if (known && !request.prompts().contains("consent")) {
            return code(request, session, scopes);
        }
        if (request.prompts().contains("none")) {
            throw CONSENT_REQUIRED.because("the person has not allowed this yet");
        }
        return new Shown.AskConsent(
                flows.seal(Step.CONSENT, parameters, mark),
                client.name(),
                user.email(),
                scopes,
                RedirectUri.originOf(URI.create(request.redirectUri())));
    }

    private Shown code(AuthorizeRequest request, Session session, Set<String> scopes) {
        String code = secrets.make(Kind.CODE);
        User user = session.user();
        GrantStore.CodeRow row =
                new GrantStore.CodeRow(
                        secrets.hash(Kind.CODE, code),
                        user.organisation(),
                        request.client().id(),
                        user.person(),
                        session.id(),
                        scopes,
                        request.redirectUri(),
                        request.challenge(),
                        request.nonce(),
                        session.signedInAt(),
                        false,
                        Optional.empty());
        db.run(tx -> grants.insertCode(tx, row, CODE_LIFE));
        return back(request.redirectUri(), request.state(), Map.of("code", code));
    }

    private Shown askPassword(
            String flow, Parameters parameters, String email, Optional<Problem> problem) {
        Optional<Client> client = parameters.optional("client_id").flatMap(clients::find);
        return new Shown.AskPassword(
                flow,
                client.map(Client::name),
                email,
                problem,
                parameters
                        .optional("redirect_uri")
                        .map(uri -> RedirectUri.originOf(URI.create(uri))));
    }

    private Client client(Parameters parameters) {
        return clients.find(parameters.required("client_id"))
                .orElseThrow(() -> INVALID_REQUEST.because("the client_id is unknown"));
    }

    private static String redirectUri(Client client, Parameters parameters) {
        String asked = parameters.required("redirect_uri");
        if (!client.allowsRedirect(asked)) {
            throw INVALID_REQUEST.because("the redirect_uri is not one that the client registered");
        }
        return asked;
    }

    /** A session of one organisation is nobody in another. */
    private static boolean isFor(Session session, Client client) {
        return session.user().organisation().equals(client.organisation());
    }

    private boolean isFresh(Session session, AuthorizeRequest request) {
        return request.maxAge()
                .map(age -> session.signedInAt().plus(age).isAfter(context.time().instant()))
                .orElse(true);
    }

    private static Optional<String> state(Parameters parameters) {
        return parameters.repeated().contains("state")
                ? Optional.empty()
                : parameters.optional("state");
    }

    private Shown backWithError(
            String redirectUri, Optional<String> state, OAuthError error, String why) {
        Map<String, String> answer = new LinkedHashMap<>();
        answer.put("error", error.wire());
        answer.put("error_description", why);
        return back(redirectUri, state, answer);
    }

    /** Every answer names the issuer, so that a client of several cannot be confused (RFC 9207). */
    private Shown back(String redirectUri, Optional<String> state, Map<String, String> answer) {
        Map<String, String> all = new LinkedHashMap<>(answer);
        state.ifPresent(value -> all.put("state", value));
        all.put("iss", context.issuer().toString());
        return new Shown.Redirect(withParameters(redirectUri, all));
    }

    static String withParameters(String uri, Map<String, String> parameters) {
        StringBuilder to = new StringBuilder(uri);
        parameters.forEach((name, value) ->
                to.append(to.indexOf("?") < 0 ? '?' : '&')
                        .append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return to.toString();
    }
}
