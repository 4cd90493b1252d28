package dev.quintet.analytics;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;

/** Local files for a stranger's Iceberg: reads only, and shares no code with ours. */
final class TestFiles implements FileIO {

    private static final long serialVersionUID = 1L;

    @Override
    public InputFile newInputFile(String location) {
        return new In(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        throw new UnsupportedOperationException("a stranger who only reads");
    }

    @Override
    public void deleteFile(String location) {
        throw new UnsupportedOperationException("a stranger who only reads");
    }

    private record In(String location) implements InputFile {

        private Path path() {
            return Path.of(URI.create(location));
        }

        @Override
        public long getLength() {
            try {
                return Files.size(path());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        @Override
        public boolean exists() {
            return Files.exists(path());
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                RandomAccessFile file = new RandomAccessFile(path().toFile(), "r");
                return new SeekableInputStream() {
                    @Override
                    public long getPos() throws IOException {
                        return file.getFilePointer();
                    }

                    @Override
                    public void seek(long position) throws IOException {
                        file.seek(position);
                    }

                    @Override
                    public int read() throws IOException {
                        return file.read();
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        return file.read(target, offset, length);
                    }

                    @Override
                    public void close() throws IOException {
                        file.close();
                    }
                };
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
