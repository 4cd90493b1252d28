package dev.quintet.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Place;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The keys that sign tokens, sealed in the database. There is always one that signs and one that is
 * published and takes over when the first has signed for its {@code keyLife}; nothing else has to
 * happen for a rotation. They exist before the first request.
 */
final class SigningKeys {

    private final Database db;
    private final AuthStore store;
    private final Keys keys;
    private final InstantSource time;
    private final SecureRandom random;
    private final Duration keyLife;
    private volatile Jwts current;

    SigningKeys(
            Database db,
            AuthStore store,
            Keys keys,
            InstantSource time,
            SecureRandom random,
            Duration keyLife) {
        this.db = db;
        this.store = store;
        this.keys = keys;
        this.time = time;
        this.random = random;
        this.keyLife = keyLife;
        this.current = load();
    }

    Jwts current() {
        return current;
    }

    /** Reads what other nodes may have made, and makes the next key when the last one took over. */
    void refresh() {
        current = load();
    }

    private Jwts load() {
        List<SigningKey> all =
                db.tx(tx -> {
                    // One node at a time: two that start together agree on one key.
                    store.lockSigningKeys(tx);
                    List<SigningKey> known = new ArrayList<>(store.signingKeys(tx, this::open));
                    Instant now = time.instant();
                    if (known.isEmpty()) {
                        known.add(make(tx, now));
                    }
                    Instant last =
                            known.stream()
                                    .map(SigningKey::activeFrom)
                                    .max(Comparator.naturalOrder())
                                    .orElseThrow();
                    if (!last.isAfter(now)) {
                        known.add(make(tx, later(last.plus(keyLife), now)));
                    }
                    return known;
                });
        return new Jwts(all, AuthConfig.LONGEST_TOKEN);
    }

    /** A server that was off when a key should have taken over still publishes it a day before. */
    private static Instant later(Instant planned, Instant now) {
        Instant soonest = now.plus(AuthConfig.LONGEST_TOKEN);
        return planned.isBefore(soonest) ? soonest : planned;
    }

    private SigningKey make(Tx tx, Instant activeFrom) {
        ECKey key;
        try {
            key =
                    new ECKeyGenerator(Curve.P_256)
                            .keyUse(KeyUse.SIGNATURE)
                            .keyIDFromThumbprint(true)
                            .secureRandom(random)
                            .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException("could not make a signing key", e);
        }
        byte[] secret = key.toJSONString().getBytes(StandardCharsets.UTF_8);
        store.insertSigningKey(
                tx, key.getKeyID(), keys.seal(secret, place(key.getKeyID())), activeFrom);
        return new SigningKey(key, activeFrom);
    }

    private SigningKey open(String id, byte[] sealed, Instant activeFrom) {
        byte[] secret = keys.open(sealed, place(id));
        try {
            return new SigningKey(
                    ECKey.parse(new String(secret, StandardCharsets.UTF_8)), activeFrom);
        } catch (ParseException e) {
            throw new IllegalStateException("signing key " + id + " is not a key", e);
        }
    }

    private static Place place(String id) {
        return new Place("auth.signing_keys", "sealed", id);
    }
}
