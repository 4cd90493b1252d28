package dev.quintet.platform.telemetry;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes log lines off the threads that write them. When nobody reads the log (a pipe whose reader
 * stands still) lines are dropped and counted: no request and no event loop ever waits for a log.
 */
final class LossyAppender extends AsyncAppender {

    private static final Logger log = LoggerFactory.getLogger(LossyAppender.class);

    // About 4 MiB of lines; a burst of a second or two.
    private static final int WAITING = 8192;
    private static final int LONGEST_FLUSH_MILLIS = 1000;

    // Of the process, as the log is.
    private static final AtomicLong DROPPED = new AtomicLong();

    private final AtomicLong untold = new AtomicLong();

    LossyAppender() {
        setName("lossy");
        setQueueSize(WAITING);
        // Which line is dropped is decided below, and only when there is no room.
        setDiscardingThreshold(0);
        setNeverBlock(true);
        setMaxFlushTime(LONGEST_FLUSH_MILLIS);
    }

    static long dropped() {
        return DROPPED.get();
    }

    @Override
    protected void append(ILoggingEvent event) {
        int room = getRemainingCapacity();
        if (room == 0) {
            DROPPED.incrementAndGet();
            untold.incrementAndGet();
            return;
        }
        super.append(event);
        if (room > WAITING / 2 && untold.get() > 0) {
            long lines = untold.getAndSet(0);
            if (lines > 0) {
                log.warn("{} log lines were dropped here: nobody read them in time", lines);
            }
        }
    }
}
