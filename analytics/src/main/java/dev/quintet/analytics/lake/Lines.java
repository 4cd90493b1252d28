package dev.quintet.analytics.lake;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Rows on their way to Parquet: a JSON object a line. Used by one thread. */
public final class Lines {

    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private int count;
    private Instant first = Instant.MAX;
    private Instant last = Instant.MIN;

    /**
     * @param row by column name; a time is the number of microseconds since 1970
     * @param received when the row's request came
     */
    public void add(Map<String, @Nullable Object> row, Instant received) {
        text.writeBytes(JsonMapper.shared().writeValueAsBytes(row));
        text.write('\n');
        count++;
        first = received.isBefore(first) ? received : first;
        last = received.isAfter(last) ? received : last;
    }

    public int count() {
        return count;
    }

    byte[] text() {
        return text.toByteArray();
    }

    Instant first() {
        return first;
    }

    Instant last() {
        return last;
    }
}
