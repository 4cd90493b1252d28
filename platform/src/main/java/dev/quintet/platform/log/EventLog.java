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
     * @throws LogDamaged when what lies there was acknowledged and cannot be read
     */
    LogSlice read(Position from, DataSize limit, Duration wait);

    /** The oldest position that can still be read. */
    Position start();

    /** Behind the last durable record. */
    Position end();

    /** What was damaged and set aside, in order. */
    List<Gap> gaps();

    /** Allows the log to forget what lies before {@code upTo}. */
    void release(Position upTo);

    /**
     * Makes all that was appended so far releasable, which else waits until its segment is full:
     * whoever must forget a person within the hour calls it that often.
     */
    void rotate();

    @Override
    void close();
}
