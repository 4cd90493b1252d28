package dev.quintet.platform.blobs;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A blob that is being received. One append at a time; what {@link #offset} says is durable. */
public interface Receiving {

    BlobId id();

    /** How many bytes are durable. */
    long offset();

    /**
     * Appends all that {@code source} gives and answers the new durable offset. When the source
     * fails, what it gave before is kept, and the offset tells how much that is.
     *
     * @param offset where the sender believes to be; anything but {@link #offset} is refused
     */
    long append(long offset, InputStream source) throws IOException;

    /**
     * Stores a whole body in one go, for a sender that will not resume: durable and committed when
     * this returns, forgotten when it throws. Until then nobody ends it, and to abort it is
     * refused.
     */
    BlobId store(InputStream source) throws IOException;

    /** Whether another request of this process appends to it or stores it now. */
    boolean isUnderWay();

    /**
     * Ends an append that another request has under way, for a sender that has reconnected: closes
     * its source, waits until it has stored what it had, and answers the offset. Refused when it
     * does not end within {@code wait}.
     */
    long endOther(Duration wait);

    /** Puts all bytes up to {@link #offset} in place; committing again answers the same. */
    BlobId commit();

    /**
     * Forgets what was received; refused while a request appends or stores. A committed blob stays.
     */
    void abort();
}
