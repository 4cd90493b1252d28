package dev.quintet.platform.log;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private static final int COPIED_AT_ONCE = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    private final TreeMap<Long, Long> ends = new TreeMap<>();

    /** Where the segment before the first one ended: a reader that stood there goes on. */
    private long endBeforeFirst;

    private Segments(long endBeforeFirst, Map<Long, Long> ends) {
        this.endBeforeFirst = endBeforeFirst;
        this.ends.putAll(ends);
    }

    /**
     * Reads what lies in the folder; leaves a last segment that ends with a whole, forced record.
     */
    static Segments recover(Disk disk, Path folder, RecordFormat format) {
        List<Long> numbers = dropUnbornLast(disk, folder);
        if (numbers.isEmpty()) {
            Segment.create(disk, folder, 1, 0).close();
            return new Segments(0, Map.of(1L, (long) Segment.HEAD));
        }
        TreeMap<Long, Long> ends = new TreeMap<>();
        long endBeforeFirst = 0;
        for (long number : numbers) {
            long previousEnd =
                    previousEnd(disk, folder, number).orElseThrow(() -> headless(folder, number));
            if (ends.isEmpty()) {
                endBeforeFirst = previousEnd;
            } else if (ends.lastKey() != number - 1) {
                throw new LogDamaged(
                        "the segment before " + Segment.path(folder, number) + " is missing");
            } else {
                requireLength(disk, folder, number - 1, previousEnd);
                ends.put(number - 1, previousEnd);
            }
            ends.put(number, Long.MAX_VALUE);
        }
        ends.put(ends.lastKey(), cutTail(disk, folder, ends.lastKey(), format));
        return new Segments(endBeforeFirst, ends);
    }

    /** A last segment whose head is not whole was never used: its making was cut. */
    private static List<Long> dropUnbornLast(Disk disk, Path folder) {
        List<Long> numbers = Segment.numbers(disk, folder);
        if (numbers.isEmpty() || previousEnd(disk, folder, numbers.getLast()).isPresent()) {
            return numbers;
        }
        Path last = Segment.path(folder, numbers.getLast());
        try (OpenFile file = disk.open(last)) {
            if (file.size() > Segment.HEAD) {
                throw headless(folder, numbers.getLast());
            }
        }
        disk.delete(last);
        disk.forceFolder(folder);
        return numbers.subList(0, numbers.size() - 1);
    }

    private static Optional<Long> previousEnd(Disk disk, Path folder, long number) {
        try (OpenFile file = disk.open(Segment.path(folder, number))) {
            return Segment.previousEnd(file, number);
        }
    }

    private static LogDamaged headless(Path folder, long number) {
        return new LogDamaged("the head of " + Segment.path(folder, number) + " is not whole");
    }

    private static void requireLength(Disk disk, Path folder, long number, long end) {
        try (OpenFile file = disk.open(Segment.path(folder, number))) {
            if (file.size() < end) {
                throw new LogDamaged(
                        file.path()
                                + " has "
                                + file.size()
                                + " bytes of the "
                                + end
                                + " acknowledged");
            }
        }
    }

    private static long cutTail(Disk disk, Path folder, long number, RecordFormat format) {
        try (OpenFile file = disk.open(Segment.path(folder, number))) {
            long end = Segment.scan(file, number, format);
            if (file.size() > end) {
                keepCut(disk, folder, file, number, end);
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
        List<Path> kept =
                disk.list(folder).stream()
                        .filter(path -> path.getFileName().toString().endsWith(CUT))
                        .toList();
        for (Path oldest : kept.subList(0, Math.max(0, kept.size() - KEPT_CUTS + 1))) {
            disk.delete(oldest);
        }
        Path aside = folder.resolve("%016d-%010d%s".formatted(number, end, CUT));
        disk.delete(aside);
        long size = file.size() - end;
        try (OpenFile copy = disk.create(aside)) {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(size, COPIED_AT_ONCE));
            for (long at = 0; at < size; at += part.limit()) {
                part.clear().limit((int) Math.min(part.capacity(), size - at));
                file.read(end + at, part);
                copy.write(at, part.flip());
            }
            copy.force();
        }
        disk.forceFolder(folder);
        LOG.warn(
                "the last {} bytes of {} are no whole record and were cut off: a write that was never"
                        + " acknowledged, or a damaged one; they are kept in {}",
                size,
                file.path().getFileName(),
                aside);
    }

    Position start() {
        lock.lock();
        try {
            return new Position(ends.firstKey(), Segment.HEAD);
        } finally {
            lock.unlock();
        }
    }

    Position end() {
        lock.lock();
        try {
            return new Position(ends.lastKey(), ends.lastEntry().getValue());
        } finally {
            lock.unlock();
        }
    }

    long endOf(long segment) {
        lock.lock();
        try {
            Long end = ends.get(segment);
            if (end == null) {
                throw new IllegalStateException("segment " + segment + " was released");
            }
            return end;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells readers that all before {@code end} is durable; a new segment closes the one before.
     */
    void grow(Position end) {
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
    Position awaitBehind(Position from, Duration wait) {
        long left = wait.toNanos();
        lock.lock();
        try {
            Position at = normal(from);
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

    /** The end of a segment that has a next one is the beginning of that next one. */
    private Position normal(Position from) {
        Position at = from;
        while (at.segment() < ends.lastKey() && at.offset() == endOrBefore(at.segment())) {
            at = new Position(at.segment() + 1, Segment.HEAD);
        }
        Long end = ends.get(at.segment());
        if (end == null || at.offset() > end || at.offset() < Segment.HEAD) {
            throw new IllegalArgumentException(
                    "the log holds "
                            + ends.firstKey()
                            + ":"
                            + Segment.HEAD
                            + " to "
                            + ends.lastKey()
                            + ":"
                            + ends.lastEntry().getValue()
                            + ", not "
                            + from);
        }
        return at;
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
