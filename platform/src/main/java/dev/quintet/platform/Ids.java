package dev.quintet.platform;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, the rest random. An id, never an
 * order: two made in one millisecond sort by chance. Safe for any number of threads if its
 * generator is.
 */
public final class Ids {

    private final InstantSource time;
    private final RandomGenerator random;

    public Ids(InstantSource time, RandomGenerator random) {
        this.time = time;
        this.random = random;
    }

    public UUID next() {
        long high = (time.millis() << 16) | 0x7000L | (random.nextLong() & 0xFFFL);
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
