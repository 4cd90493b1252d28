package dev.quintet.platform.sql;

import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The one PostgreSQL of a test run. The first test JVM that needs it starts a keeper, a process
 * that lives as long as the run's Maven (or whatever began the tests), and the JVMs of all modules
 * meet at the address that the keeper writes down.
 */
public final class TestPostgres {

    private static final String PASSWORD = "for tests only";
    private static final Duration START = Duration.ofMinutes(2);

    // Both modules at once, with the pools of several nodes each.
    private static final int CONNECTIONS = 400;

    private TestPostgres() {}

    /** Where the run's cluster lies; it need not have been started. */
    public static Path folder() {
        // Modules are tested in their own folders.
        Path target = Path.of("..", "target").toAbsolutePath().normalize();
        return target.resolve("postgres-" + run().pid());
    }

    /** Starts it unless a JVM of this run has done so. */
    static DatabaseUrl join() {
        Path folder = folder();
        try {
            Files.createDirectories(folder);
            try (FileChannel lock =
                            FileChannel.open(
                                    folder.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var _ = lock.lock()) {
                if (jdbc(folder).isEmpty()) {
                    Process keeper = keeper(folder);
                    Await.until(
                            "PostgreSQL for tests; see " + folder + "/keeper.log",
                            START,
                            () -> jdbc(folder).isPresent() || !keeper.isAlive());
                }
            }
            return new DatabaseUrl(jdbc(folder).orElseThrow(), PostgresProcess.USER, PASSWORD);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Optional<String> jdbc(Path folder) {
        try {
            return Optional.of(Files.readString(folder.resolve("url")));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    /** The nearest JVM above this one, past the shell that Surefire puts in between. */
    private static ProcessHandle run() {
        return Stream.iterate(
                        ProcessHandle.current().parent(),
                        Optional::isPresent,
                        above -> above.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .filter(above -> above.info().command().orElse("").endsWith("java"))
                .findFirst()
                .orElse(ProcessHandle.current());
    }

    private static Process keeper(Path folder) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestPostgres.class.getName(),
                        folder.toString(),
                        Long.toString(run().pid()));
        // Surefire waits until nobody holds its pipes any more: the keeper gets a file.
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keeper.log").toFile())
                .start();
    }

    /** The keeper. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Path library =
                Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "quintet-test-" + System.getProperty("user.name"));
        PostgresProcess postgres =
                PostgresProcess.start(
                        new PostgresProcess.Settings(
                                folder.resolve("cluster"),
                                library,
                                PASSWORD,
                                DataSize.mebibytes(128),
                                CONNECTIONS));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(postgres, folder)));
        Path url = Files.writeString(folder.resolve("url.new"), postgres.url().jdbc());
        Files.move(url, folder.resolve("url"), StandardCopyOption.ATOMIC_MOVE);
        ProcessHandle.of(Long.parseLong(arguments[1])).ifPresent(run -> run.onExit().join());
        Runtime.getRuntime().exit(0);
    }

    private static void end(PostgresProcess postgres, Path folder) {
        postgres.close();
        try {
            PostgresBinaries.delete(folder);
        } catch (IOException left) {
            System.err.println("left behind: " + left.getMessage());
        }
    }
}
