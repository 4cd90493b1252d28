package dev.quintet.platform.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A disk that passes everything on: its subclasses change one thing. */
public abstract class ForwardingDisk implements Disk {

    protected final Disk inner;

    protected ForwardingDisk(Disk inner) {
        this.inner = inner;
    }

    /** What a file of the inner disk becomes. */
    protected OpenFile wrap(OpenFile file) {
        return file;
    }

    @Override
    public OpenFile create(Path file) {
        return wrap(inner.create(file));
    }

    @Override
    public OpenFile open(Path file) {
        return wrap(inner.open(file));
    }

    @Override
    public void rename(Path from, Path to) {
        inner.rename(from, to);
    }

    @Override
    public void delete(Path path) {
        inner.delete(path);
    }

    @Override
    public void createFolder(Path folder) {
        inner.createFolder(folder);
    }

    @Override
    public void forceFolder(Path folder) {
        inner.forceFolder(folder);
    }

    @Override
    public void forceFile(Path file) {
        inner.forceFile(file);
    }

    @Override
    public List<Path> list(Path folder) {
        return inner.list(folder);
    }

    @Override
    public boolean exists(Path path) {
        return inner.exists(path);
    }

    @Override
    public Optional<Instant> changedAt(Path file) {
        return inner.changedAt(file);
    }

    @Override
    public Space space(Path path) {
        return inner.space(path);
    }

    /** An open file that passes everything on. */
    public abstract static class ForwardingFile implements OpenFile {

        protected final OpenFile inner;

        protected ForwardingFile(OpenFile inner) {
            this.inner = inner;
        }

        @Override
        public Path path() {
            return inner.path();
        }

        @Override
        public long size() {
            return inner.size();
        }

        @Override
        public void write(long position, ByteBuffer... sources) {
            inner.write(position, sources);
        }

        @Override
        public int read(long position, ByteBuffer target) {
            return inner.read(position, target);
        }

        @Override
        public void resize(long size) {
            inner.resize(size);
        }

        @Override
        public void force() {
            inner.force();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
