package dev.quintet.analytics.lake;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * A Parquet file that DuckDB wrote, with what Iceberg must know of it. The only bounds told are
 * those of {@code received_at}: a bound on a person's column would keep a piece of the person.
 */
record StoredFile(
        Path file,
        String organisation,
        LocalDate day,
        long rows,
        long bytes,
        Instant firstReceived,
        Instant lastReceived) {

    /** A file that holds rows of {@code old} and stands in its place. */
    static StoredFile inPlaceOf(DataFile old, Path file, long rows, long bytes) {
        return new StoredFile(
                file,
                old.partition().get(0, String.class),
                LocalDate.ofEpochDay(old.partition().get(1, Integer.class)),
                rows,
                bytes,
                received(old.lowerBounds()),
                received(old.upperBounds()));
    }

    private static Instant received(Map<Integer, ByteBuffer> bounds) {
        if (bounds == null || bounds.size() != 1) {
            throw new IllegalStateException(
                    "a data file of ours bounds received_at alone, not " + bounds);
        }
        long micros =
                Conversions.fromByteBuffer(
                        Types.TimestampType.withZone(), bounds.values().iterator().next());
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    StoredFile at(Path place) {
        return new StoredFile(place, organisation, day, rows, bytes, firstReceived, lastReceived);
    }

    DataFile dataFile(Table table) {
        int receivedAt = table.schema().findField("received_at").fieldId();
        return DataFiles.builder(table.spec())
                .withPath(LakeFiles.location(file))
                .withFormat(FileFormat.PARQUET)
                .withPartitionPath(
                        table.spec().fields().get(0).name()
                                + "="
                                + organisation
                                + "/"
                                + table.spec().fields().get(1).name()
                                + "="
                                + day)
                .withFileSizeInBytes(bytes)
                .withMetrics(
                        new Metrics(
                                rows,
                                null,
                                null,
                                null,
                                null,
                                Map.of(receivedAt, bound(firstReceived)),
                                Map.of(receivedAt, bound(lastReceived))))
                .build();
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static ByteBuffer bound(Instant time) {
        return Conversions.toByteBuffer(Types.TimestampType.withZone(), micros(time));
    }
}
