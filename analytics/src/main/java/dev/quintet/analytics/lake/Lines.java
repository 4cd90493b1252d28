package dev.quintet.analytics.lake;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rows on their way to Parquet: a JSON object a line, apart by the partition that they will lie in.
 * Used by one thread.
 */
public final class Lines {

    /**
     * DuckDB holds buffers for each partition that it writes: at a limit of 128 MiB it wrote 51 of
     * 24 MiB together, and not 300 of next to nothing.
     */
    private static final int PARTITIONS_AT_ONCE = 16;

    private static final int BYTES_AT_ONCE = 8 << 20;
    private static final long DAY = TimeUnit.DAYS.toMicros(1);

    private record Partition(Object organisation, long day) {}

    private final LakeTable table;
    private final Map<Partition, ByteArrayOutputStream> partitions = new LinkedHashMap<>();
    private int count;
    private Instant first = Instant.MAX;
    private Instant last = Instant.MIN;

    private Lines(LakeTable table) {
        this.table = table;
    }

    public static Lines ofEvents() {
        return new Lines(LakeTable.EVENTS);
    }

    public static Lines ofRejected() {
        return new Lines(LakeTable.REJECTED);
    }

    /**
     * @param row by column name; a time is the number of microseconds since 1970
     * @param received when the row's request came
     */
    public void add(Map<String, @Nullable Object> row, Instant received) {
        if (!(row.get(LakeTable.ORGANISATION.name()) instanceof String organisation)
                || !(row.get(table.time()) instanceof Long time)) {
            throw new IllegalStateException("a row without its partition: " + row.keySet());
        }
        ByteArrayOutputStream text =
                partitions.computeIfAbsent(
                        new Partition(organisation, Math.floorDiv(time, DAY)),
                        partition -> new ByteArrayOutputStream());
        text.writeBytes(JsonMapper.shared().writeValueAsBytes(row));
        text.write('\n');
        count++;
        first = received.isBefore(first) ? received : first;
        last = received.isAfter(last) ? received : last;
    }

    public int count() {
        return count;
    }

    /** All lines, in texts of so few partitions that one statement can write each. */
    List<byte[]> texts() {
        List<byte[]> texts = new ArrayList<>();
        ByteArrayOutputStream current = new ByteArrayOutputStream();
        int held = 0;
        for (ByteArrayOutputStream partition : partitions.values()) {
            boolean full =
                    held == PARTITIONS_AT_ONCE || current.size() + partition.size() > BYTES_AT_ONCE;
            if (held > 0 && full) {
                texts.add(current.toByteArray());
                current.reset();
                held = 0;
            }
            current.writeBytes(partition.toByteArray());
            held++;
        }
        if (held > 0) {
            texts.add(current.toByteArray());
        }
        return texts;
    }

    Instant first() {
        return first;
    }

    Instant last() {
        return last;
    }
}
