package dev.quintet.platform.log;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.OpenFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which segments there are and where each one's durable records end. Any thread asks or tells. */
final class Segments {

    private static final Logger LOG = LoggerFactory.getLogger(Segments.class);
    private static final String CUT = ".cut";
    private static final int KEPT_CUTS = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final TreeMap<Long, Long> ends = new TreeMap<>();
    private final NavigableMap<Place, Gap> gaps;

    /** Where the segment before the first one ended: a reader that stood there goes on. */
    private long endBeforeFirst;

    private Segments(long endBeforeFirst, Map<Long, Long> ends, NavigableMap<Place, Gap> gaps) {
        this.endBeforeFirst = endBeforeFirst;
        this.ends.putAll(ends);
        this.gaps = gaps;
    }

    /**
     * Reads what lies in the folder; leaves a last segment that ends with a whole, forced record.
     */
    static Segments recover(Disk disk, Path folder, RecordFormat format) {
        List<Long> numbers = dropUnbornLast(disk, folder);
        if (numbers.isEmpty()) {
            Segment.create(disk, folder, 1, 0).close();
            return new Segments(0, Map.of(1L, (long) Segment.HEAD), Gaps.read(disk, folder));
        }
        TreeMap<Long, Long> ends = new TreeMap<>();
        long endBeforeFirst = 0;
        for (long number : numbers) {
            Optional<Long> previousEnd = previousEnd(disk, folder, number);
            if (previousEnd.isEmpty()) {
                LOG.warn("the head of {} is not whole", Segment.path(folder, number));
            }
            if (ends.isEmpty()) {
                endBeforeFirst = previousEnd.orElse(0L);
            } else if (ends.lastKey() == number - 1 && previousEnd.isPresent()) {
                ends.put(number - 1, previousEnd.get());
            }
            ends.put(number, sizeOf(disk, folder, number));
        }
        long last = ends.lastKey();
        long end = cutTail(disk, folder, last, format);
        long whole = sizeOf(disk, folder, last);
        ends.put(last, whole);
        if (end < whole) {
            // Damaged: it stays as it is, and what comes goes behind it.
            Segment.create(disk, folder, last + 1, whole).close();
            ends.put(last + 1, (long) Segment.HEAD);
        }
        return new Segments(endBeforeFirst, ends, Gaps.read(disk, folder));
    }

    /** A last segment whose head is not whole and that holds nothing: its making was cut. */
    private static List<Long> dropUnbornLast(Disk disk, Path folder) {
        List<Long> numbers = Segment.numbers(disk, folder);
        if (numbers.isEmpty()
                || previousEnd(disk, folder, numbers.getLast()).isPresent()
                || sizeOf(disk, folder, numbers.getLast()) > Segment.HEAD) {
            return numbers;
        }
        disk.delete(Segment.path(folder, numbers.getLast()));
        disk.forceFolder(folder);
        return numbers.subList(0, numbers.size() - 1);
    }

    private static long sizeOf(Disk disk, Path folder, long number) {
        try (OpenFile file = disk.open(Segment.path(folder, number))) {
            return file.size();
        }
    }

    private static Optional<Long> previousEnd(Disk disk, Path folder, long number) {
        try (OpenFile file = disk.open(Segment.path(folder, number))) {
            return Segment.previousEnd(file, number);
        }
    }

    /** Where the whole records end; what lies behind them is cut off, unless it is damage. */
    private static long cutTail(Disk disk, Path folder, long number, RecordFormat format) {
        try (OpenFile file = disk.open(Segment.path(folder, number))) {
            Segment.Scan scan = new Segment.Scan(file, number, format);
            long end = scan.endOfWhole();
            if (file.size() > end && scan.isDamagedAt(end)) {
                LOG.error(
                        "the event log is damaged: {} has acknowledged records behind a broken one"
                                + " at {}",
                        file.path(),
                        end);
                return end;
            }
            if (file.size() > end) {
                try {
                    keepCut(disk, folder, file, number, end);
                } catch (DiskFailed noRoom) {
                    // A full disk stops no start: what is cut was not acknowledged.
                    LOG.error(
                            "the last {} bytes of {} are no whole record and are cut off; they could"
                                    + " not be kept: {}",
                            file.size() - end,
                            file.path(),
                            noRoom.getMessage());
                }
                file.resize(end);
            }
            // Also without a cut: what was read may lie in memory only, and is now relied upon.
            file.force();
            disk.forceFolder(folder);
            return end;
        }
    }

    /**
     * A torn tail was never acknowledged, but nothing can tell it from a last record that was
     * damaged since: the bytes are kept beside the log, for whoever misses an event.
     */
    private static void keepCut(Disk disk, Path folder, OpenFile file, long number, long end) {
        List<Path> kept = cuts(disk, folder);
        for (Path oldest : kept.subList(0, Math.max(0, kept.size() - KEPT_CUTS + 1))) {
            LOG.warn("{} of an earlier start is deleted: ten newer are kept", oldest);
            disk.delete(oldest);
        }
        Path aside = folder.resolve("%016d-%010d%s".formatted(number, end, CUT));
        for (int again = 2; disk.exists(aside); again++) {
            aside = folder.resolve("%016d-%010d-%d%s".formatted(number, end, again, CUT));
        }
        Gaps.copy(disk, file, end, file.size(), aside);
        disk.forceFolder(folder);
        LOG.warn(
                "the last {} bytes of {} are no whole record and were cut off: a write that was never"
                        + " acknowledged, or a damaged one; they are kept in {}",
                file.size() - end,
                file.path().getFileName(),
                aside);
    }

    private static List<Path> cuts(Disk disk, Path folder) {
        return disk.list(folder).stream()
                .filter(path -> path.getFileName().toString().endsWith(CUT))
                .toList();
    }

    /** What is kept of cuts. */
    static long cutBytes(Disk disk, Path folder) {
        long bytes = 0;
        for (Path cut : cuts(disk, folder)) {
            try (OpenFile file = disk.open(cut)) {
                bytes += file.size();
            }
        }
        return bytes;
    }

    /** What was set aside; it does not change while the log is open. */
    NavigableMap<Place, Gap> gaps() {
        return gaps;
    }

    /** A copy: where each segment's records end. */
    NavigableMap<Long, Long> ends() {
        lock.lock();
        try {
            return new TreeMap<>(ends);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a reader that stands there has lost what came next: older segments are missing. */
    boolean isBefore(Place reader) {
        lock.lock();
        try {
            return reader.segment() < ends.firstKey() && next(reader).equals(reader);
        } finally {
            lock.unlock();
        }
    }

    EventLog.Holding holds(Place reader) {
        lock.lock();
        try {
            if (reader.compareTo(last()) > 0) {
                return EventLog.Holding.BEYOND;
            }
            Place at = following(reader);
            return isIn(at) || isMissing(at) ? EventLog.Holding.HELD : EventLog.Holding.GONE;
        } finally {
            lock.unlock();
        }
    }

    Place start() {
        lock.lock();
        try {
            return first();
        } finally {
            lock.unlock();
        }
    }

    Place end() {
        lock.lock();
        try {
            return last();
        } finally {
            lock.unlock();
        }
    }

    /** Where a reader that stands there reads next; fails if it cannot. */
    Place behind(Place reader) {
        lock.lock();
        try {
            return normal(reader);
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is a record between where a reader stands and an end of the log. */
    boolean hasMore(Place reader, Place end) {
        lock.lock();
        try {
            return following(reader).compareTo(end) < 0;
        } finally {
            lock.unlock();
        }
    }

    /** Up to where a reader that stands there may read at once. */
    long endBehind(Place at) {
        lock.lock();
        try {
            Long end = ends.get(at.segment());
            if (end == null) {
                throw notHeld(at);
            }
            Place gap = gaps.higherKey(at);
            return gap != null && gap.segment() == at.segment() ? Math.min(gap.offset(), end) : end;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells readers that all before {@code end} is durable; a new segment closes the one before.
     */
    void grow(Place end) {
        lock.lock();
        try {
            ends.put(end.segment(), end.offset());
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is a record behind {@code from}; answers {@code from}, moved to its
     * segment.
     */
    Place awaitBehind(Place from, Duration wait) {
        long left = wait.toNanos();
        lock.lock();
        try {
            Place at = normal(from);
            while (at.offset() >= ends.getOrDefault(at.segment(), 0L) && left > 0) {
                left = grown.awaitNanos(left);
                at = normal(at);
            }
            return at;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return from;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The end of a segment that has a next one is the beginning of that next one, and that of a gap
     * is its end.
     */
    private Place following(Place from) {
        Place at = from;
        for (Place next = next(at); !next.equals(at); next = next(at)) {
            at = next;
        }
        return at;
    }

    private Place normal(Place from) {
        Place at = following(from);
        if (isMissing(at)) {
            throw new LogDamaged(at.position(), "segment " + at.segment() + " is missing");
        }
        if (!isIn(at)) {
            throw notHeld(from);
        }
        return at;
    }

    private boolean isMissing(Place at) {
        return at.segment() > ends.firstKey()
                && at.segment() < ends.lastKey()
                && !ends.containsKey(at.segment());
    }

    private boolean isIn(Place at) {
        return at.offset() >= Segment.HEAD && at.offset() <= ends.getOrDefault(at.segment(), -1L);
    }

    private NotInLog notHeld(Place reader) {
        return new NotInLog(reader.position(), first().position(), last().position());
    }

    private Place first() {
        return new Place(ends.firstKey(), Segment.HEAD);
    }

    private Place last() {
        return new Place(ends.lastKey(), ends.lastEntry().getValue());
    }

    private Place next(Place at) {
        Map.Entry<Place, Gap> gap = gaps.floorEntry(at);
        // Also from within: a reader may stand behind a record that was damaged since.
        if (gap != null && at.position().compareTo(gap.getValue().to()) < 0) {
            return Place.of(gap.getValue().to());
        }
        return at.segment() < ends.lastKey() && at.offset() == endOrBefore(at.segment())
                ? new Place(at.segment() + 1, Segment.HEAD)
                : at;
    }

    private long endOrBefore(long segment) {
        return segment == ends.firstKey() - 1 ? endBeforeFirst : ends.getOrDefault(segment, -1L);
    }

    /** Forgets the oldest segment if it lies wholly below; answers its number, or 0. */
    long forgetOldestBelow(long segment) {
        lock.lock();
        try {
            Map.Entry<Long, Long> oldest = ends.firstEntry();
            if (oldest.getKey() >= segment || oldest.getKey() >= ends.lastKey()) {
                return 0;
            }
            ends.remove(oldest.getKey());
            endBeforeFirst = oldest.getValue();
            return oldest.getKey();
        } finally {
            lock.unlock();
        }
    }
}
