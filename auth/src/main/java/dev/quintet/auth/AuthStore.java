package dev.quintet.auth;

import dev.quintet.auth.Client.AuthMethod;
import dev.quintet.auth.Client.GrantType;
import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The SQL of users, clients, sessions, attempts and signing keys. */
final class AuthStore {

    // --- users

    private static final String INSERT_USER =
            """
            insert into auth.users (person, organisation, email, email_form, name, password, scopes)
            values (:person, :organisation, :email, 1, :name, :password, :scopes)
            on conflict (organisation, email) do nothing
            returning created_at
            """;

    private static final String USER =
            """
            select person, organisation, email, name, scopes, created_at
            from auth.users
            where person = :person
              and organisation = :organisation
            """;

    // Newest last: ids begin with their millisecond, so the key's own index gives the order of
    // pages.
    private static final String USERS =
            """
            select person, organisation, email, name, scopes, created_at
            from auth.users
            where organisation = :organisation
              and person > :after
            order by person
            limit :limit
            """;

    private static final String COUNT_USERS =
            """
            select count(*)
            from auth.users
            where organisation = :organisation
            """;

    // Two rows only where two accounts of one address were made before emails had a canonical form:
    // the one that was typed exactly.
    private static final String LOGIN =
            """
            select person, organisation, email, name, scopes, created_at, password
            from auth.users
            where organisation = :organisation
              and email = any (:forms)
            order by array_position(:forms, email)
            limit 1
            """;

    private static final String OLD_EMAILS =
            """
            select person, organisation, email, name, scopes, created_at
            from auth.users
            where email_form = 0
              and octet_length(email) <> char_length(email)
            order by person
            limit :limit
            """;

    private static final String RENEW_EMAIL =
            """
            update auth.users as u
            set email = :email,
                email_form = 1
            where person = :person
              and not exists (
                select
                from auth.users
                where organisation = u.organisation
                  and email = :email
                  and person <> u.person
              )
            """;

    private static final String KEEP_EMAIL =
            """
            update auth.users
            set email_form = 1
            where person = :person
            """;

    private static final String DELETE_USER =
            """
            delete from auth.users
            where person = :person
            """;

    /** A user with the hash of the password, if there is one. */
    record Login(User user, Optional<PasswordHash> password) {}

    Optional<User> insertUser(Tx tx, User user, Optional<PasswordHash> password) {
        return tx.handle()
                .createQuery(INSERT_USER)
                .bind("person", user.person())
                .bind("organisation", user.organisation())
                .bind("email", user.email())
                .bind("name", user.name())
                .bind("password", password.map(PasswordHash::phc).orElse(null))
                .bindArray("scopes", String.class, user.scopes().toArray())
                .map((row, context) ->
                        new User(
                                user.person(),
                                user.organisation(),
                                user.email(),
                                user.name(),
                                user.scopes(),
                                instant(row, "created_at")))
                .findOne();
    }

    Optional<User> user(Tx tx, UUID organisation, UUID person) {
        return tx.handle()
                .createQuery(USER)
                .bind("person", person)
                .bind("organisation", organisation)
                .map((row, context) -> user(row))
                .findOne();
    }

    List<User> users(Tx tx, UUID organisation, UUID after, int limit) {
        return tx.handle()
                .createQuery(USERS)
                .bind("organisation", organisation)
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) -> user(row))
                .list();
    }

    /**
     * @param forms what the email may be stored as, the likeliest to be meant first
     */
    Optional<Login> login(Tx tx, UUID organisation, List<String> forms) {
        return tx.handle()
                .createQuery(LOGIN)
                .bind("organisation", organisation)
                .bindArray("forms", String.class, forms.toArray())
                .map((row, context) ->
                        new Login(
                                user(row),
                                Optional.ofNullable(row.getString("password"))
                                        .map(PasswordHash::parse)))
                .findOne();
    }

    /** Users whose email an earlier version stored and whose form may be another one today. */
    List<User> oldEmails(Tx tx, int limit) {
        return tx.handle()
                .createQuery(OLD_EMAILS)
                .bind("limit", limit)
                .map((row, context) -> user(row))
                .list();
    }

    /** Whether nobody else of the organisation has the new form already. */
    boolean renewEmail(Tx tx, UUID person, String email) {
        return tx.handle()
                        .createUpdate(RENEW_EMAIL)
                        .bind("person", person)
                        .bind("email", email)
                        .execute()
                > 0;
    }

    void keepEmail(Tx tx, UUID person) {
        tx.handle().createUpdate(KEEP_EMAIL).bind("person", person).execute();
    }

    void deleteUser(Tx tx, UUID person) {
        tx.handle().createUpdate(DELETE_USER).bind("person", person).execute();
    }

    // --- clients

    private static final String PUT_CLIENT =
            """
            insert into auth.clients
              (id, organisation, name, secret_hash, auth_method, redirect_uris, logout_uris, grant_types, scopes, first_party)
            values
              (:id, :organisation, :name, :secret_hash, :auth_method, :redirect_uris, :logout_uris, :grant_types, :scopes, :first_party)
            on conflict (id) do update
            set name = excluded.name,
                redirect_uris = excluded.redirect_uris,
                logout_uris = excluded.logout_uris,
                grant_types = excluded.grant_types,
                scopes = excluded.scopes
            """;

    private static final String CLIENT =
            """
            select id, organisation, name, secret_hash, auth_method, redirect_uris, logout_uris, grant_types, scopes, first_party
            from auth.clients
            where id = :id
            """;

    void putClient(Tx tx, Client client, Optional<String> secretHash) {
        tx.handle()
                .createUpdate(PUT_CLIENT)
                .bind("id", client.id())
                .bind("organisation", client.organisation())
                .bind("name", client.name())
                .bind("secret_hash", secretHash.orElse(null))
                .bind("auth_method", client.authMethod().wire())
                .bindArray("redirect_uris", String.class, client.redirectUris().toArray())
                .bindArray("logout_uris", String.class, client.logoutUris().toArray())
                .bindArray(
                        "grant_types",
                        String.class,
                        client.grantTypes().stream().map(GrantType::wire).toArray())
                .bindArray("scopes", String.class, client.scopes().toArray())
                .bind("first_party", client.firstParty())
                .execute();
    }

    Optional<Clients.Stored> client(Tx tx, UUID id) {
        return tx.handle()
                .createQuery(CLIENT)
                .bind("id", id)
                .map((row, context) ->
                        new Clients.Stored(
                                client(row), Optional.ofNullable(row.getString("secret_hash"))))
                .findOne();
    }

    // --- sessions and consents

    private static final String INSERT_SESSION =
            """
            insert into auth.sessions (id, secret_hash, organisation, person, signed_in_at, ends_at)
            values (:id, :secret_hash, :organisation, :person, clock_timestamp(), clock_timestamp() + make_interval(secs => :life))
            returning signed_in_at
            """;

    private static final String SESSION =
            """
            select s.id, s.signed_in_at, u.person, u.organisation, u.email, u.name, u.scopes, u.created_at
            from auth.sessions s
            join auth.users u on u.person = s.person
            where s.secret_hash = any (:hashes)
              and s.ends_at > clock_timestamp()
            """;

    private static final String DELETE_SESSION =
            """
            delete from auth.sessions
            where id = :id
            """;

    private static final String DELETE_SESSIONS_OF =
            """
            delete from auth.sessions
            where person = :person
            """;

    private static final String DELETE_CONSENTS_OF =
            """
            delete from auth.consents
            where person = :person
            """;

    private static final String CONSENT =
            """
            select scopes
            from auth.consents
            where person = :person
              and client = :client
            """;

    private static final String PUT_CONSENT =
            """
            insert into auth.consents as c (person, client, scopes, at)
            values (:person, :client, :scopes, clock_timestamp())
            on conflict (person, client) do update
            set scopes = array(select distinct unnest(c.scopes || excluded.scopes)),
                at = excluded.at
            """;

    Instant insertSession(Tx tx, UUID id, String secretHash, User user, Duration life) {
        return tx.handle()
                .createQuery(INSERT_SESSION)
                .bind("id", id)
                .bind("secret_hash", secretHash)
                .bind("organisation", user.organisation())
                .bind("person", user.person())
                .bind("life", seconds(life))
                .map((row, context) -> instant(row, "signed_in_at"))
                .one();
    }

    Optional<Session> session(Tx tx, List<String> hashes) {
        return tx.handle()
                .createQuery(SESSION)
                .bindArray("hashes", String.class, hashes.toArray())
                .map((row, context) ->
                        new Session(
                                row.getObject("id", UUID.class),
                                user(row),
                                instant(row, "signed_in_at")))
                .findOne();
    }

    void deleteSession(Tx tx, UUID id) {
        tx.handle().createUpdate(DELETE_SESSION).bind("id", id).execute();
    }

    void deleteSessionsOf(Tx tx, UUID person) {
        tx.handle().createUpdate(DELETE_SESSIONS_OF).bind("person", person).execute();
    }

    void deleteConsentsOf(Tx tx, UUID person) {
        tx.handle().createUpdate(DELETE_CONSENTS_OF).bind("person", person).execute();
    }

    Set<String> consent(Tx tx, UUID person, UUID client) {
        return tx.handle()
                .createQuery(CONSENT)
                .bind("person", person)
                .bind("client", client)
                .map((row, context) -> Set.copyOf(texts(row, "scopes")))
                .findOne()
                .orElse(Set.of());
    }

    void putConsent(Tx tx, UUID person, UUID client, Collection<String> scopes) {
        tx.handle()
                .createUpdate(PUT_CONSENT)
                .bind("person", person)
                .bind("client", client)
                .bindArray("scopes", String.class, scopes.toArray())
                .execute();
    }

    // --- attempts

    // Five are free; then each waits 1, 2, 4 ... up to 900 s. An attempt that must wait is not
    // counted.
    private static final String BEGIN_ATTEMPT =
            """
            insert into auth.attempts as a (account, source, failures, blocked_until, last_at)
            values (:account, :source, 1, clock_timestamp(), clock_timestamp())
            on conflict (account, source) do update
            set failures = a.failures + 1,
                blocked_until = clock_timestamp() + make_interval(
                  secs => case when a.failures < 4 then 0 else least(900, power(2, least(a.failures - 4, 10))) end),
                last_at = clock_timestamp()
            where a.blocked_until <= clock_timestamp()
            returning failures
            """;

    private static final String BLOCKED_FOR =
            """
            select extract(epoch from blocked_until - clock_timestamp())
            from auth.attempts
            where account = :account
              and source = :source
            """;

    private static final String CLEAR_ATTEMPTS =
            """
            delete from auth.attempts
            where account = :account
              and source = :source
            """;

    /** Counts an attempt, or says how long it has to wait. */
    Optional<Duration> beginAttempt(Tx tx, Attempts.Counter counter) {
        boolean begun =
                tx.handle()
                        .createQuery(BEGIN_ATTEMPT)
                        .bind("account", counter.account())
                        .bind("source", counter.source())
                        .mapTo(Integer.class)
                        .findOne()
                        .isPresent();
        if (begun) {
            return Optional.empty();
        }
        double seconds =
                tx.handle()
                        .createQuery(BLOCKED_FOR)
                        .bind("account", counter.account())
                        .bind("source", counter.source())
                        .mapTo(Double.class)
                        .findOne()
                        .orElse(0.0);
        return Optional.of(Duration.ofMillis(Math.max(1, (long) (seconds * 1000))));
    }

    void clearAttempts(Tx tx, Attempts.Counter counter) {
        tx.handle()
                .createUpdate(CLEAR_ATTEMPTS)
                .bind("account", counter.account())
                .bind("source", counter.source())
                .execute();
    }

    // --- signing keys

    // Any lock of the table will do: only nodes that start or rotate take it.
    private static final String LOCK_SIGNING_KEYS =
            """
            lock table auth.signing_keys in exclusive mode
            """;

    private static final String SIGNING_KEYS =
            """
            select id, sealed, active_from
            from auth.signing_keys
            order by active_from
            """;

    private static final String INSERT_SIGNING_KEY =
            """
            insert into auth.signing_keys (id, sealed, active_from)
            values (:id, :sealed, :active_from)
            """;

    /** Opens a sealed key. */
    @FunctionalInterface
    interface KeyOpener {
        SigningKey open(String id, byte[] sealed, Instant activeFrom);
    }

    void lockSigningKeys(Tx tx) {
        tx.handle().execute(LOCK_SIGNING_KEYS);
    }

    List<SigningKey> signingKeys(Tx tx, KeyOpener opener) {
        return tx.handle()
                .createQuery(SIGNING_KEYS)
                .map((row, context) ->
                        opener.open(
                                row.getString("id"),
                                row.getBytes("sealed"),
                                instant(row, "active_from")))
                .list();
    }

    void insertSigningKey(Tx tx, String id, byte[] sealed, Instant activeFrom) {
        tx.handle()
                .createUpdate(INSERT_SIGNING_KEY)
                .bind("id", id)
                .bind("sealed", sealed)
                .bind("active_from", activeFrom)
                .execute();
    }

    // --- what is over

    private static final List<String> SWEEPS =
            List.of(
                    """
                    delete from auth.sessions
                    where ends_at < clock_timestamp()
                    """,
                    """
                    delete from auth.codes
                    where ends_at < clock_timestamp() - interval '1 day'
                    """,
                    """
                    delete from auth.families
                    where ends_at < clock_timestamp() - interval '1 day'
                    """,
                    """
                    delete from auth.attempts
                    where last_at < clock_timestamp() - interval '1 day'
                    """,
                    """
                    delete from auth.revocations
                    where until < clock_timestamp() - interval '1 hour'
                    """);

    /** Deletes what can have no effect any more. */
    void sweep(Tx tx) {
        SWEEPS.forEach(tx.handle()::execute);
    }

    static User user(ResultSet row) throws SQLException {
        return new User(
                row.getObject("person", UUID.class),
                row.getObject("organisation", UUID.class),
                row.getString("email"),
                row.getString("name"),
                Set.copyOf(texts(row, "scopes")),
                instant(row, "created_at"));
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    static List<String> texts(ResultSet row, String column) throws SQLException {
        return Arrays.asList((String[]) row.getArray(column).getArray());
    }

    private static Client client(ResultSet row) throws SQLException {
        return new Client(
                row.getObject("id", UUID.class),
                row.getObject("organisation", UUID.class),
                row.getString("name"),
                AuthMethod.of(row.getString("auth_method")).orElseThrow(),
                texts(row, "redirect_uris"),
                texts(row, "logout_uris"),
                texts(row, "grant_types").stream()
                        .map(wire -> GrantType.of(wire).orElseThrow())
                        .collect(Collectors.toUnmodifiableSet()),
                Set.copyOf(texts(row, "scopes")),
                row.getBoolean("first_party"));
    }

    long countUsers(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(COUNT_USERS)
                .bind("organisation", organisation)
                .mapTo(Long.class)
                .one();
    }
}
