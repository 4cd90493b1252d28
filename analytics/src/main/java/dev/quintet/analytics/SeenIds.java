package dev.quintet.analytics;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which (source, message id) the lake holds of the last day, as 128-bit hashes with the second of
 * their receipt, in one table with open addresses: 20 bytes a place, at most three of four taken.
 * When as many as may be are remembered, the oldest eighth is forgotten, by the second. Derived:
 * rebuilt from the lake at start, never stored. Owned by the loader's thread.
 */
final class SeenIds {

    static final Duration WINDOW = Duration.ofHours(24);

    // A second of receipt is never 0, so 0 is a free place.
    private static final long EPOCH = Instant.parse("2020-01-01T00:00:00Z").getEpochSecond();
    private static final int FIRST_PLACES = 1 << 10;
    private static final int PART_FORGOTTEN = 8;

    private final int most;
    private long[] hashes = new long[2 * FIRST_PLACES];
    private int[] seconds = new int[FIRST_PLACES];
    private int size;

    /** MD5 of {@code source message_id}; a chosen collision only hides its maker's own events. */
    record Key(long high, long low) {

        static Key of(MessageDigest md5, String source, String messageId) {
            byte[] text = (source + ' ' + messageId).getBytes(StandardCharsets.UTF_8);
            ByteBuffer hash = ByteBuffer.wrap(md5.digest(text));
            return new Key(hash.getLong(), hash.getLong());
        }

        static Key hex(String hash) {
            return new Key(
                    Long.parseUnsignedLong(hash, 0, 16, 16),
                    Long.parseUnsignedLong(hash, 16, 32, 16));
        }
    }

    /** For one thread. */
    static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("MD5 is part of every JDK", impossible);
        }
    }

    /**
     * @param most how many are remembered
     */
    SeenIds(int most) {
        this.most = most;
    }

    /** How many are remembered now. */
    int size() {
        return size;
    }

    /** Remembers a message; one that is known already, by its later receipt. */
    void add(Key key, Instant received) {
        int place = place(key);
        int second = second(received);
        if (seconds[place] != 0) {
            seconds[place] = Math.max(seconds[place], second);
            return;
        }
        put(place, key.high, key.low, second);
        size++;
        if (size > most) {
            forgetOldest();
        } else if (size > seconds.length / 4 * 3) {
            grow();
        }
    }

    /** Whether the message was stored less than a day before {@code received}. */
    boolean contains(Key key, Instant received) {
        int known = seconds[place(key)];
        return known != 0 && known >= second(received.minus(WINDOW));
    }

    /** Forgets what is older than a day. */
    void forget(Instant now) {
        forgetBefore(second(now.minus(WINDOW)));
    }

    private static int second(Instant time) {
        return Math.toIntExact(Math.max(1, time.getEpochSecond() - EPOCH));
    }

    /** Where the key is, or the free place at which it would be. */
    private int place(Key key) {
        int at = wanted(key.low);
        while (seconds[at] != 0 && (hashes[2 * at] != key.high || hashes[2 * at + 1] != key.low)) {
            at = next(at);
        }
        return at;
    }

    // The hash is a good one already: its lowest bits are as random as any.
    private int wanted(long low) {
        return (int) low & (seconds.length - 1);
    }

    private int next(int at) {
        return (at + 1) & (seconds.length - 1);
    }

    private void put(int place, long high, long low, int second) {
        hashes[2 * place] = high;
        hashes[2 * place + 1] = low;
        seconds[place] = second;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldSeconds = seconds;
        hashes = new long[2 * oldHashes.length];
        seconds = new int[2 * oldSeconds.length];
        for (int at = 0; at < oldSeconds.length; at++) {
            if (oldSeconds[at] != 0) {
                Key key = new Key(oldHashes[2 * at], oldHashes[2 * at + 1]);
                put(place(key), key.high, key.low, oldSeconds[at]);
            }
        }
    }

    private void forgetOldest() {
        TreeMap<Integer, Integer> bySecond = new TreeMap<>();
        for (int second : seconds) {
            if (second != 0) {
                bySecond.merge(second, 1, Integer::sum);
            }
        }
        int enough = Math.max(1, most / PART_FORGOTTEN);
        int gone = 0;
        for (Map.Entry<Integer, Integer> second : bySecond.entrySet()) {
            gone += second.getValue();
            if (gone >= enough) {
                forgetBefore(second.getKey() + 1);
                return;
            }
        }
    }

    private void forgetBefore(int second) {
        int at = 0;
        while (at < seconds.length) {
            if (seconds[at] != 0 && seconds[at] < second) {
                // Another may move into the place: it is looked at again.
                remove(at);
            } else {
                at++;
            }
        }
    }

    /** Frees a place and moves up those behind it that it had pushed away. */
    private void remove(int place) {
        size--;
        int free = place;
        int at = next(free);
        while (seconds[at] != 0) {
            int away = (at - wanted(hashes[2 * at + 1])) & (seconds.length - 1);
            int hole = (at - free) & (seconds.length - 1);
            if (away >= hole) {
                put(free, hashes[2 * at], hashes[2 * at + 1], seconds[at]);
                free = at;
            }
            at = next(at);
        }
        seconds[free] = 0;
    }
}
