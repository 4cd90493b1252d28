package dev.quintet.platform.log;

/**
 * A place between two records: a partition of the log, and an offset that grows from record to
 * record and beyond that means something to the engine alone. Positions of one partition are
 * ordered.
 */
public record Position(int partition, long offset) implements Comparable<Position> {

    public Position {
        if (partition < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "a position is not negative: " + partition + ":" + offset);
        }
    }

    /** Reads the text that {@link #toString} writes. */
    public static Position parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("'" + text + "' is not a position like 0:4096");
        }
        return new Position(
                Integer.parseInt(text.substring(0, colon)),
                Long.parseLong(text.substring(colon + 1)));
    }

    @Override
    public int compareTo(Position other) {
        int byPartition = Integer.compare(partition, other.partition);
        return byPartition != 0 ? byPartition : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return partition + ":" + offset;
    }
}
