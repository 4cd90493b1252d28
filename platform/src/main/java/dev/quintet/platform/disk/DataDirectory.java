package dev.quintet.platform.disk;

import dev.quintet.platform.Ids;
import dev.quintet.platform.StartRefused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The folder of everything that a node keeps, held by one process at a time: {@code format}, {@code
 * lock}, {@code node}, keys, and a folder for each engine.
 */
public final class DataDirectory implements AutoCloseable {

    /** Rises only with a one-way step that the changelog states. */
    static final int FORMAT = 1;

    private static final Set<String> BEFORE_FIRST_START =
            Set.of("lock", "lost+found", "master.key", "format.draft");

    private final Disk disk;
    private final Path root;
    private final FileChannel lock;
    private final UUID node;

    private DataDirectory(Disk disk, Path root, FileChannel lock, UUID node) {
        this.disk = disk;
        this.root = root;
        this.lock = lock;
        this.node = node;
    }

    /**
     * Opens a data directory, making what is missing; throws {@link StartRefused} when it cannot.
     */
    public static DataDirectory open(Disk disk, Path folder, Ids ids) {
        Path root = folder.toAbsolutePath().normalize();
        disk.createFolders(root);
        FileChannel lock = lock(root);
        try {
            checkFormat(disk, root);
            return new DataDirectory(disk, root, lock, node(disk, root, ids));
        } catch (RuntimeException failure) {
            unlock(root, lock);
            throw failure;
        }
    }

    /** This node's id, the same for as long as the directory lives. */
    public UUID node() {
        return node;
    }

    /** A file directly in the directory, e.g. {@code master.key}. */
    public Path file(String name) {
        return root.resolve(name);
    }

    /** A folder directly in the directory, made durable if it is missing. */
    public Path folder(String name) {
        Path folder = root.resolve(name);
        disk.createFolders(folder);
        return folder;
    }

    @Override
    public void close() {
        unlock(root, lock);
    }

    private static FileChannel lock(Path root) {
        Path file = root.resolve("lock");
        try {
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String holder = Files.readString(file, StandardCharsets.US_ASCII).strip();
                channel.close();
                throw new StartRefused(
                        "another server "
                                + (holder.isEmpty() ? "" : "(process " + holder + ") ")
                                + "uses the data directory "
                                + root
                                + "; stop it, or give this one its own with --data");
            }
            // For people; the lock itself ends with the process, whatever is written here.
            channel.truncate(0);
            String pid = ProcessHandle.current().pid() + "\n";
            channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
            return channel;
        } catch (IOException failure) {
            throw new DiskFailed("lock", file, failure);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static void unlock(Path root, FileChannel lock) {
        try {
            lock.close();
        } catch (IOException failure) {
            throw new DiskFailed("unlock", root, failure);
        }
    }

    private static void checkFormat(Disk disk, Path root) {
        Path file = root.resolve("format");
        if (!disk.exists(file)) {
            refuseForeign(disk, root);
            disk.replace(file, (FORMAT + "\n").getBytes(StandardCharsets.US_ASCII));
            return;
        }
        String text = text(disk, file);
        if (!text.matches("[0-9]{1,9}")) {
            throw new StartRefused(
                    file + " holds '" + text + "' instead of a number; restore it from a backup");
        }
        if (Integer.parseInt(text) > FORMAT) {
            throw new StartRefused(
                    "the data directory "
                            + root
                            + " has format "
                            + text
                            + " of a newer release, this one knows "
                            + FORMAT
                            + "; start that release, or restore a backup made by this one");
        }
    }

    private static void refuseForeign(Disk disk, Path root) {
        Optional<Path> foreign =
                disk.list(root).stream()
                        .filter(path -> !BEFORE_FIRST_START.contains(path.getFileName().toString()))
                        .findFirst();
        if (foreign.isPresent()) {
            throw new StartRefused(
                    root
                            + " is not a data directory: it has no 'format', but "
                            + foreign.get().getFileName()
                            + "; name an empty or new folder with --data");
        }
    }

    private static UUID node(Disk disk, Path root, Ids ids) {
        Path file = root.resolve("node");
        if (!disk.exists(file)) {
            UUID made = ids.next();
            disk.replace(file, (made + "\n").getBytes(StandardCharsets.US_ASCII));
            return made;
        }
        String text = text(disk, file);
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException notUuid) {
            throw new StartRefused(
                    file + " holds '" + text + "' instead of a uuid; restore it from a backup",
                    notUuid);
        }
    }

    private static String text(Disk disk, Path file) {
        return new String(disk.read(file), StandardCharsets.US_ASCII).strip();
    }
}
