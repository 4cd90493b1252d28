package dev.quintet.platform.log;

import dev.quintet.platform.DataSize;
import java.time.Duration;
import java.util.List;

/**
 * A durable sequence of records: one log file set, or one partition of a topic. Any thread appends
 * and reads.
 */
public interface EventLog extends AutoCloseable {

    /**
     * Blocks until the record is durable and answers where it lies. Refused ({@link LogRefusal})
     * means not acknowledged: a retry is safe, and may leave the record twice.
     */
    Position append(LogRecord record);

    /**
     * The records from {@code from} on, as many as fit into {@code limit} but at least one; waits
     * up to {@code wait} for the first.
     *
     * @param from {@link #start()}, or a position that an earlier answer gave
     * @throws NotInLog when the log does not {@linkplain #holds hold} it
     * @throws LogDamaged when what lies there was acknowledged and cannot be read
     */
    LogSlice read(Position from, DataSize limit, Duration wait);

    /** Whether a reader that stands there can go on and misses nothing. */
    Holding holds(Position reader);

    /** The answer to {@link #holds}. */
    enum Holding {
        HELD,
        /** What came next is not kept any more. */
        GONE,
        /** The log never came so far, or is another one. */
        BEYOND
    }

    /** Fails with {@link NotInLog} unless {@link #holds} says {@link Holding#HELD}. */
    default void require(Position reader) {
        if (holds(reader) != Holding.HELD) {
            throw new NotInLog(reader, start(), end());
        }
    }

    /** The oldest position that can still be read. */
    Position start();

    /** Behind the last durable record. */
    Position end();

    /** What was damaged and set aside, in order. */
    List<Gap> gaps();

    /**
     * Allows the log to forget what lies before {@code upTo}, where a reader stands.
     *
     * @throws NotInLog when the log does not {@linkplain #holds hold} it
     */
    void release(Position upTo);

    /**
     * Makes all that was appended so far releasable, which else may wait for more to come: whoever
     * must forget a person within the hour calls it that often.
     */
    void rotate();

    @Override
    void close();
}
