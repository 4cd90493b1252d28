package dev.quintet.platform.blobs;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;

/** The CRC32C of a whole blob, for those who keep it beside the id and want it checked. */
public record Crc32c(int value) {

    public static Crc32c of(InputStream whole) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = whole.read(buffer)) >= 0; ) {
            sum.update(buffer, 0, read);
        }
        return new Crc32c((int) sum.getValue());
    }

    /** The same stream; it fails at its end when the bytes were not those of this checksum. */
    public InputStream checking(InputStream whole) {
        CRC32C sum = new CRC32C();
        return new FilterInputStream(whole) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                int read = super.read(target, from, length);
                if (read >= 0) {
                    sum.update(target, from, read);
                } else if ((int) sum.getValue() != value) {
                    throw new IOException(
                            "the stored bytes have CRC32C %08x instead of %08x"
                                    .formatted((int) sum.getValue(), value));
                }
                return read;
            }
        };
    }
}
