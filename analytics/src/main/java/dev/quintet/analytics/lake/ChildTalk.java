package dev.quintet.analytics.lake;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** What server and child say to each other, as JSON in {@link Frames}. */
final class ChildTalk {

    private ChildTalk() {}

    /**
     * One thing to do.
     *
     * @param table the shape of {@code files}
     * @param files the only Parquet files that a user's statement may read, as its table {@code
     *     events}; unused for the loader's own statements
     * @param guarded a user's statement: checked, fenced and run in a fresh instance; otherwise the
     *     loader's own
     * @param maxRows rows beyond it are left out and the answer says so
     * @param spill bytes that it may write beside its memory into the child's own folder; 0 is none
     */
    record Ask(
            String sql,
            LakeTable table,
            List<QueryFile> files,
            boolean guarded,
            int maxRows,
            int maxBytes,
            String memory,
            long spill,
            int threads) {}

    record Column(String name, String type) {}

    enum Problem {
        /** The statement is wrong; DuckDB's sentence says how. */
        INVALID,
        /** The statement reaches for what it may not. */
        NOT_ALLOWED,
        /** It needs more memory than it may take. */
        MEMORY,
        /** Its answer is larger than it may be. */
        TOO_LARGE,
        /** It did not end in time. */
        TOO_SLOW,
        /** The engine failed; the statement may be right. */
        FAILED,
        /** The engine's process ended; the sentence says how, for the log alone. */
        ENDED
    }

    record Failure(Problem problem, String message) {}

    /** One of both is there. */
    record Reply(
            List<Column> columns,
            List<List<JsonNode>> rows,
            boolean truncated,
            List<Failure> failures) {}
}
