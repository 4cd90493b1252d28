package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import java.util.function.LongSupplier;

/**
 * Whether a request's thread waits for its client, and for how long it has in all: what the client
 * sent or took at a usual rate is taken off, so that one byte now and then makes nobody quick.
 * Written by that thread.
 */
final class ClientWait {

    /** A second of it; who does as much never counts as slow. */
    static final DataSize USUAL = DataSize.kibibytes(64);

    private static final long NANOS_OF_A_BYTE = 1_000_000_000 / USUAL.bytes();

    private final LongSupplier nanos;
    private volatile long since;
    private long began;
    private long owed;

    ClientWait() {
        this(System::nanoTime);
    }

    ClientWait(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void begin() {
        began = nanos.getAsLong();
        // Zero says that nobody waits.
        since = (began - owed) | 1;
    }

    void end() {
        since = 0;
        owed += nanos.getAsLong() - began;
    }

    /** The client has sent or taken that much. */
    void took(long bytes) {
        owed = Math.max(0, owed - bytes * NANOS_OF_A_BYTE);
    }

    /** As if all of it were one wait that goes on; 0 while nobody waits. */
    long since() {
        return since;
    }
}
