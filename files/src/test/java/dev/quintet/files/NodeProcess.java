package dev.quintet.files;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** A files node in a JVM of its own, so that a test can kill it as the kernel would. */
final class NodeProcess implements AutoCloseable {

    // So short that a cut finds bytes before, within and behind a force.
    private static final DataSize STRETCH = DataSize.kibibytes(512);

    private final Process process;
    final URI main;
    final URI s3;

    private NodeProcess(Process process, URI main, URI s3) {
        this.process = process;
        this.main = main;
        this.s3 = s3;
    }

    /** Runs until it is killed: prints its two doors and waits for the end of its input. */
    public static void main(String[] arguments) throws IOException {
        Database.Limits limits =
                new Database.Limits(
                        4,
                        2,
                        Database.Limits.DEFAULT.statement(),
                        Database.Limits.DEFAULT.patience());
        try (Database db =
                        Database.open(DatabaseUrl.parse(arguments[0]), limits, (tx, events) -> {});
                LocalDisk disk = new LocalDisk(2);
                FilesNode node =
                        new FilesNode(
                                db,
                                FilesNode.blobs(disk, Path.of(arguments[1]), STRETCH),
                                InstantSource.system(),
                                FilesNode.config())) {
            System.out.println("doors " + node.main.base() + " " + node.s3.base());
            System.out.flush();
            // The parent never writes: this ends when the parent does.
            int end = System.in.read();
            System.out.println("input ended with " + end);
        }
    }

    static NodeProcess start(String databaseUrl, Path folder) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                List.of(
                                        java,
                                        "-Xmx256m",
                                        "-XX:TieredStopAtLevel=1",
                                        "-XX:+UseSerialGC",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "--sun-misc-unsafe-memory-access=allow",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        NodeProcess.class.getName(),
                                        databaseUrl,
                                        folder.toString()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line; (line = out.readLine()) != null; ) {
            if (line.startsWith("doors ")) {
                String[] doors = line.split(" ", -1);
                Thread.ofVirtual().start(() -> drain(out));
                return new NodeProcess(process, URI.create(doors[1]), URI.create(doors[2]));
            }
        }
        throw new AssertionError(
                "the node ended before it was ready: " + process.onExit().join().exitValue());
    }

    private static void drain(BufferedReader out) {
        try {
            while (out.readLine() != null) {
                // the access log; nobody reads it
            }
        } catch (IOException killed) {
            // that is what it is for
        }
    }

    /** kill -9. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
