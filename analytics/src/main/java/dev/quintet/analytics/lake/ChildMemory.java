package dev.quintet.analytics.lake;

import dev.quintet.platform.DataSize;

/**
 * The memory of one child process, of which its engine's limit is a part: what the server's budget
 * counts, and above which the child ends itself. It is the memory that the kernel could take back
 * from no one else; pages of libraries and files are not in it.
 *
 * @param engine the limit that each statement sets in DuckDB, which counts its buffers only
 * @param answer the largest answer, which passes through the child's heap
 */
public record ChildMemory(DataSize engine, DataSize answer) {

    private static final long SMALLEST_ANSWER = 8L << 20;

    /** A heap of 80 MiB carried every answer of 8 MiB that was tried, as rows and as JSON. */
    private static final long HEAP_AT_REST = 48L << 20;

    private static final long HEAP_PER_ANSWER = 4;

    /**
     * Code, classes, stacks, and what DuckDB takes past its limit. At limits of 64, 128 and 256 MiB
     * sorts, joins, distinct counts, whole answers and the loader's writing took at most 104 MiB
     * more than the limit, heap and all.
     */
    private static final long BESIDE_HEAP = 48L << 20;

    /** The loader's answers are short lists of files. */
    public static ChildMemory ofLoader(DataSize engine) {
        return new ChildMemory(engine, new DataSize(SMALLEST_ANSWER));
    }

    /** The child's Java heap at its largest. */
    DataSize heap() {
        return new DataSize(
                HEAP_AT_REST + HEAP_PER_ANSWER * Math.max(SMALLEST_ANSWER, answer.bytes()));
    }

    /** All of it. */
    public DataSize whole() {
        return new DataSize(engine.bytes() + BESIDE_HEAP + heap().bytes());
    }
}
