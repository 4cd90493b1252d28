package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_GRANT;

import dev.quintet.auth.Family.Verdict;
import dev.quintet.auth.Revocations.Subject;
import dev.quintet.auth.Secrets.Presented;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Outage;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Refresh tokens: a refresh advances its family's row by one conditional update, so of any number
 * that come at once exactly one advances and the others are given the same successor.
 */
final class Families {

    private static final String UNKNOWN = "the refresh token is unknown";

    private final Database db;
    private final GrantStore store;
    private final Secrets secrets;
    private final Revocations revocations;
    private final Audit audit;
    private final AuthConfig config;
    private final Supplier<Outage> outage;

    Families(
            Database db,
            GrantStore store,
            Secrets secrets,
            Revocations revocations,
            Audit audit,
            AuthConfig config,
            Supplier<Outage> outage) {
        this.db = db;
        this.store = store;
        this.secrets = secrets;
        this.revocations = revocations;
        this.audit = audit;
        this.config = config;
        this.outage = outage;
    }

    /** A family with its user, and the refresh token that is live in it now. */
    record Turned(Family family, User user, String refreshToken) {}

    /**
     * What a refresh came to; a refusal is told after the commit, because it may end the family.
     */
    private sealed interface Turn {

        record Given(Turned turned) implements Turn {}

        record Refused(String why) implements Turn {}
    }

    /**
     * @param asked refused, with the token unspent, if the family has less
     */
    Turned refresh(Client client, String text, Set<String> asked) {
        Presented token = read(text);
        return switch (db.tx(tx -> turn(tx, client, token, asked))) {
            case Turn.Given(Turned turned) -> turned;
            case Turn.Refused(String why) -> throw INVALID_GRANT.because(why);
        };
    }

    private Turn turn(Tx tx, Client client, Presented token, Set<String> asked) {
        Optional<GrantStore.FamilyRow> advanced =
                store.advance(
                        tx, token.family(), client.id(), token.generation(), config.refreshIdle());
        if (advanced.isPresent()) {
            // Thrown, so that the advance is rolled back: a family's id is no secret, and whoever
            // asks for too much has spent nothing.
            requireGenuine(token, advanced.get());
            Scopes.requireWithin(asked, advanced.get().family().scopes());
            return new Turn.Given(turned(advanced.get()));
        }
        // Someone was faster, or the family is over.
        GrantStore.FamilyRow row =
                store.family(tx, token.family())
                        .filter(found -> found.family().client().equals(client.id()))
                        .orElseThrow(() -> INVALID_GRANT.because(UNKNOWN));
        requireGenuine(token, row);
        return switch (row.family()
                .judge(token.generation(), row.now(), config.refreshGrace(), outage.get())) {
            case Verdict.SameSuccessor() -> {
                Scopes.requireWithin(asked, row.family().scopes());
                yield new Turn.Given(turned(row));
            }
            case Verdict.TooLate() ->
                    new Turn.Refused("the refresh token was used, and so was its successor");
            case Verdict.Dead() -> new Turn.Refused("the sign-in has ended");
            case Verdict.Replayed() -> {
                end(tx, List.of(row.family().id()));
                audit.record(
                        tx,
                        Act.byServer(
                                row.family().organisation(),
                                "auth",
                                "family.replay",
                                IdKind.PERSON.show(row.family().person())));
                yield new Turn.Refused(
                        "the refresh token was used before; as someone may hold a copy, this sign-in has ended");
            }
        };
    }

    private void requireGenuine(Presented token, GrantStore.FamilyRow row) {
        if (!secrets.isGenuine(token, row.family().seed())) {
            throw INVALID_GRANT.because(UNKNOWN);
        }
    }

    /** Opens a family, within the transaction that takes its code. */
    Turned open(Tx tx, UUID id, GrantStore.CodeRow code) {
        return store.insertFamily(
                        tx, id, code, secrets.seed(), config.refreshIdle(), config.refreshLongest())
                .map(this::turned)
                .orElseThrow(() -> INVALID_GRANT.because("the person is gone"));
    }

    /** Ends families and revokes their access tokens, within the transaction; gives the ended. */
    List<UUID> end(Tx tx, List<UUID> families) {
        List<UUID> ended = store.endFamilies(tx, families);
        // For as long as any token may live, whatever tokens are given today.
        revocations.revoke(
                tx, ended.stream().map(Subject::family).toList(), AuthConfig.LONGEST_TOKEN);
        return ended;
    }

    /** Ends the family of a refresh token, of whichever generation, for its own client. */
    boolean revoke(Client client, Family family, String address) {
        return db.tx(tx -> {
            boolean ended = !end(tx, List.of(family.id())).isEmpty();
            if (ended) {
                audit.record(
                        tx,
                        Act.byServer(
                                        family.organisation(),
                                        "client:" + client.shownId(),
                                        "family.revoke",
                                        IdKind.PERSON.show(family.person()))
                                .from(address));
            }
            return ended;
        });
    }

    /** A code came twice: what it gave ends, and is written down once. */
    void endReplayed(Tx tx, GrantStore.CodeRow code) {
        if (!end(tx, code.family().stream().toList()).isEmpty()) {
            audit.record(
                    tx,
                    Act.byServer(
                            code.organisation(),
                            "auth",
                            "code.replay",
                            IdKind.PERSON.show(code.person())));
        }
    }

    /** Ends the session and the families that it opened, but for those that are to outlast it. */
    void endOf(Session session, String address) {
        db.run(tx -> {
            List<UUID> opened = store.endSession(tx, session.id());
            revocations.revoke(
                    tx, opened.stream().map(Subject::family).toList(), AuthConfig.LONGEST_TOKEN);
            User user = session.user();
            audit.record(
                    tx,
                    new Act(
                            user.organisation(),
                            "browser",
                            Optional.of(user.person()),
                            "session.end",
                            IdKind.PERSON.show(user.person()),
                            Act.Result.DONE,
                            address,
                            Map.of()));
        });
    }

    void move(Tx tx, UUID fromSession, UUID toSession) {
        store.moveFamilies(tx, fromSession, toSession);
    }

    /** The live family of a genuine, live refresh token. */
    Optional<Family> find(String text) {
        return Secrets.readRefreshToken(text)
                .flatMap(token ->
                        ofAny(text).filter(family -> family.generation() == token.generation()));
    }

    /** The live family of a genuine refresh token, also of a spent one. */
    Optional<Family> ofAny(String text) {
        return Secrets.readRefreshToken(text)
                .flatMap(token ->
                        db.read(tx -> store.family(tx, token.family()))
                                .filter(row -> secrets.isGenuine(token, row.family().seed()))
                                .filter(row -> row.family().isAlive(row.now()))
                                .map(GrantStore.FamilyRow::family));
    }

    Duration accessTokenLife() {
        return config.accessTokenLife();
    }

    private Turned turned(GrantStore.FamilyRow row) {
        Family family = row.family();
        return new Turned(
                family,
                row.user(),
                secrets.refreshToken(family.id(), family.seed(), family.generation()));
    }

    private static Presented read(String text) {
        return Secrets.readRefreshToken(text).orElseThrow(() -> INVALID_GRANT.because(UNKNOWN));
    }
}
