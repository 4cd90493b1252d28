package dev.quintet.platform.log;

import dev.quintet.platform.DataSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An engine as unlike files as can be: offsets count records, as a topic of Kafka does, of a
 * partition that is not the first, and what is released is gone at once. In memory, so that it
 * shows what callers rely on; it survives no process.
 */
public final class NumberedLog implements EventLog {

    private static final int PARTITION = 3;

    private final Topic topic;
    private final DataSize record;
    private volatile boolean closed;

    /** What outlives whoever has it open. */
    public static final class Topic {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition grown = lock.newCondition();
        private final List<LogRecord> records = new ArrayList<>();
        private int released;

        private Position end() {
            return new Position(PARTITION, records.size());
        }
    }

    /**
     * @param record the largest
     */
    public NumberedLog(Topic topic, DataSize record) {
        this.topic = topic;
        this.record = record;
    }

    @Override
    public Position append(LogRecord appended) {
        if (closed) {
            throw LogRefusal.EVENT_LOG_CLOSED.because().retryAfter(Duration.ofSeconds(1));
        }
        if (appended.bytes() > record.bytes()) {
            throw LogRefusal.EVENTS_TOO_LARGE.because(appended.bytes(), record.bytes());
        }
        topic.lock.lock();
        try {
            Position position = topic.end();
            topic.records.add(appended);
            topic.grown.signalAll();
            return position;
        } finally {
            topic.lock.unlock();
        }
    }

    @Override
    public LogSlice read(Position from, DataSize limit, Duration wait) {
        topic.lock.lock();
        try {
            require(from);
            for (long left = wait.toNanos(); from.equals(topic.end()) && left > 0; ) {
                left = topic.grown.awaitNanos(left);
            }
            List<LogSlice.Entry> entries = new ArrayList<>();
            Position at = from;
            long bytes = 0;
            while (!at.equals(topic.end())) {
                LogRecord next = topic.records.get((int) at.offset());
                bytes += next.bytes();
                if (!entries.isEmpty() && bytes > limit.bytes()) {
                    break;
                }
                entries.add(new LogSlice.Entry(at, next));
                at = new Position(PARTITION, at.offset() + 1);
            }
            return new LogSlice(entries, at, !at.equals(topic.end()));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException("nobody interrupts a reader", stopped);
        } finally {
            topic.lock.unlock();
        }
    }

    @Override
    public Holding holds(Position reader) {
        if (reader.partition() != PARTITION || reader.compareTo(end()) > 0) {
            return Holding.BEYOND;
        }
        return reader.compareTo(start()) < 0 ? Holding.GONE : Holding.HELD;
    }

    @Override
    public Position start() {
        topic.lock.lock();
        try {
            return new Position(PARTITION, topic.released);
        } finally {
            topic.lock.unlock();
        }
    }

    @Override
    public Position end() {
        topic.lock.lock();
        try {
            return topic.end();
        } finally {
            topic.lock.unlock();
        }
    }

    @Override
    public List<Gap> gaps() {
        return List.of();
    }

    @Override
    public void release(Position upTo) {
        topic.lock.lock();
        try {
            require(upTo);
            topic.released = (int) upTo.offset();
        } finally {
            topic.lock.unlock();
        }
    }

    @Override
    public void rotate() {
        // All is releasable at any time.
    }

    @Override
    public void close() {
        closed = true;
    }
}
