package dev.quintet.chat.centrifugo;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one Protobuf message in order (protobuf.dev, "Encoding"). After {@link #next}
 * the value of the field is either taken or skipped.
 */
final class ProtobufReader {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteBuffer in;
    private int type;

    ProtobufReader(ByteBuffer in) {
        this.in = in;
    }

    boolean empty() {
        return !in.hasRemaining();
    }

    /** The number of the next field; 0 at the end. */
    int next() throws Malformed {
        if (!in.hasRemaining()) {
            return 0;
        }
        long tag = varint();
        type = (int) (tag & 7);
        long field = tag >>> 3;
        if (field < 1 || field > 0x1FFF_FFFF) {
            throw new Malformed("a Protobuf field number out of range");
        }
        return (int) field;
    }

    long number() throws Malformed {
        expect(VARINT);
        return varint();
    }

    boolean flag() throws Malformed {
        return number() != 0;
    }

    String string() throws Malformed {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice()).toString();
        } catch (CharacterCodingException broken) {
            throw new Malformed("a Protobuf string that is not UTF-8");
        }
    }

    ProtobufReader message() throws Malformed {
        return new ProtobufReader(slice());
    }

    /** One message of a length-delimited stream. */
    ProtobufReader delimited() throws Malformed {
        type = BYTES;
        return message();
    }

    void skip() throws Malformed {
        switch (type) {
            case VARINT -> varint();
            case FIXED64 -> take(8);
            case BYTES -> slice();
            case FIXED32 -> take(4);
            default -> throw new Malformed("a Protobuf field of unknown type");
        }
    }

    private ByteBuffer slice() throws Malformed {
        expect(BYTES);
        return take(varint());
    }

    private ByteBuffer take(long length) throws Malformed {
        if (length < 0 || length > in.remaining()) {
            throw new Malformed("a Protobuf field longer than its frame");
        }
        ByteBuffer slice = in.slice(in.position(), (int) length);
        in.position(in.position() + (int) length);
        return slice;
    }

    private void expect(int wanted) throws Malformed {
        if (type != wanted) {
            throw new Malformed("a Protobuf field of another type than the protocol's");
        }
    }

    private long varint() throws Malformed {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!in.hasRemaining()) {
                throw new Malformed("a Protobuf number cut off");
            }
            byte part = in.get();
            value |= (long) (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw new Malformed("a Protobuf number of more than ten bytes");
    }
}
