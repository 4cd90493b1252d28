package dev.quintet.platform.blobs;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/** An opened part of a blob: exactly {@link #length} bytes, to be closed by whoever reads it. */
public interface BlobContent extends AutoCloseable {

    long length();

    /** The part as a stream; asked for once. */
    InputStream stream();

    /** Where the part lies in a local file, for sending without copying. */
    Optional<Region> region();

    @Override
    void close();

    record Region(Path file, long offset, long length) {}
}
