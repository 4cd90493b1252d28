package dev.quintet.platform.blobs;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A store of immutable bytes, on the local disk or in S3. Any thread may call it. */
public interface Blobs {

    /** Names a new blob. Nothing is stored before the first append. */
    Receiving begin();

    /**
     * Goes on with a blob that {@link #begin} has named, also after a restart. One of which nothing
     * was stored stands at offset 0; one that is committed answers its commit again.
     */
    Receiving receive(BlobId id);

    /** Stores a whole body in one go; durable when this returns, absent when it throws. */
    default BlobId store(InputStream source) throws IOException {
        return begin().store(source);
    }

    /** The size of a committed blob; empty when there is none. */
    OptionalLong size(BlobId id);

    /**
     * Opens a part of a committed blob; refused when there is none, or when the part is not within
     * it.
     */
    BlobContent read(BlobId id, long from, long length);

    /** Deletes a committed blob. Callers wait for hours after the row that named it is gone. */
    void drop(BlobId id);

    /** Shows every committed blob, in no order: a sweep looks for those without a row. */
    void eachStored(Consumer<Seen> seen);

    /**
     * Shows every blob of which something was received and is not cleaned up: a sweep aborts it.
     */
    void eachReceiving(Consumer<Seen> seen);

    /**
     * A blob that a sweep meets.
     *
     * @param changedAt when bytes last came, by the clock of the store. Its id tells when it was
     *     begun, which may be a day before for a slow sender
     */
    record Seen(BlobId id, Instant changedAt) {}
}
