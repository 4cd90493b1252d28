package dev.quintet.platform.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The machine's own disk. Forces of virtual threads run on a {@link ForcePool}; the rest in place.
 */
public final class LocalDisk implements Disk, AutoCloseable {

    private static final Set<OpenOption> CREATE =
            Set.of(
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
    private static final Set<OpenOption> OPEN =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final ForcePool forces;

    /**
     * @param forceThreads how many forces may be on their way to the disk at once; a disk joins
     *     those that come together, so a few suffice
     */
    public LocalDisk(int forceThreads) {
        forces = new ForcePool(forceThreads);
    }

    @Override
    public OpenFile create(Path file) {
        return done("create", file, () -> opened(file, FileChannel.open(file, CREATE, OWNER_ONLY)));
    }

    @Override
    public OpenFile open(Path file) {
        return done("open", file, () -> opened(file, FileChannel.open(file, OPEN)));
    }

    @Override
    public void rename(Path from, Path to) {
        done("rename to " + to, from, () -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    }

    @Override
    public void delete(Path path) {
        done("delete", path, () -> Files.deleteIfExists(path));
    }

    @Override
    public void createFolder(Path folder) {
        done(
                "create folder",
                folder,
                () -> {
                    try {
                        return Files.createDirectory(folder);
                    } catch (FileAlreadyExistsException exists) {
                        if (Files.isDirectory(folder)) {
                            return folder;
                        }
                        throw exists;
                    }
                });
    }

    @Override
    public void forceFolder(Path folder) {
        // A folder opens for reading only; fsync does not mind (Linux and macOS).
        try (FileChannel channel =
                done(
                        "open folder",
                        folder,
                        () -> FileChannel.open(folder, StandardOpenOption.READ))) {
            forces.force(folder, channel, true);
        } catch (IOException failure) {
            throw new DiskFailed("close folder", folder, failure);
        }
    }

    @Override
    public List<Path> list(Path folder) {
        return done(
                "list",
                folder,
                () -> {
                    List<Path> found = new ArrayList<>();
                    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
                        stream.forEach(found::add);
                    }
                    found.sort(null);
                    return found;
                });
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public Optional<Instant> changedAt(Path file) {
        return done(
                "look at",
                file,
                () -> {
                    try {
                        return Optional.of(Files.getLastModifiedTime(file).toInstant());
                    } catch (NoSuchFileException gone) {
                        return Optional.empty();
                    }
                });
    }

    @Override
    public Space space(Path path) {
        return done(
                "measure the space at",
                path,
                () -> {
                    FileStore store = Files.getFileStore(path);
                    // As df does: blocks reserved for root are neither used nor free.
                    long used = store.getTotalSpace() - store.getUnallocatedSpace();
                    return new Space(used + store.getUsableSpace(), store.getUsableSpace());
                });
    }

    @Override
    public void close() {
        forces.close();
    }

    private OpenFile opened(Path file, FileChannel channel) {
        return new LocalFile(file, channel, forces);
    }

    static <T> T done(String step, Path path, Step<T> work) {
        try {
            return work.run();
        } catch (IOException failure) {
            throw new DiskFailed(step, path, failure);
        }
    }

    @FunctionalInterface
    interface Step<T> {
        T run() throws IOException;
    }

    private record LocalFile(Path path, FileChannel channel, ForcePool forces) implements OpenFile {

        @Override
        public long size() {
            return done("measure", path, channel::size);
        }

        @Override
        public void write(long position, ByteBuffer... sources) {
            done(
                    "write",
                    path,
                    () -> {
                        // There is no positional gathered write: the one writer owns the position.
                        channel.position(position);
                        long left = 0;
                        for (ByteBuffer source : sources) {
                            left += source.remaining();
                        }
                        while (left > 0) {
                            left -= channel.write(sources);
                        }
                        return position;
                    });
        }

        @Override
        public int read(long position, ByteBuffer target) {
            return done(
                    "read",
                    path,
                    () -> {
                        int before = target.position();
                        while (target.hasRemaining()) {
                            int got = channel.read(target, position + target.position() - before);
                            if (got < 0) {
                                break;
                            }
                        }
                        return target.position() - before;
                    });
        }

        @Override
        public void resize(long size) {
            done(
                    "resize",
                    path,
                    () -> {
                        long now = channel.size();
                        if (now < size) {
                            channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
                        }
                        return channel.truncate(size);
                    });
        }

        @Override
        public void force() {
            forces.force(path, channel, false);
        }

        @Override
        public void close() {
            done(
                    "close",
                    path,
                    () -> {
                        channel.close();
                        return path;
                    });
        }
    }
}
