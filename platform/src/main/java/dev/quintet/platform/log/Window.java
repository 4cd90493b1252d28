package dev.quintet.platform.log;

import dev.quintet.platform.disk.OpenFile;
import java.nio.ByteBuffer;

/** A view of a file that is read forward through one buffer, which grows to the longest record. */
final class Window {

    private final OpenFile file;
    private final long size;
    private ByteBuffer buffer;
    private long start;

    Window(OpenFile file, int capacity) {
        this.file = file;
        this.size = file.size();
        this.buffer = ByteBuffer.allocate(capacity).limit(0);
    }

    long size() {
        return size;
    }

    /** The bytes from {@code offset} on, valid until the next call; they must lie in the file. */
    ByteBuffer at(long offset, int length) {
        if (offset < start || offset + length > start + buffer.limit()) {
            if (length > buffer.capacity()) {
                buffer = ByteBuffer.allocate(length);
            }
            start = offset;
            buffer.clear();
            file.read(offset, buffer);
            buffer.flip();
        }
        return buffer.slice((int) (offset - start), length);
    }
}
