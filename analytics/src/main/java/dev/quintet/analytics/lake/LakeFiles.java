package dev.quintet.analytics.lake;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Iceberg's files on our own disk. A metadata file is whole and durable once its stream is closed,
 * so that no commit ever names one that a power cut can take.
 */
public final class LakeFiles implements FileIO {

    private static final long serialVersionUID = 1L;

    // Iceberg's interface is serializable for Spark's sake; ours never travels.
    private final transient Disk disk;

    public LakeFiles(Disk disk) {
        this.disk = disk;
    }

    /** {@code file:///...}: what other engines take, too. */
    public static String location(Path file) {
        return "file://" + file.toAbsolutePath();
    }

    static List<String> paths(List<DataFile> files) {
        return files.stream().map(file -> path(file.location()).toString()).toList();
    }

    public static Path path(String location) {
        return location.startsWith("file:")
                ? Path.of(URI.create(location).getPath())
                : Path.of(location);
    }

    @Override
    public InputFile newInputFile(String location) {
        return new In(disk, location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Out(disk, location);
    }

    @Override
    public void deleteFile(String location) {
        disk.delete(path(location));
    }

    private record In(Disk disk, String location) implements InputFile {

        @Override
        public long getLength() {
            try (OpenFile file = existing()) {
                return file.size();
            }
        }

        @Override
        public SeekableInputStream newStream() {
            return new Stream(existing());
        }

        @Override
        public boolean exists() {
            return disk.exists(path(location));
        }

        private OpenFile existing() {
            if (!exists()) {
                throw new NotFoundException("Failed to open input stream for file: %s", location);
            }
            return disk.open(path(location));
        }
    }

    private static final class Stream extends SeekableInputStream {

        private final OpenFile file;
        private long position;

        Stream(OpenFile file) {
            this.file = file;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long target) {
            position = target;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int got = file.read(position, ByteBuffer.wrap(target, offset, length));
            position += got;
            return got == 0 && length > 0 ? -1 : got;
        }

        @Override
        public void close() {
            file.close();
        }
    }

    private record Out(Disk disk, String location) implements OutputFile {

        @Override
        public PositionOutputStream create() {
            return new Draft(disk, path(location));
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            disk.delete(path(location));
            return create();
        }

        @Override
        public InputFile toInputFile() {
            return new In(disk, location);
        }
    }

    /** Metadata files are small: collected in memory, written once. */
    private static final class Draft extends PositionOutputStream {

        private final Disk disk;
        private final Path file;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean closed;

        Draft(Disk disk, Path file) {
            this.disk = disk;
            this.file = file;
        }

        @Override
        public long getPos() {
            return content.size();
        }

        @Override
        public void write(int one) {
            content.write(one);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            content.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null) {
                throw new IOException(file + " lies in no folder");
            }
            disk.createFolders(folder);
            try (OpenFile open = disk.create(file)) {
                open.write(0, ByteBuffer.wrap(content.toByteArray()));
                open.force();
            }
            disk.forceFolder(folder);
        }
    }
}
