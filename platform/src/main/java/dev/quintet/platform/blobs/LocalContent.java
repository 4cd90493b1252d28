package dev.quintet.platform.blobs;

import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.OpenFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/** A part of a local blob's file. */
record LocalContent(OpenFile file, long from, long length) implements BlobContent {

    @Override
    public InputStream stream() {
        return new PartStream(file, from, length);
    }

    @Override
    public Optional<Region> region() {
        return Optional.of(new Region(file.path(), from, length));
    }

    @Override
    public void close() {
        file.close();
    }

    private static final class PartStream extends InputStream {

        private final OpenFile file;
        private long at;
        private long left;

        PartStream(OpenFile file, long from, long length) {
            this.file = file;
            this.at = from;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0 || left == 0) {
                return length == 0 ? 0 : -1;
            }
            int wanted = (int) Math.min(left, length);
            int got = readAt(ByteBuffer.wrap(target, offset, wanted));
            if (got < wanted) {
                throw new EOFException(file.path() + " ends " + (left - got) + " bytes early");
            }
            at += got;
            left -= got;
            return got;
        }

        private int readAt(ByteBuffer target) throws IOException {
            try {
                return file.read(at, target);
            } catch (DiskFailed failure) {
                throw new IOException(failure);
            }
        }
    }
}
