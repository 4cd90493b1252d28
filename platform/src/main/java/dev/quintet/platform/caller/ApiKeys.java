package dev.quintet.platform.caller;

import static dev.quintet.platform.caller.CallerRefusal.INVALID_NAME;
import static dev.quintet.platform.caller.CallerRefusal.NO_SUCH_KEY;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Texts;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * API keys: made once, stored as an HMAC, cached on every node until one is revoked anywhere. Safe
 * for any number of threads.
 */
public final class ApiKeys {

    public static final IdKind KEY = new IdKind("key", "API key");

    private static final Logger log = LoggerFactory.getLogger(ApiKeys.class);
    private static final String VERSION = "caller.keys";
    private static final int MOST_CACHED = 10_000;
    private static final Duration CACHED = Duration.ofMinutes(1);
    private static final int LONGEST_NAME = 200;

    private final Database db;
    private final Pepper pepper;
    private final Versions versions;
    private final Ids ids;
    private final SecureRandom random;
    private final ApiKeyStore store = new ApiKeyStore();
    private final VersionedCache<String, Optional<ApiKey>> cache;
    private final Cache<UUID, Boolean> noted =
            Caffeine.newBuilder().maximumSize(MOST_CACHED).expireAfterWrite(CACHED).build();

    public ApiKeys(Database db, Keys keys, Versions versions, Ids ids, SecureRandom random) {
        this.db = db;
        this.pepper = keys.pepper("api keys");
        this.versions = versions;
        this.ids = ids;
        this.random = random;
        this.cache = new VersionedCache<>(versions, VERSION, MOST_CACHED, CACHED);
    }

    /** An {@link Authenticator}. */
    public Optional<Caller> authenticate(String bearer) {
        if (!KeyText.isWellFormed(bearer)) {
            return Optional.empty();
        }
        List<byte[]> hashes = pepper.hashes(bearer.getBytes(StandardCharsets.US_ASCII));
        Optional<ApiKey> key =
                cache.get(
                        HexFormat.of().formatHex(hashes.getFirst()),
                        hash -> db.read(tx -> store.byHash(tx, hashes)));
        key.ifPresent(this::noteUse);
        return key.map(found ->
                new Caller(
                        "key:" + found.id(),
                        found.organisation(),
                        Optional.empty(),
                        found.scopes()));
    }

    /** At most once a minute, and nobody waits for it. */
    private void noteUse(ApiKey key) {
        if (noted.asMap().putIfAbsent(key.id(), true) == null) {
            Thread.ofVirtual().name("key-use").start(() -> write(key.id()));
        }
    }

    private void write(UUID id) {
        try {
            db.background().run(tx -> store.used(tx, id));
        } catch (RuntimeException failure) {
            log.debug("the use of key {} was not noted", id, failure);
        }
    }

    /** Makes a key; this is the only time that its text is known. */
    public ApiKey.Made make(Tx tx, UUID organisation, String name, Set<Scope> scopes) {
        if (Texts.showsNothing(name)
                || name.length() > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw INVALID_NAME.because();
        }
        ApiKey.Made made = new ApiKey.Made(ids.next(), KeyText.make(random));
        byte[] hash = pepper.hash(made.secret().getBytes(StandardCharsets.US_ASCII));
        store.insert(tx, made.id(), organisation, name, scopes, hash);
        return made;
    }

    /** The administrator's key of a database that has no key yet; empty for every later node. */
    public Optional<ApiKey.Made> makeFirst() {
        return db.tx(tx ->
                store.lockAndAskWhetherEmpty(tx)
                        ? Optional.of(make(tx, Caller.ROOT, "admin", Set.of(Scope.ADMIN)))
                        : Optional.empty());
    }

    /** The keys of an organisation that are not revoked, oldest first. */
    public List<ApiKey> list(Tx tx, UUID organisation, Optional<UUID> after, int most) {
        return store.list(tx, organisation, after, most);
    }

    /** Ends a key for good; every node refuses it within a second of the commit. */
    public void revoke(Tx tx, UUID organisation, UUID id) {
        if (!store.revoke(tx, organisation, id)) {
            throw NO_SUCH_KEY.because(KEY.show(id));
        }
        versions.raise(tx, VERSION);
    }
}
