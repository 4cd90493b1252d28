package dev.quintet.auth;

import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Secrets that the server gives out: 256 random bits each, stored as an HMAC under a key of its own
 * kind, so that a value of one kind is worthless as another.
 */
final class Secrets {

    private static final int BYTES = 32;
    private static final int REFRESH_BYTES = 16 + 8 + BYTES;

    /** The kinds of one-time and stored values; the wire mark lets scanners find leaked ones. */
    enum Kind {
        CLIENT_SECRET("qcs_"),
        CODE("qac_"),
        SESSION("qss_"),
        DEVICE("qdv_"),
        FLOW("qfl_"),
        REFRESH_TOKEN("qrt_"),
        /** Names of accounts where attempts are counted; never given out. */
        ACCOUNT("");

        private final String mark;

        Kind(String mark) {
            this.mark = mark;
        }
    }

    private final SecureRandom random;
    private final Map<Kind, Pepper> peppers = new EnumMap<>(Kind.class);

    Secrets(Keys keys, SecureRandom random) {
        this.random = random;
        for (Kind kind : Kind.values()) {
            peppers.put(kind, keys.pepper("auth " + kind.name()));
        }
    }

    String make(Kind kind) {
        return kind.mark + base64(randomBytes());
    }

    /** Tells things of one second apart; no secret. */
    String nonce() {
        return "%08x".formatted(random.nextInt());
    }

    /** What is stored of a secret. */
    String hash(Kind kind, String secret) {
        return base64(pepper(kind).hash(bytes(secret)));
    }

    /** Under which values it may be stored: what an index looks up. */
    List<String> hashes(Kind kind, String secret) {
        return pepper(kind).hashes(bytes(secret)).stream().map(Secrets::base64).toList();
    }

    boolean matches(Kind kind, String secret, String stored) {
        return pepper(kind).matches(bytes(secret), Base64.getUrlDecoder().decode(stored));
    }

    /** The secret part of a family's refresh tokens; worthless without the server's key. */
    String seed() {
        return base64(randomBytes());
    }

    /**
     * A family's refresh token of one generation. It is computed, not stored: all that ask for a
     * generation get the same text, and any generation, however old, can be told from a forgery.
     */
    String refreshToken(UUID family, String seed, long generation) {
        byte[] mac = pepper(Kind.REFRESH_TOKEN).hash(refreshInput(family, seed, generation));
        byte[] token =
                ByteBuffer.allocate(REFRESH_BYTES)
                        .putLong(family.getMostSignificantBits())
                        .putLong(family.getLeastSignificantBits())
                        .putLong(generation)
                        .put(mac)
                        .array();
        return Kind.REFRESH_TOKEN.mark + base64(token);
    }

    /** What a text claims to be, before {@link #isGenuine} says whether it is. */
    static Optional<Presented> readRefreshToken(String text) {
        if (!text.startsWith(Kind.REFRESH_TOKEN.mark)) {
            return Optional.empty();
        }
        byte[] token;
        try {
            token = Base64.getUrlDecoder().decode(text.substring(4));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        if (token.length != REFRESH_BYTES) {
            return Optional.empty();
        }
        ByteBuffer parts = ByteBuffer.wrap(token);
        UUID family = new UUID(parts.getLong(), parts.getLong());
        long generation = parts.getLong();
        String mac = base64(Arrays.copyOfRange(token, REFRESH_BYTES - BYTES, REFRESH_BYTES));
        return generation < 1
                ? Optional.empty()
                : Optional.of(new Presented(family, generation, mac));
    }

    boolean isGenuine(Presented token, String seed) {
        return pepper(Kind.REFRESH_TOKEN)
                .matches(
                        refreshInput(token.family(), seed, token.generation()),
                        Base64.getUrlDecoder().decode(token.mac()));
    }

    /** A refresh token as it came. */
    record Presented(UUID family, long generation, String mac) {}

    private static byte[] refreshInput(UUID family, String seed, long generation) {
        return ByteBuffer.allocate(BYTES + 16 + 8)
                .put(Base64.getUrlDecoder().decode(seed))
                .putLong(family.getMostSignificantBits())
                .putLong(family.getLeastSignificantBits())
                .putLong(generation)
                .array();
    }

    private Pepper pepper(Kind kind) {
        return Objects.requireNonNull(peppers.get(kind));
    }

    private byte[] randomBytes() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String secret) {
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
