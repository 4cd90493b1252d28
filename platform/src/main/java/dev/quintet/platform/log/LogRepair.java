package dev.quintet.platform.log;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Looks at every record of a log that nobody has open, and sets aside what is damaged: as little as
 * can be, up to the next whole record. Nothing is deleted.
 */
public final class LogRepair {

    private final Disk disk;
    private final Path folder;
    private final RecordFormat format = new RecordFormat(CRC32C::new);
    private final List<Gap> made = new ArrayList<>();

    private LogRepair(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /**
     * The gaps that were made; none when the log is whole.
     *
     * @param readTo up to where the log's reader has come, if it has begun
     */
    public static List<Gap> setAside(Disk disk, Path folder, Optional<Position> readTo) {
        disk.createFolders(folder);
        return new LogRepair(disk, folder).run(readTo.map(Place::of));
    }

    private List<Gap> run(Optional<Place> readTo) {
        Segments segments = Segments.recover(disk, folder, format);
        Optional<Place> beyond = readTo.filter(at -> segments.holds(at) == EventLog.Holding.BEYOND);
        if (beyond.isPresent()) {
            goOnBehind(segments, beyond.get());
            return made;
        }
        NavigableMap<Long, Long> ends = segments.ends();
        Map<Place, Gap> known = segments.gaps();
        readTo.filter(segments::isBefore)
                .ifPresent(at -> made.add(Gaps.make(disk, folder, at, head(ends.firstKey()))));
        for (Map.Entry<Long, Long> segment : ends.entrySet()) {
            Optional<Long> next = Optional.ofNullable(ends.higherKey(segment.getKey()));
            next.filter(number -> number > segment.getKey() + 1)
                    .filter(number -> !known.containsKey(head(segment.getKey() + 1)))
                    .ifPresent(number ->
                            made.add(
                                    Gaps.make(
                                            disk,
                                            folder,
                                            head(segment.getKey() + 1),
                                            head(number))));
            look(segment.getKey(), segment.getValue(), next.map(LogRepair::head), known);
        }
        return made;
    }

    /** What the reader has read is not there any more: the log begins anew behind it. */
    private void goOnBehind(Segments segments, Place reader) {
        Place next = head(reader.segment() + 1);
        made.add(Gaps.make(disk, folder, reader, next));
        Segment.create(disk, folder, next.segment(), reader.offset()).close();
        for (long old : segments.ends().keySet()) {
            Path file = Segment.path(folder, old);
            disk.rename(file, file.resolveSibling(file.getFileName() + ".aside"));
        }
        disk.forceFolder(folder);
    }

    private static Place head(long segment) {
        return new Place(segment, Segment.HEAD);
    }

    private void look(long segment, long end, Optional<Place> next, Map<Place, Gap> known) {
        try (OpenFile file = disk.open(Segment.path(folder, segment))) {
            Segment.Scan scan = new Segment.Scan(file, segment, format);
            long offset = Segment.HEAD;
            while (offset < end) {
                Place at = new Place(segment, offset);
                Gap gap = known.get(at);
                int length = gap == null ? scan.whole(offset) : 0;
                if (length == 0) {
                    Place to = gap == null ? setAside(scan, at, end, next) : Place.of(gap.to());
                    offset = to.segment() == segment ? to.offset() : end;
                }
                offset += length;
            }
        }
    }

    private Place setAside(Segment.Scan scan, Place from, long end, Optional<Place> next) {
        Optional<Long> whole = scan.nextWhole(from.offset(), end);
        // The last segment ends with a whole record: it was cut when it was opened.
        Place to = whole.map(at -> new Place(from.segment(), at)).or(() -> next).orElseThrow();
        long kept = Math.min(whole.orElse(end), scan.size());
        made.add(Gaps.make(disk, folder, from, to, scan.file(), kept));
        return to;
    }
}
