package dev.quintet.platform.log;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that make gaps: the name says from where to where, the content is what lay there. They
 * are kept until somebody deletes them; below the log's first segment they are only a memory.
 */
final class Gaps {

    private static final Pattern NAME =
            Pattern.compile("(\\d{16})-(\\d{10})-to-(\\d{16})-(\\d{10})\\.gap");
    private static final int COPIED_AT_ONCE = 1 << 20;

    private Gaps() {}

    /** By where they begin. */
    static NavigableMap<Place, Gap> read(Disk disk, Path folder) {
        NavigableMap<Place, Gap> gaps = new TreeMap<>();
        for (Path path : disk.list(folder)) {
            Matcher name = NAME.matcher(path.getFileName().toString());
            if (name.matches()) {
                try (OpenFile file = disk.open(path)) {
                    Place from = place(name.group(1), name.group(2));
                    Place to = place(name.group(3), name.group(4));
                    gaps.put(from, new Gap(from.position(), to.position(), file.size()));
                }
            }
        }
        return gaps;
    }

    private static Place place(String segment, String offset) {
        return new Place(Long.parseLong(segment), Long.parseLong(offset));
    }

    /** Makes a gap that keeps no bytes. */
    static Gap make(Disk disk, Path folder, Place from, Place to) {
        Path draft = folder.resolve("gap.draft");
        disk.delete(draft);
        try (OpenFile file = disk.create(draft)) {
            file.force();
        }
        return putInPlace(disk, folder, draft, from, to, 0);
    }

    /** Makes a gap that keeps what lies in a segment's file up to {@code end}. */
    static Gap make(Disk disk, Path folder, Place from, Place to, OpenFile source, long end) {
        Path draft = folder.resolve("gap.draft");
        disk.delete(draft);
        copy(disk, source, from.offset(), end, draft);
        return putInPlace(disk, folder, draft, from, to, Math.max(0, end - from.offset()));
    }

    private static Gap putInPlace(
            Disk disk, Path folder, Path draft, Place from, Place to, long bytes) {
        String name =
                "%016d-%010d-to-%016d-%010d.gap"
                        .formatted(from.segment(), from.offset(), to.segment(), to.offset());
        disk.rename(draft, folder.resolve(name));
        disk.forceFolder(folder);
        return new Gap(from.position(), to.position(), bytes);
    }

    /** Copies bytes of a file into a new, forced one. */
    static void copy(Disk disk, OpenFile from, long start, long end, Path to) {
        try (OpenFile copy = disk.create(to)) {
            long size = Math.max(0, end - start);
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(size, COPIED_AT_ONCE));
            for (long at = 0; at < size; at += part.limit()) {
                part.clear().limit((int) Math.min(part.capacity(), size - at));
                from.read(start + at, part);
                copy.write(at, part.flip());
            }
            copy.force();
        }
    }
}
