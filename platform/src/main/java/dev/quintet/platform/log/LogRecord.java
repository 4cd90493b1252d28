package dev.quintet.platform.log;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;

/**
 * One request as it was received.
 *
 * @param receivedAt kept in microseconds
 * @param source who sent it
 * @param flags 16 bits that belong to the writer, e.g. that the body is compressed
 * @param meta what the request said beside its body (address, user agent), in the writer's format
 * @param body the request's body, byte for byte
 */
public record LogRecord(
        Instant receivedAt, UUID source, int flags, ByteBuffer meta, ByteBuffer body) {

    public LogRecord {
        if (flags < 0 || flags > 0xFFFF) {
            throw new IllegalArgumentException("flags are 16 bits, not " + flags);
        }
        meta = meta.asReadOnlyBuffer();
        body = body.asReadOnlyBuffer();
    }

    /** What meta and body take together. */
    public long bytes() {
        return (long) meta.remaining() + body.remaining();
    }

    /** A view with a position of its own. */
    @Override
    public ByteBuffer meta() {
        return meta.duplicate();
    }

    /** A view with a position of its own. */
    @Override
    public ByteBuffer body() {
        return body.duplicate();
    }
}
