package dev.quintet.platform.log;

import java.util.List;

/**
 * Records that follow each other.
 *
 * @param next where reading goes on: behind the last entry, or where it began when there is none
 * @param more whether the log held more behind them when they were read
 */
public record LogSlice(List<Entry> entries, Position next, boolean more) {

    public LogSlice {
        entries = List.copyOf(entries);
    }

    /** A record and where it begins. */
    public record Entry(Position position, LogRecord record) {}
}
