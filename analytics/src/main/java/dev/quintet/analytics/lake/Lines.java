package dev.quintet.analytics.lake;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

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
        bytes += rows.add(row);
        for (String time : table.bounded()) {
            if (row.get(time) instanceof Long value) {
                rows.bounds.merge(time, new Bound(value, value), Bound::with);
            }
        }
        count++;
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

        // A line each: blanks of any kind may be between two JSON values.
        private static final JsonFactory LINES =
                JsonFactory.builder().rootValueSeparator(new SerializedString("\n")).build();

        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private final JsonGenerator line = LINES.createGenerator(ObjectWriteContext.empty(), text);
        private final Map<String, Bound> bounds = new LinkedHashMap<>();

        /** How many bytes it took. */
        private long add(Map<String, @Nullable Object> row) {
            long before = length();
            line.writeStartObject();
            row.forEach((column, value) -> {
                switch (value) {
                    case null -> {}
                    case String string -> line.writeStringProperty(column, string);
                    case Long number -> line.writeNumberProperty(column, number);
                    case Integer number -> line.writeNumberProperty(column, number);
                    default ->
                            throw new IllegalArgumentException(
                                    column + " is a " + value.getClass());
                }
            });
            line.writeEndObject();
            return length() - before;
        }

        private long length() {
            return (long) text.size() + line.streamWriteOutputBuffered();
        }

        byte[] text() {
            line.flush();
            return text.toByteArray();
        }

        Map<String, Bound> bounds() {
            return bounds;
        }
    }
}
