package dev.quintet.platform.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file open for positional reading and writing: any number of readers, one writer at a time. */
public interface OpenFile extends AutoCloseable {

    Path path();

    long size();

    /** Writes all that remains in {@code sources}, in their order, as one gathered write. */
    void write(long position, ByteBuffer... sources);

    /**
     * Fills {@code target} as far as the file goes; answers the number of bytes read, 0 at its end.
     */
    int read(long position, ByteBuffer target);

    /** Cuts the file to {@code size}, or lengthens it with zeros. */
    void resize(long size);

    /** Returns when all bytes written so far are on the disk. Slow: about a millisecond. */
    void force();

    @Override
    void close();
}
