package dev.quintet.platform.blobs;

import dev.quintet.platform.disk.OpenFile;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The file beside a blob in receipt that says how far it is durable: after a power cut a file's
 * length alone may count zeros. A mark (offset, CRC32C of it) is written only when all bytes before
 * that offset are forced.
 */
final class Marks {

    private static final int BYTES = 16;

    private final OpenFile file;
    private int count;

    Marks(OpenFile file) {
        this.file = file;
        this.count = (int) (file.size() / BYTES);
    }

    /** Marks {@code offset} durable. */
    void add(long offset) {
        ByteBuffer mark = ByteBuffer.allocate(BYTES).putLong(offset).putLong(crc(offset)).flip();
        file.write((long) count * BYTES, mark);
        file.force();
        count++;
    }

    /** The last whole mark; a torn one behind it is cut off. */
    long last() {
        long last = 0;
        while (count > 0) {
            ByteBuffer mark = ByteBuffer.allocate(BYTES);
            file.read((count - 1L) * BYTES, mark);
            if (mark.getLong(8) == crc(mark.getLong(0))) {
                last = mark.getLong(0);
                break;
            }
            count--;
        }
        file.resize((long) count * BYTES);
        return last;
    }

    private static long crc(long offset) {
        CRC32C sum = new CRC32C();
        sum.update(ByteBuffer.allocate(8).putLong(offset).flip());
        return sum.getValue();
    }
}
