package dev.quintet.platform.log;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.OpenFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * The event log of one node, in segment files of one folder. Appenders wait in {@link LogWriter}'s
 * queue; readers open the file they read and never wait for the writer.
 */
public final class LocalEventLog implements EventLog {

    private final Disk disk;
    private final Path folder;
    private final RecordFormat format;
    private final Segments segments;
    private final DiskGuard guard;
    private final long cutBytes;
    private final LogWriter writer;

    /**
     * Opens the log, and cuts what a power cut has left unfinished. Damage does not keep it from
     * taking records; readers stop before it.
     */
    public LocalEventLog(Disk disk, Path folder, Bounds bounds, DiskGuard guard) {
        this(disk, folder, bounds, guard, CRC32C::new);
    }

    LocalEventLog(
            Disk disk, Path folder, Bounds bounds, DiskGuard guard, Supplier<Checksum> checksum) {
        this.disk = disk;
        this.folder = folder;
        this.guard = guard;
        this.format = new RecordFormat(checksum);
        disk.createFolders(folder);
        this.segments = Segments.recover(disk, folder, format);
        this.cutBytes = Segments.cutBytes(disk, folder);
        this.writer = new LogWriter(disk, folder, bounds, format, segments);
    }

    @Override
    public Position append(LogRecord record) {
        guard.admit();
        return writer.append(record).position();
    }

    @Override
    public LogSlice read(Position from, DataSize limit, Duration wait) {
        Place at = segments.awaitBehind(place(from), wait);
        Place last = segments.end();
        long end = segments.endBehind(at);
        if (at.offset() >= end) {
            return new LogSlice(List.of(), at.position(), false);
        }
        try (OpenFile file = disk.open(Segment.path(folder, at.segment()))) {
            int bytes = (int) Math.min(limit.bytes(), 1 << 30);
            Segment.Records read = Segment.read(file, at, end, bytes, format);
            return new LogSlice(
                    read.entries(), read.end().position(), segments.hasMore(read.end(), last));
        } catch (DiskFailed failed) {
            // Released, and deleted, since it was found.
            require(from);
            throw failed;
        }
    }

    @Override
    public Holding holds(Position reader) {
        return reader.partition() == Place.PARTITION
                ? segments.holds(Place.of(reader))
                : Holding.BEYOND;
    }

    private Place place(Position reader) {
        if (reader.partition() != Place.PARTITION) {
            throw new NotInLog(reader, start(), end());
        }
        return Place.of(reader);
    }

    @Override
    public Position start() {
        return segments.start().position();
    }

    @Override
    public Position end() {
        return segments.end().position();
    }

    /**
     * A position as it was stored before it had a partition: segment and byte, as in {@code
     * 3:4096}.
     */
    public static Position olderPosition(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("'" + text + "' is not a place like 3:4096");
        }
        return new Place(
                        Long.parseLong(text.substring(0, colon)),
                        Long.parseLong(text.substring(colon + 1)))
                .position();
    }

    /** How many bytes were cut off at starts and are kept beside the log, for the operator. */
    public long cutBytes() {
        return cutBytes;
    }

    @Override
    public List<Gap> gaps() {
        return List.copyOf(segments.gaps().values());
    }

    /** Deletes whole segments, oldest first: a power cut never leaves a gap between two. */
    @Override
    public void release(Position upTo) {
        long kept = segments.behind(place(upTo)).segment();
        for (long number; (number = segments.forgetOldestBelow(kept)) > 0; ) {
            disk.delete(Segment.path(folder, number));
            disk.forceFolder(folder);
        }
    }

    @Override
    public void rotate() {
        writer.rotate();
    }

    /** Writes what waits, then stops. */
    @Override
    public void close() {
        writer.close();
    }

    /**
     * @param segment a new file is begun before this size is passed
     * @param waiting how much may wait for the disk before appends are refused
     * @param record the largest record
     */
    public record Bounds(DataSize segment, DataSize waiting, DataSize record) {

        public static final Bounds DEFAULT =
                new Bounds(DataSize.mebibytes(128), DataSize.mebibytes(64), DataSize.mebibytes(16));

        public Bounds {
            if (segment.bytes() > 1 << 30
                    || record.bytes() + Segment.HEAD > segment.bytes()
                    || record.compareTo(waiting) > 0) {
                throw new IllegalArgumentException(
                        "a record ("
                                + record
                                + ") fits into what may wait ("
                                + waiting
                                + ") and into a segment ("
                                + segment
                                + "), which has at most 1 GiB");
            }
        }
    }
}
