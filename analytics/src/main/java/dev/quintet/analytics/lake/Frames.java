package dev.quintet.analytics.lake;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;

/** The talk between server and child over two pipes: a 32-bit length, then that many bytes. */
final class Frames {

    /** No honest frame is longer: requests are capped before, answers by the child. */
    static final int MAX_BYTES = 64 << 20;

    private Frames() {}

    static void write(DataOutputStream out, byte[] frame) throws IOException {
        out.writeInt(frame.length);
        out.write(frame);
        out.flush();
    }

    /** The next frame; empty when the other side has ended. */
    static Optional<byte[]> read(DataInputStream in) throws IOException {
        try {
            int length = in.readInt();
            if (length < 0 || length > MAX_BYTES) {
                throw new IOException("a frame of " + length + " bytes is not of this protocol");
            }
            byte[] frame = new byte[length];
            in.readFully(frame);
            return Optional.of(frame);
        } catch (EOFException ended) {
            return Optional.empty();
        }
    }
}
