package dev.quintet.files;

import dev.quintet.platform.ChildJvm;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;

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
        Process process = ChildJvm.start(NodeProcess.class, databaseUrl, folder.toString());
        String[] doors = ChildJvm.said(process, "doors ").split(" ", -1);
        return new NodeProcess(process, URI.create(doors[0]), URI.create(doors[1]));
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
