package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.UPLOAD_TOO_LONG;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body that may not be longer than what is left of its upload. */
final class AtMost extends FilterInputStream {

    private final long length;
    private long left;

    AtMost(InputStream source, long left, long length) {
        super(source);
        this.left = left;
        this.length = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int wanted) throws IOException {
        int read = in.read(target, offset, wanted);
        if (read > left) {
            throw UPLOAD_TOO_LONG.because(length);
        }
        left -= Math.max(0, read);
        return read;
    }
}
