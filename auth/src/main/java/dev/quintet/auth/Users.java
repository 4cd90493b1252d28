package dev.quintet.auth;

import static dev.quintet.auth.AuthRefusal.EMAIL_TAKEN;
import static dev.quintet.auth.AuthRefusal.EXPIRY_REFUSED;
import static dev.quintet.auth.AuthRefusal.NAME_TOO_LONG;
import static dev.quintet.auth.AuthRefusal.NOT_AN_EMAIL;
import static dev.quintet.auth.AuthRefusal.NOT_A_SERVER_KEY;
import static dev.quintet.auth.AuthRefusal.PASSWORD_COMMON;
import static dev.quintet.auth.AuthRefusal.PASSWORD_TOO_LONG;
import static dev.quintet.auth.AuthRefusal.PASSWORD_TOO_SHORT;
import static dev.quintet.auth.AuthRefusal.SCOPE_NOT_THEIRS;
import static dev.quintet.auth.AuthRefusal.SCOPE_NOT_YOURS;
import static dev.quintet.auth.AuthRefusal.USER_UNKNOWN;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Texts;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.people.EmailAddress;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Profile;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Work;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** The people who sign in here, as administrators and servers see them. */
public final class Users {

    static final int SHORTEST_PASSWORD = 8;
    private static final int LONGEST_PASSWORD = 1_000;
    private static final int LONGEST_NAME = 200;
    private static final int SHOWN = 100;
    private static final Duration USUAL_TOKEN = Duration.ofHours(1);

    /** A user that someone wants to have; without a password nobody can sign in as him. */
    public record NewUser(
            String email, Optional<String> password, String name, Optional<List<String>> scopes) {

        @Override
        public String toString() {
            return "NewUser[" + email + "]";
        }
    }

    /** A token made in a user's name. */
    public record Minted(String accessToken, Duration expiresIn) {

        @Override
        public String toString() {
            return "Minted[" + expiresIn + "]";
        }
    }

    private final Database db;
    private final AuthStore store;
    private final People people;
    private final Audit audit;
    private final PasswordHashes hashes;
    private final Tokens tokens;
    private final Ids ids;
    private final InstantSource time;
    private final AuthConfig config;

    /** What it is made with. */
    record Context(Ids ids, InstantSource time, AuthConfig config) {}

    Users(
            Database db,
            AuthStore store,
            People people,
            Audit audit,
            PasswordHashes hashes,
            Tokens tokens,
            Context context) {
        this.db = db;
        this.store = store;
        this.people = people;
        this.audit = audit;
        this.hashes = hashes;
        this.tokens = tokens;
        this.ids = context.ids();
        this.time = context.time();
        this.config = context.config();
    }

    /**
     * Checks what is wanted and hashes the password; the work that is left makes the user, in
     * whatever transaction runs it.
     *
     * @param address where the request came from, for the audit trail
     */
    public Work<User> prepare(Caller by, String address, NewUser wanted) {
        EmailAddress email = email(wanted.email());
        if (Texts.showsNothing(wanted.name()) || wanted.name().length() > LONGEST_NAME) {
            throw NAME_TOO_LONG.because("user's name", LONGEST_NAME, wanted.name().length());
        }
        wanted.password().map(PasswordHashes::normal).ifPresent(Users::check);
        Set<String> scopes = Set.copyOf(wanted.scopes().orElse(config.userScopes()));
        wanted.scopes().ifPresent(given -> requireOwn(by, given));
        Profile profile =
                new Profile(
                        Optional.of(wanted.name()),
                        Optional.of(email.text()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        // Before the transaction: a hash takes as long as a hundred statements.
        Optional<PasswordHash> password = wanted.password().map(this::hash);
        return tx -> {
            User user =
                    new User(
                            people.add(tx, by.organisation(), profile),
                            by.organisation(),
                            email.key(),
                            wanted.name(),
                            scopes,
                            time.instant());
            User made =
                    store.insertUser(tx, user, password)
                            .orElseThrow(() -> EMAIL_TAKEN.because(email.text()));
            audit.record(tx, Act.done(by, address, "user.create", shown(made.person())));
            return made;
        };
    }

    public User find(Caller by, UUID person) {
        return db.read(tx -> store.user(tx, by.organisation(), person))
                .orElseThrow(() -> USER_UNKNOWN.because(shown(person)));
    }

    /** The next users after one, oldest first. */
    public List<User> list(Caller by, Optional<UUID> after, int limit) {
        return db.read(
                tx -> store.users(tx, by.organisation(), after.orElse(new UUID(0, 0)), limit));
    }

    /**
     * A token in a user's name, for a server that has signed the person in by its own means. The
     * work that is left writes it down, in whatever transaction runs it.
     */
    public Work<Minted> token(
            Caller by,
            String address,
            UUID person,
            Optional<List<String>> asked,
            Optional<Long> seconds) {
        if (!by.credential().startsWith("key:")) {
            throw NOT_A_SERVER_KEY.because(by.credential());
        }
        Duration life = seconds.map(Users::life).orElse(USUAL_TOKEN);
        User user = find(by, person);
        asked.ifPresent(words -> requireTheirs(user, words));
        Set<String> scopes = Set.copyOf(asked.orElse(List.copyOf(user.scopes())));
        Instant now = time.instant();
        String token =
                tokens.access(
                        new AccessToken(
                                ids.next().toString(),
                                by.credential(),
                                by.organisation(),
                                Optional.of(person),
                                Optional.empty(),
                                Optional.of(by.credential()),
                                scopes,
                                now,
                                now.plus(life)));
        return tx -> {
            audit.record(tx, Act.done(by, address, "token.mint", shown(person)));
            return new Minted(token, life);
        };
    }

    private PasswordHash hash(String password) {
        try (PasswordHashes.Place place = hashes.place()) {
            return place.hash(password);
        }
    }

    private static EmailAddress email(String typed) {
        return switch (EmailAddress.read(typed.strip())) {
            case EmailAddress.Read.Good(EmailAddress address) -> address;
            case EmailAddress.Read.Bad(String why) ->
                    throw NOT_AN_EMAIL.because(
                            typed.length() > SHOWN ? typed.substring(0, SHOWN) + "..." : typed,
                            why);
        };
    }

    private static String shown(UUID person) {
        return IdKind.PERSON.show(person);
    }

    private static Duration life(long seconds) {
        if (seconds < 1 || seconds > AuthConfig.LONGEST_TOKEN.toSeconds()) {
            throw EXPIRY_REFUSED.because(AuthConfig.LONGEST_TOKEN, seconds);
        }
        return Duration.ofSeconds(seconds);
    }

    private static void check(String password) {
        int characters = password.codePointCount(0, password.length());
        int bytes = password.getBytes(StandardCharsets.UTF_8).length;
        if (characters < SHORTEST_PASSWORD) {
            throw PASSWORD_TOO_SHORT.because(SHORTEST_PASSWORD, characters);
        }
        if (CommonPasswords.include(password)) {
            throw PASSWORD_COMMON.because();
        }
        if (bytes > LONGEST_PASSWORD) {
            throw PASSWORD_TOO_LONG.because(LONGEST_PASSWORD, bytes);
        }
    }

    private static void requireOwn(Caller by, List<String> scopes) {
        for (String word : scopes) {
            Scopes.requireKnown(word);
            if (Scope.of(word).filter(scope -> !by.may(scope)).isPresent()) {
                throw SCOPE_NOT_YOURS.because(word);
            }
        }
    }

    private static void requireTheirs(User user, List<String> asked) {
        for (String word : asked) {
            Scopes.requireKnown(word);
            if (Scopes.narrow(List.of(word), user.scopes()).isEmpty()) {
                throw SCOPE_NOT_THEIRS.because(
                        word, String.join(", ", new TreeSet<>(user.scopes())));
            }
        }
    }
}
