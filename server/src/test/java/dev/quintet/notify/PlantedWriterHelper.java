package dev.quintet.notify;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks the disk border and the naming rule on purpose. */
public final class PlantedWriterHelper {

    public void write(Path path) throws IOException {
        Files.writeString(path, "never forced");
        try (var out = new FileOutputStream(path.toFile())) {
            out.write(1);
        }
    }
}
