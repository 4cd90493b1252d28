package dev.quintet.analytics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks for a text in the bytes of every file of a folder. Parquet pages are compressed, so those
 * are unpacked by the second reader; everything else is searched as it lies.
 */
final class RawSearch {

    private RawSearch() {}

    static boolean holds(Path folder, String text) throws IOException {
        return !where(folder, text).isEmpty();
    }

    static List<Path> where(Path folder, String text) throws IOException {
        String wanted = text;
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("libduckdb"))
                    .filter(file -> contains(file, wanted))
                    .toList();
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            String content =
                    file.toString().endsWith(".parquet")
                            ? SecondReader.rows(file.toFile()).toString()
                            : Files.readString(file, StandardCharsets.ISO_8859_1);
            return content.contains(text);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }
}
