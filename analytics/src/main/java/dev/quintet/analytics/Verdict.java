package dev.quintet.analytics;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of one item of a request. */
sealed interface Verdict {

    /**
     * It is an event.
     *
     * @param row its columns in the lake, without organisation, source and time of receipt
     */
    record Good(String messageId, Map<String, @Nullable Object> row) implements Verdict {}

    /**
     * It is none.
     *
     * @param path the offending member as a JSON pointer (RFC 6901), empty for the item itself
     */
    record Bad(String reason, String path) implements Verdict {}
}
