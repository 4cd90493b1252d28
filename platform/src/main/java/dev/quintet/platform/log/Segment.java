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

    /**
     * Finds where the whole records of a segment end. What follows may be a batch that was never
     * acknowledged; a later batch behind it would prove that it was, and is damage.
     */
    static long scan(OpenFile file, long number, RecordFormat format) {
        Window window = new Window(file, SCAN_WINDOW);
        long offset = HEAD;
        for (int length; (length = whole(window, offset, number, format)) > 0; ) {
            offset += length;
        }
        for (long later = offset + 1; later + RecordFormat.HEAD <= window.size(); later++) {
            int length = whole(window, later, number, format);
            if (length > 0 && RecordFormat.batchStart(window.at(later, length)) > offset) {
                throw new LogDamaged(
                        file.path()
                                + " has a record at "
                                + later
                                + " behind a broken one at "
                                + offset);
            }
        }
        return offset;
    }

    /** The length of the whole record at {@code offset}, or 0. */
    private static int whole(Window window, long offset, long number, RecordFormat format) {
        if (offset + RecordFormat.HEAD > window.size()) {
            return 0;
        }
        int length = RecordFormat.claimedLength(window.at(offset, RecordFormat.HEAD), 0);
        if (length == 0 || length > window.size() - offset) {
            return 0;
        }
        return format.isWhole(window.at(offset, length), new Position(number, offset)) ? length : 0;
    }

    /** Reads records from {@code from} on, at most to {@code end}; each is checked. */
    static LogSlice read(OpenFile file, Position from, long end, int limit, RecordFormat format) {
        ByteBuffer bytes = bytes(file, from, end, limit);
        List<LogSlice.Entry> entries = new ArrayList<>();
        int at = 0;
        while (at < bytes.limit()) {
            Position position = new Position(from.segment(), from.offset() + at);
            int length = RecordFormat.claimedLength(bytes, at);
            int left = bytes.limit() - at;
            boolean isCut = left < RecordFormat.HEAD || length > left;
            if (isCut && !entries.isEmpty()) {
                break;
            }
            if (isCut || length == 0 || !format.isWhole(bytes.slice(at, length), position)) {
                throw new LogDamaged(file.path() + " holds no whole record at " + position);
            }
            entries.add(new LogSlice.Entry(position, RecordFormat.decode(bytes.slice(at, length))));
            at += length;
        }
        return new LogSlice(entries, new Position(from.segment(), from.offset() + at));
    }

    /** As many bytes as the limit allows, or as the first record needs. */
    private static ByteBuffer bytes(OpenFile file, Position from, long end, int limit) {
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
