package dev.quintet.server;

import dev.quintet.platform.http.Witness;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The whole server in this JVM on free ports, with the run's witness looking on. */
record Whole(Quintet quintet, String adminKey) implements AutoCloseable {

    static Whole start(Path data) throws IOException {
        System.setProperty(
                "quintet.home",
                Path.of(
                                System.getProperty("java.io.tmpdir"),
                                "quintet-journey-" + System.getProperty("user.name"))
                        .toString());
        QuintetConfig config =
                QuintetConfig.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of("http.port", "0", "files.s3.port", "0", "http.host", "127.0.0.1"));
        Quintet quintet =
                Quintet.start(config, data, Set.of(Systems.values()), Witness.ofTheRun());
        return new Whole(quintet, Files.readString(data.resolve("admin.key")).strip());
    }

    URI at(String path) {
        return quintet.address().resolve(path);
    }

    @Override
    public void close() {
        quintet.close();
    }
}
