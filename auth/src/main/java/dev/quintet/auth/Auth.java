package dev.quintet.auth;

import dev.quintet.auth.Revocations.Subject;
import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Outage;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front door of sign-in: users and clients for administrators, pages for browsers, the OAuth
 * endpoints for applications, and {@link #authenticate} for every other system. Runs one thread,
 * which looks for revocations made on other nodes.
 */
public final class Auth implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Auth.class);
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);

    private final Database db;
    private final AuthStore store = new AuthStore();
    private final GrantStore grantStore = new GrantStore();
    private final OldEmails oldEmails;
    private final PasswordHashes hashes;
    private final SigningKeys signingKeys;
    private final Revocations revocations;
    private final Tokens tokens;
    private final Clients clients;
    private final Users users;
    private final SignIn signIn;
    private final SignOut signOut;
    private final OAuth oauth;
    private final Thread poll;
    private volatile boolean closed;

    /**
     * Loads the native library that signs tokens. That takes a tenth of a second and needs nothing,
     * so it is worth a thread of its own while a database starts; without it the first use loads.
     */
    public static void prepare() {
        if (!Jwts.isFast()) {
            log.info("no native library signs tokens on this machine: the JDK does");
        }
    }

    /**
     * @param issuer the configured public address; every link, cookie and token names it, never
     *     what a request says
     * @param outage how long nobody served before this node joined
     */
    public Auth(
            Database db,
            Keys keys,
            People people,
            Audit audit,
            InstantSource time,
            SecureRandom random,
            URI issuer,
            AuthConfig config,
            Outage outage) {
        this.db = db;
        this.oldEmails = new OldEmails(db.background(), store);
        Ids ids = new Ids(time, random);
        Secrets secrets = new Secrets(keys, random);
        this.hashes = new PasswordHashes(random, config.passwordCost());
        this.signingKeys = new SigningKeys(db, store, keys, time, random, config.keyLife());
        this.revocations = new Revocations(db, grantStore, time);
        this.tokens = new Tokens(issuer.toString(), time, signingKeys, revocations);
        this.clients = new Clients(db, store, secrets, audit, ids, issuer);
        this.users =
                new Users(
                        db,
                        store,
                        people,
                        audit,
                        hashes,
                        tokens,
                        new Users.Context(ids, time, config));
        Families families =
                new Families(db, grantStore, secrets, revocations, audit, config, outage);
        Logins logins =
                new Logins(db, store, secrets, hashes, families, audit, ids, config.sessionLife());
        Flows flows = new Flows(keys, time);
        this.signIn =
                new SignIn(
                        db,
                        store,
                        grantStore,
                        secrets,
                        clients,
                        logins,
                        flows,
                        new SignIn.Context(issuer, time));
        this.signOut = new SignOut(clients, logins, flows, tokens);
        Grants grants = new Grants(db, grantStore, secrets, families, tokens, ids, time);
        this.oauth =
                new OAuth(
                        clients,
                        grants,
                        families,
                        tokens,
                        revocations,
                        signingKeys,
                        new OAuth.Reading(db, store, issuer, time));
        this.poll =
                Thread.ofVirtual()
                        .name("auth-revocations")
                        .start(() -> watch(config.revocationPoll()));
    }

    public Users users() {
        return users;
    }

    public Clients clients() {
        return clients;
    }

    public SignIn signIn() {
        return signIn;
    }

    public SignOut signOut() {
        return signOut;
    }

    public OAuth oauth() {
        return oauth;
    }

    PasswordHashes hashes() {
        return hashes;
    }

    /** Who an access token of ours speaks for; empty if it is none, expired or revoked. */
    public Optional<Caller> authenticate(String bearer) {
        return tokens.authenticate(bearer);
    }

    /**
     * Of these callers' credentials those that were not revoked, for connections that stay open.
     */
    public Set<String> unrevoked(Set<String> credentials) {
        return credentials.stream()
                .filter(credential -> !revocations.includes(credential))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Figures of an organisation for the overview. */
    public Map<String, Long> figures(UUID organisation) {
        return db.read(tx -> Map.of("users", store.countUsers(tx, organisation)));
    }

    /**
     * Forgets a person: all sessions, sign-ins and tokens end, and the user is gone. Repeatable.
     */
    public void erase(UUID person) {
        db.run(tx -> {
            store.deleteSessionsOf(tx, person);
            store.deleteConsentsOf(tx, person);
            grantStore.deleteFamiliesOf(tx, person);
            store.deleteUser(tx, person);
            revocations.revoke(tx, List.of(Subject.person(person)), AuthConfig.LONGEST_TOKEN);
        });
    }

    /** One failed poll is not the end: the next one reads what it missed. */
    private void watch(Duration every) {
        long sweepAt = System.nanoTime();
        while (!closed) {
            try {
                revocations.poll();
                if (System.nanoTime() - sweepAt >= 0) {
                    sweepAt = System.nanoTime() + SWEEP_EVERY.toNanos();
                    sweep();
                }
            } catch (RuntimeException failure) {
                if (!closed) {
                    log.warn("could not read revocations; trying again in {}", every, failure);
                }
            }
            LockSupport.parkNanos(every.toNanos());
        }
    }

    void sweep() {
        revocations.forget();
        signingKeys.refresh();
        oldEmails.renew();
        db.background().run(store::sweep);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(poll);
        try {
            poll.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the closing thread", e);
        }
        hashes.close();
    }
}
