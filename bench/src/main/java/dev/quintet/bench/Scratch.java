package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for one run's data, on the checkout's disk; deleted when the run is over. */
record Scratch(Path folder) implements AutoCloseable {

    static Scratch in(Checkout checkout) {
        try {
            Files.createDirectories(checkout.scratch());
            return new Scratch(Files.createTempDirectory(checkout.scratch(), "run-"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
