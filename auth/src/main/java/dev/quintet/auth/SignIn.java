package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.ACCESS_DENIED;
import static dev.quintet.auth.OAuthError.CONSENT_REQUIRED;
import static dev.quintet.auth.OAuthError.INVALID_REQUEST;
import static dev.quintet.auth.OAuthError.LOGIN_REQUIRED;

import dev.quintet.auth.Flows.Step;
import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.sql.Database;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The way of a browser from an application's request to the code that it takes back: sign in,
 * perhaps consent. Each step hands its state to the next by a sealed flow; what is shown is the
 * caller's business.
 */
public final class SignIn {

    // A code is exchanged at once by the application's own server or page.
    private static final Duration CODE_LIFE = Duration.ofSeconds(60);
    private static final int LONGEST_REQUEST = 5_000;

    // A request line of 8 KiB holds it with room for the rest.
    private static final int LONGEST_ADDRESS = 7_000;

    // A browser that keeps cookies sends one back at once; a tab may come back days later.
    private static final Duration AT_ONCE = Duration.ofMinutes(1);

    /** What the browser is shown, or where it is sent. */
    public sealed interface Shown {

        /** Sent on, after a form always by 303 (RFC 9700 section 4.12). */
        record Redirect(String to) implements Shown {}

        /** Asked for email and password; a good answer leads on to the application. */
        record AskPassword(
                String flow, Optional<String> application, String email, Optional<Problem> problem)
                implements Shown {}

        record AskConsent(String flow, String application, String email, Set<String> scopes)
                implements Shown {}

        record SignedIn(String email) implements Shown {}

        /**
         * @param leadsOn whether an application waits for the browser afterwards
         */
        record AskSignOut(String flow, boolean leadsOn) implements Shown {}

        record SignedOut() implements Shown {}

        /** No flow of ours, or one of another step: nobody knows what was asked for. */
        record StartAgain() implements Shown {}

        /** The browser gives no cookie back. */
        record CookiesNeeded() implements Shown {}
    }

    /** Why a sign-in did not succeed. */
    public sealed interface Problem {

        record Wrong() implements Problem {}

        record Wait(Duration left) implements Problem {}
    }

    /** What is shown, and what the browser is to keep. */
    public record Answer(Shown shown, Keep keep) {

        static Answer of(Shown shown) {
            return new Answer(shown, Keep.AS_IT_IS);
        }

        Answer ends(Flows.Opened flow) {
            return new Answer(shown, keep.ends(flow.id()));
        }
    }

    /**
     * Since when a request is under way, as a flow tells: who signed in after that has signed in
     * for it.
     *
     * @param begun empty for a request that comes from its application
     * @param again whether its flow is to replace one that came without its cookie
     */
    private record Since(Optional<Instant> begun, boolean again) {

        static final Since NOW = new Since(Optional.empty(), false);
    }

    private final Database db;
    private final AuthStore store;
    private final GrantStore grants;
    private final Secrets secrets;
    private final Clients clients;
    private final Logins logins;
    private final Flows flows;
    private final Context context;

    /** Where and when, and what is asked on the way. */
    record Context(URI issuer, InstantSource time, Tokens tokens, Audit audit) {}

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

    /**
     * An authorization request. A wrong client or redirect address is thrown, to be shown here;
     * every other error goes back to the application (RFC 6749 section 4.1.2.1).
     */
    public Answer authorize(Parameters parameters, Browser browser) {
        requireShort(parameters);
        return answer(parameters, browser, Since.NOW);
    }

    /**
     * The same by form (OpenID Connect Core section 3.1.2.1). Another site's form comes without the
     * session's cookie, so it is led through an address of ours, to which browsers give it.
     */
    public Answer authorizeByForm(Parameters parameters, Browser browser) {
        requireShort(parameters);
        var _ = redirectUri(client(parameters), parameters);
        return byAddress("/oauth2/authorize", parameters, browser)
                .orElseGet(() -> answer(parameters, browser, Since.NOW));
    }

    static void requireShort(Parameters parameters) {
        int length =
                parameters.values().values().stream()
                        .mapToInt(value -> value.getBytes(StandardCharsets.UTF_8).length)
                        .sum();
        if (length > LONGEST_REQUEST) {
            throw INVALID_REQUEST.because(
                    "the request is longer than " + LONGEST_REQUEST + " bytes");
        }
    }

    /** Where a form that came without a session is led on to, if it fits into an address. */
    Optional<Answer> byAddress(String path, Parameters parameters, Browser browser) {
        if (browser.session().isPresent() || !parameters.repeated().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(withParameters(context.issuer() + path, parameters.values()))
                .filter(to -> to.length() <= LONGEST_ADDRESS)
                .map(to -> Answer.of(new Shown.Redirect(to)));
    }

    private Answer answer(Parameters parameters, Browser browser, Since since) {
        Client client = client(parameters);
        String redirectUri = redirectUri(client, parameters);
        try {
            Resources.requireOwn(parameters, context.issuer().toString());
            AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, parameters);
            return proceed(request, parameters, browser, since);
        } catch (Refused refused) {
            if (!(refused.refusal() instanceof OAuthError error)) {
                throw refused;
            }
            return Answer.of(
                    backWithError(redirectUri, state(parameters), error, refused.detail()));
        }
    }

    private Answer proceed(
            AuthorizeRequest request, Parameters parameters, Browser browser, Since since) {
        Optional<Session> session = session(request, browser, since);
        if (session.isPresent()) {
            return consentOrCode(request, parameters, session.get(), Keep.AS_IT_IS);
        }
        if (request.isSilent()) {
            throw LOGIN_REQUIRED.because(
                    "nobody, or somebody else, is signed in in this browser, or did so too long ago");
        }
        Flows.Begun flow = flows.begin(Step.LOGIN, parameters, "", since.again());
        return new Answer(
                new Shown.Redirect(context.issuer() + "/login?flow=" + flow.text()),
                Keep.AS_IT_IS.begins(flow));
    }

    /** The live session, if it is one that answers the request. */
    private Optional<Session> session(AuthorizeRequest request, Browser browser, Since since) {
        return logins.session(browser)
                .filter(found -> isFor(found, request.client()))
                .filter(found -> isFresh(found, request))
                .filter(found -> isWhoWasMeant(found, request))
                .filter(found ->
                        !request.asksAnew()
                                || since.begun()
                                        .filter(begun -> !found.signedInAt().isBefore(begun))
                                        .isPresent());
    }

    /** What came of a request whose flow has no cookie any more, or is too old: it begins anew. */
    private Answer restart(Flows.Opened stale, Browser browser) {
        Instant now = context.time().instant();
        boolean justBegun = stale.begun().plus(AT_ONCE).isAfter(now);
        if (stale.again() && justBegun && browser.flows().isEmpty() && isNobody(browser)) {
            return Answer.of(new Shown.CookiesNeeded());
        }
        return isOwn(stale)
                ? ownPage(browser, true)
                : answer(
                        stale.parameters(),
                        browser,
                        new Since(
                                Optional.of(stale.begun())
                                        .filter(begun -> begun.plus(Flows.LIFE).isAfter(now)),
                                true));
    }

    private static boolean isNobody(Browser browser) {
        return browser.session().isEmpty();
    }

    /** Whether nobody but the person himself asked for it. */
    private static boolean isOwn(Flows.Opened flow) {
        return flow.parameters().optional("client_id").isEmpty();
    }

    /** The sign-in page; without a flow for whoever comes by himself. */
    public Answer showLogin(Optional<String> text, Browser browser) {
        if (text.isEmpty()) {
            return ownPage(browser, false);
        }
        Optional<Flows.Opened> opened = flows.open(Step.LOGIN, text.get(), browser);
        if (opened.isEmpty()) {
            return Answer.of(new Shown.StartAgain());
        }
        Flows.Opened flow = opened.get();
        if (!flow.good()) {
            return restart(flow, browser);
        }
        return signedInMeanwhile(flow, browser)
                .orElseGet(() ->
                        Answer.of(
                                askPassword(
                                        text.get(),
                                        flow.parameters(),
                                        flow.parameters().optional("login_hint").orElse(""),
                                        Optional.empty())));
    }

    private Answer ownPage(Browser browser, boolean again) {
        Optional<Session> session = logins.session(browser);
        if (session.isPresent()) {
            return Answer.of(new Shown.SignedIn(session.get().user().email()));
        }
        Parameters nothing = new Parameters(Map.of(), Set.of());
        Flows.Begun own = flows.begin(Step.LOGIN, nothing, "", again);
        return new Answer(
                askPassword(own.text(), nothing, "", Optional.empty()), Keep.AS_IT_IS.begins(own));
    }

    /** Another tab has signed in since: this one goes on with that. */
    private Optional<Answer> signedInMeanwhile(Flows.Opened flow, Browser browser) {
        if (isOwn(flow)) {
            return logins.session(browser)
                    .map(live -> Answer.of(new Shown.SignedIn(live.user().email())).ends(flow));
        }
        Client client = client(flow.parameters());
        String redirectUri = redirectUri(client, flow.parameters());
        AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, flow.parameters());
        return session(request, browser, new Since(Optional.of(flow.begun()), false))
                .map(live ->
                        consentOrCode(request, flow.parameters(), live, Keep.AS_IT_IS).ends(flow));
    }

    /** The sign-in form. */
    public Answer signIn(Parameters form, Browser browser) {
        String text = form.optional("flow").orElse("");
        Optional<Flows.Opened> opened = flows.open(Step.LOGIN, text, browser);
        if (opened.isEmpty()) {
            return Answer.of(new Shown.StartAgain());
        }
        Flows.Opened flow = opened.get();
        if (!flow.good()) {
            // No password is looked at: this form may be somebody else's.
            return restart(flow, browser);
        }
        Parameters parameters = flow.parameters();
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
                            askPassword(text, parameters, email, Optional.of(new Problem.Wrong())));
            case Logins.Outcome.Wait(Duration left) ->
                    Answer.of(
                            askPassword(
                                    text, parameters, email, Optional.of(new Problem.Wait(left))));
            case Logins.Outcome.Welcome(Session session, Keep keep) ->
                    client.map(known -> after(known, parameters, session, keep))
                            .orElseGet(() ->
                                    new Answer(
                                            new Shown.Redirect(context.issuer() + "/login"), keep))
                            .ends(flow);
        };
    }

    private Answer after(Client client, Parameters parameters, Session session, Keep keep) {
        String redirectUri = redirectUri(client, parameters);
        AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, parameters);
        if (!isWhoWasMeant(session, request)) {
            return new Answer(
                    backWithError(
                            redirectUri,
                            state(parameters),
                            LOGIN_REQUIRED,
                            "somebody else has signed in than id_token_hint names"),
                    keep);
        }
        return consentOrCode(request, parameters, session, keep);
    }

    /** The consent form. */
    public Answer consent(Parameters form, Browser browser) {
        String text = form.optional("flow").orElse("");
        Optional<Flows.Opened> opened = flows.open(Step.CONSENT, text, browser);
        if (opened.isEmpty()) {
            return Answer.of(new Shown.StartAgain());
        }
        Flows.Opened flow = opened.get();
        Parameters parameters = flow.parameters();
        Client client = client(parameters);
        // What one person was shown is not what another one agrees to.
        Optional<Session> session =
                logins.session(browser)
                        .filter(found -> isFor(found, client))
                        .filter(found -> flow.whose().equals(shown(found)));
        if (!flow.good() || session.isEmpty()) {
            return restart(flow, browser);
        }
        String redirectUri = redirectUri(client, parameters);
        if (!form.optional("decision").orElse("").equals("allow")) {
            // Its flow stays: whoever goes back can still allow it.
            return Answer.of(
                    backWithError(
                            redirectUri,
                            state(parameters),
                            ACCESS_DENIED,
                            "the person did not allow it"));
        }
        AuthorizeRequest request = AuthorizeRequest.read(client, redirectUri, parameters);
        Set<String> scopes = Scopes.narrow(request.scopes(), session.get().user().scopes());
        allow(client, session.get(), scopes, browser);
        return Answer.of(code(request, session.get(), scopes)).ends(flow);
    }

    private void allow(Client client, Session session, Set<String> scopes, Browser browser) {
        User user = session.user();
        db.run(tx -> {
            store.putConsent(tx, user.person(), client.id(), scopes);
            context.audit()
                    .record(
                            tx,
                            new Act(
                                    user.organisation(),
                                    "browser",
                                    Optional.of(user.person()),
                                    "consent.give",
                                    client.shownId(),
                                    Act.Result.DONE,
                                    browser.address(),
                                    Map.of("scopes", String.join(" ", new TreeSet<>(scopes)))));
        });
    }

    private static String shown(Session session) {
        return IdKind.PERSON.show(session.user().person());
    }

    private Answer consentOrCode(
            AuthorizeRequest request, Parameters parameters, Session session, Keep keep) {
        Client client = request.client();
        User user = session.user();
        Set<String> scopes = Scopes.narrow(request.scopes(), user.scopes());
        boolean known =
                client.firstParty()
                        || db.read(tx -> store.consent(tx, user.person(), client.id()))
                                .containsAll(scopes);
        if (known && !request.prompts().contains("consent")) {
            return new Answer(code(request, session, scopes), keep);
        }
        if (request.isSilent()) {
            throw CONSENT_REQUIRED.because("the person has not allowed this yet");
        }
        Flows.Begun flow = flows.begin(Step.CONSENT, parameters, shown(session), false);
        return new Answer(
                new Shown.AskConsent(flow.text(), client.name(), user.email(), scopes),
                keep.begins(flow));
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
        return new Shown.AskPassword(flow, client.map(Client::name), email, problem);
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

    /** The application may have named whom it means (OpenID Connect Core section 3.1.2.1). */
    private boolean isWhoWasMeant(Session session, AuthorizeRequest request) {
        if (request.idTokenHint().isEmpty()) {
            return true;
        }
        Optional<Tokens.Hint> hint = request.idTokenHint().flatMap(context.tokens()::hint);
        // One that cannot be read any more names nobody: then the person decides, if asked.
        return hint.map(meant -> meant.subject().equals(shown(session)))
                .orElse(!request.isSilent());
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
