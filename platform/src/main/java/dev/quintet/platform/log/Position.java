package dev.quintet.platform.log;

/** A place between two records: a segment, and a byte in it. Positions of one log are ordered. */
public record Position(long segment, long offset) implements Comparable<Position> {

    public Position {
        if (segment < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "a position is not negative: " + segment + ":" + offset);
        }
    }

    /** Reads the text that {@link #toString} writes. */
    public static Position parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("'" + text + "' is not a position like 3:4096");
        }
        return new Position(
                Long.parseLong(text.substring(0, colon)),
                Long.parseLong(text.substring(colon + 1)));
    }

    @Override
    public int compareTo(Position other) {
        int bySegment = Long.compare(segment, other.segment);
        return bySegment != 0 ? bySegment : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return segment + ":" + offset;
    }
}
