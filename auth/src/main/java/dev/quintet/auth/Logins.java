package dev.quintet.auth;

import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.people.EmailAddress;
import dev.quintet.platform.sql.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Who is signed in in which browser. Every sign-in makes a new session with a new secret. */
final class Logins {

    /** What comes of an email and a password. */
    sealed interface Outcome {

        /**
         * @param cookies what the browser keeps from now on
         */
        record Welcome(Session session, Cookies cookies) implements Outcome {}

        /** The same for a wrong password, an unknown email and a user without a password. */
        record Wrong() implements Outcome {}

        record Wait(Duration left) implements Outcome {}
    }

    private final Database db;
    private final AuthStore store;
    private final Secrets secrets;
    private final PasswordHashes hashes;
    private final Attempts attempts;
    private final Families families;
    private final Audit audit;
    private final Ids ids;
    private final Duration sessionLife;

    Logins(
            Database db,
            AuthStore store,
            Secrets secrets,
            PasswordHashes hashes,
            Families families,
            Audit audit,
            Ids ids,
            Duration sessionLife) {
        this.db = db;
        this.store = store;
        this.secrets = secrets;
        this.hashes = hashes;
        this.attempts = new Attempts(db, store, secrets);
        this.families = families;
        this.audit = audit;
        this.ids = ids;
        this.sessionLife = sessionLife;
    }

    Outcome signIn(UUID organisation, String email, String password, Browser browser) {
        hashes.requireRoom();
        List<String> forms = forms(email);
        Attempts.Counter counter =
                attempts.counter(organisation, forms.getLast(), browser.device());
        Optional<Duration> wait = attempts.begin(counter);
        if (wait.isPresent()) {
            return new Outcome.Wait(wait.get());
        }
        Optional<AuthStore.Login> login = db.read(tx -> store.login(tx, organisation, forms));
        Optional<PasswordHash> stored = login.flatMap(AuthStore.Login::password);
        boolean right =
                stored.isPresent()
                        ? hashes.matches(password, stored.get())
                        : hashes.matchesNobody(password);
        if (right) {
            return welcome(login.orElseThrow().user(), counter, browser);
        }
        Optional<UUID> person = login.map(found -> found.user().person());
        db.run(tx -> audit.record(tx, act(organisation, person, Act.Result.REFUSED, browser)));
        return new Outcome.Wrong();
    }

    /** What was typed as an email is not kept: people type passwords there. */
    private static Act act(
            UUID organisation, Optional<UUID> person, Act.Result result, Browser browser) {
        return new Act(
                organisation,
                "browser",
                person,
                "session.begin",
                person.map(IdKind.PERSON::show).orElse("unknown"),
                result,
                browser.address(),
                Map.of());
    }

    private Outcome welcome(User user, Attempts.Counter counter, Browser browser) {
        String secret = secrets.make(Kind.SESSION);
        UUID id = ids.next();
        Optional<Session> before = session(browser);
        Instant now =
                db.tx(tx -> {
                    store.clearAttempts(tx, counter);
                    before.ifPresent(old -> {
                        store.deleteSession(tx, old.id());
                        // The same person again: what the old one opened is signed out with the new
                        // one.
                        if (old.user().person().equals(user.person())) {
                            families.move(tx, old.id(), id);
                        }
                    });
                    Instant at =
                            store.insertSession(
                                    tx, id, secrets.hash(Kind.SESSION, secret), user, sessionLife);
                    audit.record(
                            tx,
                            act(
                                    user.organisation(),
                                    Optional.of(user.person()),
                                    Act.Result.DONE,
                                    browser));
                    return at;
                });
        Cookies cookies =
                new Cookies(
                        secrets.make(Kind.BROWSER),
                        Optional.of(secret),
                        Optional.of(attempts.device(browser.device(), counter)));
        return new Outcome.Welcome(new Session(id, user, now), cookies);
    }

    /** The session that the browser's secret opens. */
    Optional<Session> session(Browser browser) {
        return browser.session()
                .filter(secret -> secret.length() < 100)
                .flatMap(secret ->
                        db.read(tx -> store.session(tx, secrets.hashes(Kind.SESSION, secret))));
    }

    /** Ends the session and every sign-in at an application that it opened. */
    void end(Session session, Browser browser) {
        families.endOf(session, browser.address());
    }

    /** What a browser keeps after signing out. */
    Cookies farewell() {
        return new Cookies(secrets.make(Kind.BROWSER), Optional.of(""), Optional.empty());
    }

    /**
     * How an email may be stored, the form that counts last: as earlier versions compared it, in
     * lower case and no more, and as its key.
     */
    private static List<String> forms(String typed) {
        String stripped = typed.strip();
        String old = stripped.substring(0, Math.min(stripped.length(), 300));
        String lower = old.toLowerCase(Locale.ROOT);
        return EmailAddress.of(stripped)
                .map(address -> List.of(lower, address.key()))
                .orElse(List.of(lower));
    }

    /** What the browser is told to keep; an empty session takes the cookie away. */
    public record Cookies(String mark, Optional<String> session, Optional<String> device) {}
}
