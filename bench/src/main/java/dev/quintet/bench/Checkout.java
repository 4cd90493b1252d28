package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The source tree whose launcher is started and where results are kept. */
public record Checkout(Path home) {

    public Checkout {
        home = home.toAbsolutePath().normalize();
        if (!Files.isExecutable(home.resolve("quintet"))) {
            throw new IllegalArgumentException(home + " holds no launcher 'quintet'");
        }
    }

    /** Where the launcher says it is, else the nearest folder above the working one. */
    public static Checkout find() {
        String said = System.getProperty("quintet.checkout");
        if (said != null) {
            return new Checkout(Path.of(said));
        }
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("quintet"))) {
            folder = folder.getParent();
            if (folder == null) {
                throw new IllegalStateException(
                        "no launcher 'quintet' here or above; start this by ./quintet bench");
            }
        }
        return new Checkout(folder);
    }

    public Path launcher() {
        return home.resolve("quintet");
    }

    /** Unpacked PostgreSQL and the server's jars. */
    Path distribution() {
        return home.resolve("server/target/quintet");
    }

    /** A folder on the checkout's own disk that no build keeps. */
    Path scratch() {
        return home.resolve("bench/target/scratch");
    }

    Path results() {
        return home.resolve("bench/results");
    }

    /** The launcher builds what is older than its sources; a measurement or a test must not. */
    void requireBuilt() {
        Path mark = distribution().resolve("built");
        if (!Files.exists(mark) || !sourcesSince(mark).isEmpty()) {
            throw new IllegalStateException(
                    "the server is not packaged from these sources; run 'mvn -DskipTests package'");
        }
    }

    private List<Path> sourcesSince(Path mark) {
        List<Path> newer = new ArrayList<>();
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(home)) {
            FileTime built = Files.getLastModifiedTime(mark);
            for (Path module : modules) {
                Path sources = module.resolve("src/main");
                if (Files.isDirectory(sources)) {
                    try (Stream<Path> files =
                            Files.find(
                                    sources,
                                    Integer.MAX_VALUE,
                                    (file, facts) ->
                                            facts.isRegularFile()
                                                    && facts.lastModifiedTime().compareTo(built)
                                                            > 0)) {
                        files.forEach(newer::add);
                    }
                }
            }
            return newer;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
