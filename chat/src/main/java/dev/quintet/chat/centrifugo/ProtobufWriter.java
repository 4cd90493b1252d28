package dev.quintet.chat.centrifugo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes the fields of one Protobuf message; as in proto3, what is zero or empty is not written.
 */
final class ProtobufWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    ProtobufWriter number(int field, long value) {
        if (value != 0) {
            varint((long) field << 3);
            varint(value);
        }
        return this;
    }

    ProtobufWriter flag(int field, boolean value) {
        return number(field, value ? 1 : 0);
    }

    ProtobufWriter string(int field, String value) {
        return value.isEmpty() ? this : sized(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A message is written even when it is empty: its presence says which kind of reply it is. */
    ProtobufWriter message(int field, Consumer<ProtobufWriter> fields) {
        ProtobufWriter inner = new ProtobufWriter();
        fields.accept(inner);
        return sized(field, inner.out.toByteArray());
    }

    /** The message behind its length, as it stands in a stream. */
    byte[] delimited() {
        ProtobufWriter framed = new ProtobufWriter();
        framed.varint(out.size());
        framed.out.writeBytes(out.toByteArray());
        return framed.out.toByteArray();
    }

    private ProtobufWriter sized(int field, byte[] value) {
        varint(((long) field << 3) | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
