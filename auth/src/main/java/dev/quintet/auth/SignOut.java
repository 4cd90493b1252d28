package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_REQUEST;

import dev.quintet.auth.Flows.Step;
import dev.quintet.auth.SignIn.Answer;
import dev.quintet.auth.SignIn.Shown;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.sql.Database;
import java.util.Map;
import java.util.Optional;

/** Signing out, also when an application asks for it (OpenID Connect RP-Initiated Logout 1.0). */
public final class SignOut {

    private final Database db;
    private final GrantStore store;
    private final Clients clients;
    private final Logins logins;
    private final Flows flows;
    private final Tokens tokens;
    private final SignIn signIn;

    SignOut(
            Database db,
            GrantStore store,
            Clients clients,
            Logins logins,
            Flows flows,
            Tokens tokens,
            SignIn signIn) {
        this.db = db;
        this.store = store;
        this.clients = clients;
        this.logins = logins;
        this.flows = flows;
        this.tokens = tokens;
        this.signIn = signIn;
    }

    /**
     * A request to sign out. An application that shows the ID token of this browser's sign-in is
     * obeyed; otherwise the person is asked, so that no foreign page signs anybody out.
     */
    public Answer ask(Parameters parameters, Browser browser) {
        SignIn.requireShort(parameters);
        requireOneClient(parameters);
        Optional<Session> session = logins.session(browser);
        if (session.isEmpty()) {
            return Answer.of(after(parameters));
        }
        if (hint(parameters).filter(hint -> isOf(session.get(), hint)).isPresent()) {
            return end(session.get(), parameters, browser);
        }
        return askPerson(session.get(), parameters);
    }

    /**
     * The same by form. Another site's form comes without the session's cookie, so whether anybody
     * is signed in shows only when it is led through an address of ours.
     */
    public Answer askByForm(Parameters parameters, Browser browser) {
        SignIn.requireShort(parameters);
        Optional<Answer> led = signIn.byAddress("/logout", parameters, browser);
        if (led.isEmpty() && browser.session().isEmpty()) {
            throw INVALID_REQUEST.because("the request does not fit into an address");
        }
        return led.orElseGet(() -> ask(parameters, browser));
    }

    /** The sign-out form. */
    public Answer confirm(Parameters form, Browser browser) {
        Optional<Flows.Opened> opened =
                flows.open(Step.LOGOUT, form.optional("flow").orElse(""), browser);
        if (opened.isEmpty()) {
            return Answer.of(new Shown.StartAgain());
        }
        Flows.Opened flow = opened.get();
        Optional<Session> session = logins.session(browser);
        if (session.isEmpty()) {
            return Answer.of(after(flow.parameters())).ends(flow);
        }
        boolean meant = flow.good() && flow.whose().equals(session.get().id().toString());
        return meant
                ? end(session.get(), flow.parameters(), browser).ends(flow)
                : askPerson(session.get(), flow.parameters());
    }

    private Answer askPerson(Session session, Parameters parameters) {
        Flows.Begun flow = flows.begin(Step.LOGOUT, parameters, session.id().toString(), false);
        return new Answer(
                new Shown.AskSignOut(flow.text(), target(parameters).isPresent()),
                Keep.AS_IT_IS.begins(flow));
    }

    private Answer end(Session session, Parameters parameters, Browser browser) {
        logins.end(session, browser);
        return new Answer(after(parameters), Logins.farewell());
    }

    /** The ID token is one of a sign-in that this very session opened. */
    private boolean isOf(Session session, Tokens.Hint hint) {
        return hint.subject().equals(IdKind.PERSON.show(session.user().person()))
                && hint.family()
                        .flatMap(family -> db.read(tx -> store.sessionOf(tx, family)))
                        .filter(session.id()::equals)
                        .isPresent();
    }

    /** OpenID Connect RP-Initiated Logout 1.0 section 2: the two must name the same client. */
    private void requireOneClient(Parameters parameters) {
        Optional<String> named = parameters.optional("client_id");
        if (hint(parameters)
                .filter(hint -> named.isPresent() && !named.get().equals(hint.client()))
                .isPresent()) {
            throw INVALID_REQUEST.because("client_id and id_token_hint name two clients");
        }
    }

    private Shown after(Parameters parameters) {
        Map<String, String> state =
                parameters.optional("state").map(value -> Map.of("state", value)).orElse(Map.of());
        return target(parameters)
                .<Shown>map(uri -> new Shown.Redirect(SignIn.withParameters(uri, state)))
                .orElseGet(Shown.SignedOut::new);
    }

    /** Where the application wants the browser back, if it registered that address. */
    private Optional<String> target(Parameters parameters) {
        Optional<Client> client =
                parameters
                        .optional("client_id")
                        .or(() -> hint(parameters).map(Tokens.Hint::client))
                        .flatMap(clients::find);
        return parameters
                .optional("post_logout_redirect_uri")
                .filter(uri ->
                        client.filter(known -> known.logoutUris().contains(uri)).isPresent());
    }

    private Optional<Tokens.Hint> hint(Parameters parameters) {
        return parameters.optional("id_token_hint").flatMap(tokens::hint);
    }
}
