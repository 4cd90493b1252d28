package dev.quintet.analytics.lake;

import dev.quintet.platform.log.Position;

/** A part of the log that is loaded as one: from a position up to, but not with, another. */
public record LogRange(Position start, Position end) {

    public LogRange {
        if (start.compareTo(end) > 0) {
            throw new IllegalArgumentException(
                    "a range ends behind its start: " + start + ".." + end);
        }
    }

    /** The same for every attempt of a loader's epoch, so that a retry finds its own leftovers. */
    String fileName(long epoch) {
        return "%012d-%012d-%d-%d-%d"
                .formatted(start.segment(), start.offset(), end.segment(), end.offset(), epoch);
    }

    @Override
    public String toString() {
        return start + ".." + end;
    }
}
