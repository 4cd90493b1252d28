package dev.quintet.analytics.iceberg;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import org.apache.iceberg.Files;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/** A guest's way to the lake's files, on the same machine: the library's own local files. */
public final class GuestFiles implements FileIO {

    private static final long serialVersionUID = 1L;

    private static File file(String location) {
        return location.startsWith("file:")
                ? new File(URI.create(location).getPath())
                : new File(location);
    }

    @Override
    public InputFile newInputFile(String location) {
        return Files.localInput(file(location));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        File file = file(location);
        try {
            java.nio.file.Files.createDirectories(Path.of(file.getParent()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return Files.localOutput(file);
    }

    @Override
    public void deleteFile(String location) {
        try {
            java.nio.file.Files.deleteIfExists(file(location).toPath());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
