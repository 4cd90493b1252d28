package dev.quintet.analytics.lake;

import dev.quintet.platform.log.Position;

/** A part of the log that is loaded as one: from a position up to, but not with, another. */
public record LogRange(Position start, Position end) {

    public LogRange {
        if (start.compareTo(end) > 0) {
            throw new IllegalArgumentException(
                    "a range ends behind its start: " + start + ".." + end);
        }
        if (start.partition() != end.partition()) {
            throw new IllegalArgumentException("a range of two partitions: " + start + ".." + end);
        }
    }

    /** The same for every attempt of a loader's epoch, so that a retry finds its own leftovers. */
    String fileName(long epoch) {
        return "%d-%019d-%019d-%d"
                .formatted(start.partition(), start.offset(), end.offset(), epoch);
    }

    @Override
    public String toString() {
        return start + ".." + end;
    }
}
