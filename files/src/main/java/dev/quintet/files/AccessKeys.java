package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.NO_SUCH_ACCESS_KEY;
import static dev.quintet.files.FilesRefusal.TOO_MANY_KEYS;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Place;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Makes, finds and revokes the keys of the S3 door. */
public final class AccessKeys {

    static final int MOST = 1000;

    // A revocation is seen by every node within this.
    private static final Duration REMEMBERED = Duration.ofSeconds(1);
    private static final String ID_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_LENGTH = 18;
    private static final int SECRET_BYTES = 30;

    private final AccessKeyStore store = new AccessKeyStore();
    private final Cache<String, Optional<Live>> live =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(REMEMBERED).build();
    private final Database db;
    private final Keys keys;
    private final InstantSource time;
    private final SecureRandom random;

    /** A key as it is shown once, and as a signature check needs it. */
    public record Live(String id, String secret, Caller caller) {

        @Override
        public String toString() {
            return "Live[" + id + "]";
        }
    }

    AccessKeys(Database db, Keys keys, InstantSource time, SecureRandom random) {
        this.db = db;
        this.keys = keys;
        this.time = time;
        this.random = random;
    }

    /** A new key with the maker's rights on files, and no others. */
    public Live make(Tx tx, Caller maker) {
        String id = newId();
        String secret = newSecret();
        byte[] sealed = keys.seal(secret.getBytes(StandardCharsets.US_ASCII), place(id));
        AccessKey key =
                new AccessKey(
                        id, maker.organisation(), maker.person(), scopes(maker), time.instant());
        store.lock(tx, maker.organisation());
        int count = store.list(tx, everything(maker.organisation())).size();
        if (count >= MOST) {
            throw TOO_MANY_KEYS.because(count);
        }
        store.insert(tx, key, sealed);
        return new Live(id, secret, key.caller());
    }

    /** The key as it is now or was within the last second; empty if there is none. */
    public Optional<Live> find(String id) {
        return live.get(id, this::read);
    }

    public List<AccessKey> list(Caller caller) {
        return db.read(tx -> store.list(tx, Reach.of(caller)));
    }

    public void revoke(Caller caller, String id) {
        if (!db.tx(tx -> store.delete(tx, Reach.of(caller), id))) {
            throw NO_SUCH_ACCESS_KEY.because(id);
        }
        live.invalidate(id);
    }

    private Optional<Live> read(String id) {
        return db.read(tx -> store.byId(tx, id).map(key -> opened(key, store.secret(tx, id))));
    }

    private Live opened(AccessKey key, byte[] sealed) {
        byte[] secret = keys.open(sealed, place(key.id()));
        return new Live(key.id(), new String(secret, StandardCharsets.US_ASCII), key.caller());
    }

    private static Set<Scope> scopes(Caller maker) {
        EnumSet<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (Scope scope : List.of(Scope.FILES_READ, Scope.FILES_WRITE)) {
            if (maker.may(scope)) {
                scopes.add(scope);
            }
        }
        return scopes;
    }

    private static Reach everything(UUID organisation) {
        return new Reach(organisation, Optional.empty());
    }

    private static Place place(String id) {
        return new Place("files.access_keys", "secret", id);
    }

    private String newId() {
        StringBuilder id = new StringBuilder("QK");
        for (int at = 0; at < ID_LENGTH; at++) {
            id.append(ID_DIGITS.charAt(random.nextInt(ID_DIGITS.length())));
        }
        return id.toString();
    }

    private String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().encodeToString(bytes);
    }
}
