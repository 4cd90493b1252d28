package dev.quintet.server;

import static dev.quintet.server.ServerRefusal.LINK_NOT_VALID;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import dev.quintet.platform.sql.Database;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/**
 * The operator's way into the console without an account: a link that works once within ten
 * minutes, and the session of eight hours that it opens. Both are signed with a key of the master
 * key, so that the command line makes a link without asking the server.
 */
final class ConsoleLinks {

    private static final Duration LINK_LIFE = Duration.ofMinutes(10);
    private static final Duration SESSION_LIFE = Duration.ofHours(8);
    private static final String SESSION_PREFIX = "qc_";
    private static final int NONCE = 16;
    private static final int SIGNED = NONCE + Long.BYTES;

    private final Keys keys;
    private final SecureRandom random;
    private final InstantSource time;
    private final ServerStore store = new ServerStore();

    ConsoleLinks(Keys keys, SecureRandom random, InstantSource time) {
        this.keys = keys;
        this.random = random;
        this.time = time;
    }

    /** What opens the console, to stand behind {@code /console#link=}. */
    String make() {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        return sign("console link", nonce, time.instant().plus(LINK_LIFE));
    }

    /** A session of the console: its token and how long it lives. */
    record Session(String accessToken, Duration life) {}

    /** Trades a link for a session, once. */
    Session open(Database db, String link) {
        byte[] nonce = nonce("console link", link).orElseThrow(LINK_NOT_VALID::because);
        if (!db.tx(tx -> store.useLink(tx, nonce))) {
            throw LINK_NOT_VALID.because();
        }
        return new Session(
                SESSION_PREFIX + sign("console session", nonce, time.instant().plus(SESSION_LIFE)),
                SESSION_LIFE);
    }

    /** Who a session's token speaks for: the operator, in the root organisation. */
    Optional<Caller> authenticate(String bearer) {
        if (!bearer.startsWith(SESSION_PREFIX)) {
            return Optional.empty();
        }
        return nonce("console session", bearer.substring(SESSION_PREFIX.length()))
                .map(nonce ->
                        new Caller(
                                "console:" + encode(nonce),
                                Caller.ROOT,
                                Optional.empty(),
                                Set.of(Scope.ADMIN)));
    }

    private String sign(String purpose, byte[] nonce, Instant until) {
        byte[] claim =
                ByteBuffer.allocate(SIGNED).put(nonce).putLong(until.getEpochSecond()).array();
        byte[] mac = pepper(purpose).hash(claim);
        return encode(ByteBuffer.allocate(SIGNED + mac.length).put(claim).put(mac).array());
    }

    /** The nonce of a signed text that still holds. */
    private Optional<byte[]> nonce(String purpose, String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException notOurs) {
            return Optional.empty();
        }
        if (bytes.length <= SIGNED) {
            return Optional.empty();
        }
        byte[] claim = Arrays.copyOf(bytes, SIGNED);
        boolean ours =
                pepper(purpose).matches(claim, Arrays.copyOfRange(bytes, SIGNED, bytes.length));
        long until = ByteBuffer.wrap(claim, NONCE, Long.BYTES).getLong();
        return ours && time.instant().getEpochSecond() < until
                ? Optional.of(Arrays.copyOf(claim, NONCE))
                : Optional.empty();
    }

    private Pepper pepper(String purpose) {
        return keys.pepper(purpose);
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
