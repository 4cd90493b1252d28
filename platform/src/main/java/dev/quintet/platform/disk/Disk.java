package dev.quintet.platform.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The one door through which our own files are written. A name is durable only when its folder was
 * forced, bytes only when their file was. Every method throws {@link DiskFailed} when the machine
 * fails it; after a failed force nothing is known of what was written before.
 */
public interface Disk {

    /** Makes a new, empty file (mode 0600) open for reading and writing; fails if it exists. */
    OpenFile create(Path file);

    /** Opens an existing file for reading and writing. */
    OpenFile open(Path file);

    /** Moves a file or folder in one atomic step, replacing a file of that name. */
    void rename(Path from, Path to);

    /** Deletes a file, or an empty folder; says nothing if there is none. */
    void delete(Path path);

    /** Makes a folder, whose parent must exist; says nothing if there is one. */
    void createFolder(Path folder);

    /** Makes the names in a folder durable: files and folders created, renamed or deleted there. */
    void forceFolder(Path folder);

    /** What lies directly in a folder, in the order of names. */
    List<Path> list(Path folder);

    boolean exists(Path path);

    /** When a file's bytes were last changed; empty if there is none. */
    Optional<Instant> changedAt(Path file);

    Space space(Path path);

    /** Forces a file that another writer (DuckDB) has written and closed. */
    default void forceFile(Path file) {
        try (OpenFile open = open(file)) {
            open.force();
        }
    }

    /**
     * Makes a folder and its missing parents, each durable before anything lies in it. Also one
     * that exists is made durable: a process may have ended between making and forcing it.
     */
    default void createFolders(Path folder) {
        Path parent = parent(folder);
        if (!exists(parent)) {
            createFolders(parent);
        }
        createFolder(folder);
        forceFolder(parent);
    }

    /** Puts a small file in place whole and durable: a reader sees the old content or the new. */
    default void replace(Path file, byte[] content) {
        Path draft = file.resolveSibling(file.getFileName() + ".draft");
        delete(draft);
        try (OpenFile open = create(draft)) {
            open.write(0, ByteBuffer.wrap(content));
            open.force();
        }
        rename(draft, file);
        forceFolder(parent(file));
    }

    /** Reads a small file whole. */
    default byte[] read(Path file) {
        try (OpenFile open = open(file)) {
            byte[] content = new byte[Math.toIntExact(open.size())];
            open.read(0, ByteBuffer.wrap(content));
            return content;
        }
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent folder");
        }
        return parent;
    }

    /** How full the file system is on which a path lies. */
    record Space(long totalBytes, long freeBytes) {

        /** The used part, 0 to 1, as an unprivileged writer sees it. */
        public double used() {
            return totalBytes == 0 ? 1 : 1 - (double) freeBytes / totalBytes;
        }
    }
}
