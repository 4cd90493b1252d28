package dev.quintet.auth;

import dev.quintet.auth.Flows.Step;
import dev.quintet.auth.SignIn.Answer;
import dev.quintet.auth.SignIn.Shown;
import dev.quintet.platform.IdKind;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Signing out, also when an application asks for it (OpenID Connect RP-Initiated Logout 1.0). */
public final class SignOut {

    private final Clients clients;
    private final Logins logins;
    private final Flows flows;
    private final Tokens tokens;

    SignOut(Clients clients, Logins logins, Flows flows, Tokens tokens) {
        this.clients = clients;
        this.logins = logins;
        this.flows = flows;
        this.tokens = tokens;
    }

    /**
     * A request to sign out. An application that shows the ID token of whoever is signed in is
     * obeyed; otherwise the person is asked, so that no foreign page signs anybody out.
     */
    public Answer ask(Parameters parameters, Browser browser) {
        Optional<Session> session = logins.session(browser);
        if (session.isEmpty()) {
            return Answer.of(after(parameters));
        }
        String subject = IdKind.PERSON.show(session.get().user().person());
        if (hint(parameters).filter(hint -> hint.subject().equals(subject)).isPresent()) {
            return end(session, parameters, browser);
        }
        String flow = flows.seal(Step.LOGOUT, parameters, browser.mark());
        return Answer.of(
                new Shown.AskSignOut(
                        flow,
                        target(parameters).map(uri -> RedirectUri.originOf(URI.create(uri)))));
    }

    /** The sign-out form. */
    public Answer confirm(Parameters form, Browser browser) {
        return flows.open(Step.LOGOUT, form.optional("flow").orElse(""), browser.mark())
                .map(parameters -> end(logins.session(browser), parameters, browser))
                .orElseGet(() -> Answer.of(new Shown.StartAgain()));
    }

    private Answer end(Optional<Session> session, Parameters parameters, Browser browser) {
        session.ifPresent(live -> logins.end(live, browser));
        return new Answer(after(parameters), Optional.of(logins.farewell()));
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
