package dev.quintet.platform.log;

/**
 * Where a position lies on the disk: a segment, and a byte in its file. Both are in the position's
 * offset, so that neither needs the files to be told from the other.
 */
record Place(long segment, long offset) implements Comparable<Place> {

    /** The one partition of a log in files. */
    static final int PARTITION = 0;

    // A segment has at most 1 GiB.
    private static final int BYTE_BITS = 32;

    Place {
        if (segment < 0 || segment > Integer.MAX_VALUE || offset < 0 || offset >> BYTE_BITS > 0) {
            throw new IllegalArgumentException("no place: " + segment + ":" + offset);
        }
    }

    static Place of(Position position) {
        if (position.partition() != PARTITION) {
            throw new IllegalArgumentException("a log in files has no partition of " + position);
        }
        return new Place(
                position.offset() >>> BYTE_BITS, position.offset() & ((1L << BYTE_BITS) - 1));
    }

    Position position() {
        return new Position(PARTITION, segment << BYTE_BITS | offset);
    }

    @Override
    public int compareTo(Place other) {
        int bySegment = Long.compare(segment, other.segment);
        return bySegment != 0 ? bySegment : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return segment + ":" + offset;
    }
}
