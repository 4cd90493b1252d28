package dev.quintet.analytics.lake;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rows on their way to Parquet: a JSON object a line, apart by the partition that they will lie in.
 * Used by one thread.
 */
public final class Lines {

    private static final long DAY = TimeUnit.DAYS.toMicros(1);

    /** Whose rows, and the day of their receipt since 1970. */
    record Partition(String organisation, long day) {}

    private final LakeTable table;
    private final Map<Partition, Rows> partitions = new LinkedHashMap<>();
    private int count;
    private long bytes;

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
     */
    public void add(Map<String, @Nullable Object> row) {
        if (!(row.get(LakeTable.ORGANISATION.name()) instanceof String organisation)
                || !(row.get(LakeTable.RECEIVED) instanceof Long received)) {
            throw new IllegalStateException("a row without its partition: " + row.keySet());
        }
        Rows rows =
                partitions.computeIfAbsent(
                        new Partition(organisation, Math.floorDiv(received, DAY)),
                        partition -> new Rows());
        byte[] line = JsonMapper.shared().writeValueAsBytes(row);
        rows.text.writeBytes(line);
        rows.text.write('\n');
        for (String time : table.bounded()) {
            if (row.get(time) instanceof Long value) {
                rows.bounds.merge(time, new Bound(value, value), Bound::with);
            }
        }
        count++;
        bytes += line.length + 1;
    }

    public int count() {
        return count;
    }

    /** What the lines take together. */
    public long bytes() {
        return bytes;
    }

    public int partitions() {
        return partitions.size();
    }

    Map<Partition, Rows> rows() {
        return partitions;
    }

    /** The lines of one partition, and between which times they lie. */
    static final class Rows {
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private final Map<String, Bound> bounds = new LinkedHashMap<>();

        byte[] text() {
            return text.toByteArray();
        }

        Map<String, Bound> bounds() {
            return bounds;
        }
    }
}
