package dev.quintet.analytics;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which (source, message id) the lake holds of the last day, as 128-bit hashes by the hour of their
 * receipt. Derived: rebuilt from the lake at start, never stored. Owned by the loader's thread.
 */
final class SeenIds {

    static final Duration WINDOW = Duration.ofHours(24);

    /** About 90 bytes each. When full, the oldest hour is forgotten first. */
    private final int most;

    private final TreeMap<Instant, Set<Key>> hours = new TreeMap<>();
    private int size;

    /** MD5 of {@code source message_id}; a chosen collision only hides its maker's own events. */
    record Key(long high, long low) {

        static Key of(String source, String messageId) {
            try {
                byte[] text = (source + ' ' + messageId).getBytes(StandardCharsets.UTF_8);
                ByteBuffer hash = ByteBuffer.wrap(MessageDigest.getInstance("MD5").digest(text));
                return new Key(hash.getLong(), hash.getLong());
            } catch (NoSuchAlgorithmException impossible) {
                throw new IllegalStateException("MD5 is part of every JDK", impossible);
            }
        }

        static Key hex(String hash) {
            return new Key(
                    Long.parseUnsignedLong(hash, 0, 16, 16),
                    Long.parseUnsignedLong(hash, 16, 32, 16));
        }
    }

    SeenIds(int most) {
        this.most = most;
    }

    void add(Key key, Instant received) {
        if (hours.computeIfAbsent(hour(received), hour -> new HashSet<>()).add(key)) {
            size++;
        }
        while (size > most && hours.size() > 1) {
            size -= hours.pollFirstEntry().getValue().size();
        }
    }

    /** Whether the message was stored less than a day before {@code received}. */
    boolean contains(Key key, Instant received) {
        return hours.tailMap(hour(received.minus(WINDOW)), true).values().stream()
                .anyMatch(keys -> keys.contains(key));
    }

    /** Forgets what is older than a day. */
    void forget(Instant now) {
        Map<Instant, Set<Key>> old = hours.headMap(hour(now.minus(WINDOW)));
        size -= old.values().stream().mapToInt(Set::size).sum();
        old.clear();
    }

    private static Instant hour(Instant time) {
        return Instant.ofEpochSecond(Math.floorDiv(time.getEpochSecond(), 3600L) * 3600L);
    }
}
