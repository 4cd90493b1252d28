package dev.quintet.platform.log;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One file of the log. Its head, durable before the first record, names its number and where the
 * segment before it ends.
 */
final class Segment {

    static final int HEAD = 32;
    private static final long MAGIC = 0x51_4C_4F_47_00_00_00_01L;
    private static final String SUFFIX = ".log";
    private static final int SCAN_WINDOW = 1 << 20;

    private Segment() {}

    static Path path(Path folder, long number) {
        return folder.resolve("%016d%s".formatted(number, SUFFIX));
    }

    /** The numbers of the segments in a folder, ascending. */
    static List<Long> numbers(Disk disk, Path folder) {
        List<Long> numbers = new ArrayList<>();
        for (Path path : disk.list(folder)) {
            String name = path.getFileName().toString();
            if (name.matches("[0-9]{16}\\.log")) {
                numbers.add(Long.parseLong(name, 0, 16, 10));
            }
        }
        return numbers;
    }

    /** Makes a segment whose name and head are durable. */
    static OpenFile create(Disk disk, Path folder, long number, long previousEnd) {
        Path path = path(folder, number);
        // Left by an attempt that failed: no record was ever written to it.
        disk.delete(path);
        OpenFile file = disk.create(path);
        try {
            ByteBuffer head = ByteBuffer.allocate(HEAD);
            head.putLong(MAGIC).putLong(number).putLong(previousEnd);
            file.write(0, head.putLong(crc(head)).flip());
            file.force();
            disk.forceFolder(folder);
            return file;
        } catch (RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    /** Where the segment before this one ends; empty when this one's head never became durable. */
    static Optional<Long> previousEnd(OpenFile file, long number) {
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        if (file.read(0, head) < HEAD
                || head.getLong(0) != MAGIC
                || head.getLong(8) != number
                || head.getLong(24) != crc(head.position(24))) {
            return Optional.empty();
        }
        return Optional.of(head.getLong(16));
    }

    private static long crc(ByteBuffer head) {
        CRC32C sum = new CRC32C();
        sum.update(head.duplicate().flip());
        return sum.getValue();
    }

    /** Looks through a segment's file for whole records. */
    static final class Scan {
        private final OpenFile file;
        private final long number;
        private final RecordFormat format;
        private final Window window;

        Scan(OpenFile file, long number, RecordFormat format) {
            this.file = file;
            this.number = number;
            this.format = format;
            this.window = new Window(file, SCAN_WINDOW);
        }

        OpenFile file() {
            return file;
        }

        long size() {
            return window.size();
        }

        /** Where the whole records end that follow each other from the first one on. */
        long endOfWhole() {
            long offset = HEAD;
            for (int length; (length = whole(offset)) > 0; ) {
                offset += length;
            }
            return offset;
        }

        /**
         * Whether what follows the whole records was acknowledged: a torn batch never was, but a
         * later batch is written only behind one that is durable.
         */
        boolean isDamagedAt(long end) {
            for (long later = end + 1; later + RecordFormat.HEAD <= window.size(); later++) {
                int length = whole(later);
                if (length > 0 && RecordFormat.batchStart(window.at(later, length)) > end) {
                    return true;
                }
            }
            return false;
        }

        /** Where the first whole record behind a broken one lies, before {@code end}. */
        Optional<Long> nextWhole(long broken, long end) {
            // What a broken record claims is believed first: its body may hold anything.
            long claimed = broken + claimedLength(broken);
            if (claimed > broken && claimed < end && whole(claimed) > 0) {
                return Optional.of(claimed);
            }
            for (long later = broken + 1; later < end; later++) {
                if (whole(later) > 0) {
                    return Optional.of(later);
                }
            }
            return Optional.empty();
        }

        private int claimedLength(long offset) {
            return offset + RecordFormat.HEAD > window.size()
                    ? 0
                    : RecordFormat.claimedLength(window.at(offset, RecordFormat.HEAD), 0);
        }

        /** The length of the whole record at {@code offset}, or 0. */
        int whole(long offset) {
            int length = claimedLength(offset);
            if (length == 0 || length > window.size() - offset) {
                return 0;
            }
            return format.isWhole(window.at(offset, length), new Place(number, offset))
                    ? length
                    : 0;
        }
    }

    /** Some that follow each other, and where they end. */
    record Records(List<LogSlice.Entry> entries, Place end) {}

    /**
     * Reads records from {@code from} on, at most to {@code end}; each is checked, and none is read
     * past a damaged one.
     */
    static Records read(OpenFile file, Place from, long end, int limit, RecordFormat format) {
        ByteBuffer bytes = bytes(file, from, end, limit);
        List<LogSlice.Entry> entries = new ArrayList<>();
        int at = 0;
        while (at < bytes.limit()) {
            Place place = new Place(from.segment(), from.offset() + at);
            int length = RecordFormat.claimedLength(bytes, at);
            int left = bytes.limit() - at;
            boolean isCut = left < RecordFormat.HEAD || length > left;
            if (isCut || length == 0 || !format.isWhole(bytes.slice(at, length), place)) {
                break;
            }
            entries.add(
                    new LogSlice.Entry(
                            place.position(), RecordFormat.decode(bytes.slice(at, length))));
            at += length;
        }
        if (entries.isEmpty()) {
            throw new LogDamaged(
                    from.position(),
                    file.path() + " holds no whole record at byte " + from.offset());
        }
        return new Records(entries, new Place(from.segment(), from.offset() + at));
    }

    /** As many bytes as the limit allows, or as the first record needs. */
    private static ByteBuffer bytes(OpenFile file, Place from, long end, int limit) {
        long available = end - from.offset();
        ByteBuffer bytes =
                ByteBuffer.allocate((int) Math.min(available, Math.max(limit, RecordFormat.HEAD)));
        file.read(from.offset(), bytes);
        bytes.flip();
        int first = RecordFormat.claimedLength(bytes, 0);
        if (first > bytes.limit() && first <= available) {
            bytes = ByteBuffer.allocate(first);
            file.read(from.offset(), bytes);
            bytes.flip();
        }
        return bytes;
    }
}
