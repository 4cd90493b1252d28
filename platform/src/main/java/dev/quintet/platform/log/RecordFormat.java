package dev.quintet.platform.log;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.zip.Checksum;

/**
 * A record's bytes: magic, CRC32C, length, batch start, time, source, flags, meta length, meta,
 * body. The checksum also covers segment and offset, so that a block of an older segment that the
 * disk hands out again is no record. Batch start tells a torn batch from damage: what follows a
 * torn record was written in the same batch, for the next one waits for its force.
 */
final class RecordFormat {

    static final int MAGIC = 0x51_45_56_54;
    static final int HEAD = 48;
    private static final int CHECKED_FROM = 8;

    private final Supplier<Checksum> checksum;

    RecordFormat(Supplier<Checksum> checksum) {
        this.checksum = checksum;
    }

    static long length(LogRecord record) {
        return HEAD + record.bytes();
    }

    /** The head of a record that will lie at {@code at}; meta and body follow it. */
    ByteBuffer head(LogRecord record, Place at, long batchStart) {
        ByteBuffer meta = record.meta();
        ByteBuffer body = record.body();
        ByteBuffer head =
                ByteBuffer.allocate(HEAD)
                        .putInt(MAGIC)
                        .putInt(0)
                        .putInt(Math.toIntExact(length(record)))
                        .putInt(Math.toIntExact(batchStart))
                        .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, record.receivedAt()))
                        .putLong(record.source().getMostSignificantBits())
                        .putLong(record.source().getLeastSignificantBits())
                        .putInt(record.flags())
                        .putInt(meta.remaining())
                        .flip();
        return head.putInt(4, check(at, head.slice(CHECKED_FROM, HEAD - CHECKED_FROM), meta, body));
    }

    /**
     * The length that the bytes at {@code at} claim, at least {@link #HEAD}, or 0 when no record
     * begins there. It counts for nothing before {@link #isWhole}.
     */
    static int claimedLength(ByteBuffer bytes, int at) {
        if (bytes.limit() - at < HEAD || bytes.getInt(at) != MAGIC) {
            return 0;
        }
        int length = bytes.getInt(at + 8);
        int meta = bytes.getInt(at + 44);
        return length >= HEAD && meta >= 0 && meta <= length - HEAD ? length : 0;
    }

    boolean isWhole(ByteBuffer record, Place at) {
        ByteBuffer checked = record.slice(CHECKED_FROM, record.limit() - CHECKED_FROM);
        return record.getInt(4) == check(at, checked);
    }

    static long batchStart(ByteBuffer record) {
        return record.getInt(12);
    }

    static LogRecord decode(ByteBuffer record) {
        int meta = record.getInt(44);
        return new LogRecord(
                Instant.EPOCH.plus(record.getLong(16), ChronoUnit.MICROS),
                new UUID(record.getLong(24), record.getLong(32)),
                record.getInt(40),
                record.slice(HEAD, meta),
                record.slice(HEAD + meta, record.limit() - HEAD - meta));
    }

    private int check(Place at, ByteBuffer... parts) {
        Checksum sum = checksum.get();
        sum.update(ByteBuffer.allocate(16).putLong(at.segment()).putLong(at.offset()).flip());
        for (ByteBuffer part : parts) {
            sum.update(part.duplicate());
        }
        return (int) sum.getValue();
    }
}
