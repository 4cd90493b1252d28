package dev.quintet.platform.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Which outcomes the tests of a module produced: one line of route, status and refusal each, tabs
 * between, written below {@code target/http-coverage} when a test's server closes. Whoever knows
 * all declared routes reads the files of all modules.
 */
public final class Coverage implements Observer, AutoCloseable {

    private static final Path FOLDER = Path.of("target", "http-coverage");

    private final SortedSet<String> outcomes = new ConcurrentSkipListSet<>();

    @Override
    public void saw(Seen seen) {
        outcomes.add(
                String.join(
                        "\t",
                        seen.route().map(Route::name).orElse("none"),
                        Integer.toString(seen.status()),
                        seen.refusal().orElse("-")));
    }

    /** Every outcome so far, sorted. */
    public SortedSet<String> outcomes() {
        return outcomes;
    }

    @Override
    public void close() {
        try {
            Files.createDirectories(FOLDER);
            Files.write(FOLDER.resolve(UUID.randomUUID() + ".txt"), outcomes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
