package dev.quintet.analytics.lake;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * A Parquet file that DuckDB wrote, with what Iceberg must know of it. The only bounds told are
 * those of times: a bound on a person's column would keep a piece of the person.
 *
 * @param spec the table's partitions, by which the file lies
 * @param day of the second partition
 * @param bounds by column
 */
record StoredFile(
        Path file,
        int spec,
        String organisation,
        LocalDate day,
        long rows,
        long bytes,
        Map<String, Bound> bounds) {

    StoredFile {
        bounds = Map.copyOf(bounds);
    }

    /**
     * A file that holds rows of {@code old}, which lie in one folder, and stands in their place.
     */
    static StoredFile inPlaceOf(Table table, List<DataFile> old, Path file, long rows, long bytes) {
        DataFile first = old.getFirst();
        return new StoredFile(
                file,
                first.specId(),
                first.partition().get(0, String.class),
                LocalDate.ofEpochDay(first.partition().get(1, Integer.class)),
                rows,
                bytes,
                bounds(table, old));
    }

    /** Of the columns whose bounds are known of every file. */
    private static Map<String, Bound> bounds(Table table, List<DataFile> files) {
        Map<String, Bound> all = bounds(table, files.getFirst());
        for (DataFile file : files) {
            Map<String, Bound> own = bounds(table, file);
            all.keySet().retainAll(own.keySet());
            all.replaceAll((column, bound) -> bound.with(requireNonNull(own.get(column))));
        }
        return all;
    }

    static Map<String, Bound> bounds(Table table, DataFile file) {
        Map<String, Bound> bounds = new HashMap<>();
        if (file.lowerBounds() == null || file.upperBounds() == null) {
            return bounds;
        }
        file.lowerBounds()
                .forEach((column, least) -> {
                    // Of another engine's files also other columns have bounds.
                    ByteBuffer most = file.upperBounds().get(column);
                    if (most != null
                            && Types.TimestampType.withZone()
                                    .equals(table.schema().findType(column))) {
                        bounds.put(
                                table.schema().findColumnName(column),
                                new Bound(micros(least), micros(most)));
                    }
                });
        return bounds;
    }

    StoredFile at(Path place) {
        return new StoredFile(place, spec, organisation, day, rows, bytes, bounds);
    }

    DataFile dataFile(Table table) {
        PartitionSpec partitions = requireNonNull(table.specs().get(spec));
        Map<Integer, ByteBuffer> least = new HashMap<>();
        Map<Integer, ByteBuffer> most = new HashMap<>();
        bounds.forEach((column, bound) -> {
            int id = table.schema().findField(column).fieldId();
            least.put(id, bytes(bound.least()));
            most.put(id, bytes(bound.most()));
        });
        return DataFiles.builder(partitions)
                .withPath(LakeFiles.location(file))
                .withFormat(FileFormat.PARQUET)
                .withPartitionPath(
                        partitions.fields().get(0).name()
                                + "="
                                + organisation
                                + "/"
                                + partitions.fields().get(1).name()
                                + "="
                                + day)
                .withFileSizeInBytes(bytes)
                .withMetrics(new Metrics(rows, null, null, null, null, least, most))
                .build();
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static long micros(ByteBuffer bound) {
        Long micros = Conversions.fromByteBuffer(Types.TimestampType.withZone(), bound);
        return micros;
    }

    private static ByteBuffer bytes(long micros) {
        return Conversions.toByteBuffer(Types.TimestampType.withZone(), micros);
    }
}
