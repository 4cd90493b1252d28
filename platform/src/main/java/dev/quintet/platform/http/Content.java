package dev.quintet.platform.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Something of known length of which clients may ask ranges: its media type, its validators, and
 * how to write a part of it.
 *
 * @param etag a strong entity tag without its quotes
 */
public record Content(
        long length,
        String type,
        Optional<String> etag,
        Optional<Instant> modified,
        Source source) {

    /** Writes {@code length} bytes from {@code offset} on. */
    @FunctionalInterface
    public interface Source {
        void write(long offset, long length, Sink to) throws IOException;
    }

    /** Where a part goes; each call blocks while the client lags. */
    public interface Sink {

        void write(ByteBuffer bytes) throws IOException;

        /** Sends bytes that nobody changes any more from where they lie, without a copy. */
        void shared(ByteBuffer bytes) throws IOException;

        /**
         * Sends a part of a file without copying it through memory; it must be the whole answer.
         */
        void file(Path file, long offset, long length) throws IOException;
    }

    /** For what is kept: its bytes lie in direct memory once, for all who are sent them. */
    public static Content bytes(byte[] bytes, String type, String etag) {
        ByteBuffer kept =
                ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().asReadOnlyBuffer();
        return new Content(
                bytes.length,
                type,
                Optional.of(etag),
                Optional.empty(),
                (offset, part, to) -> to.shared(kept.slice((int) offset, (int) part)));
    }
}
