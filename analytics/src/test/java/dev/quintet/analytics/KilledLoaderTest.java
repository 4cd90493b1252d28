package dev.quintet.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 at each border between the loader's steps, of the process that also takes events. */
final class KilledLoaderTest {

    @TempDir Path folder;

    private final ClientList list = new ClientList();

    @Test
    void processes_that_are_killed_between_two_steps_lose_nothing_and_double_nothing()
            throws Exception {
        try (TestDatabase database = TestDatabase.create("analytics")) {
            String writeKey;
            try (Rig rig = rig(database)) {
                writeKey = rig.source("test");
            }
            int from = 0;
            for (DyingLoader.Border border : DyingLoader.Border.values()) {
                killAt(border, database.url(), writeKey, from);
                from += 40;
            }
            try (Rig rig = rig(database);
                    Loader loader = rig.loader()) {
                loadAll(loader);
                send(rig, writeKey, 0, 300);
                loadAll(loader);
                list.assertExactlyOnce(rig);
            }
        }
    }

    private Rig rig(TestDatabase database) {
        return new Rig(folder, database.database(), database.url(), InstantSource.system());
    }

    private void killAt(DyingLoader.Border border, DatabaseUrl url, String writeKey, int from)
            throws IOException, InterruptedException {
        Process loader =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DyingLoader.class.getName(),
                                url.jdbc(),
                                url.user(),
                                url.password(),
                                folder.toString(),
                                writeKey,
                                border.name(),
                                Integer.toString(from))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader said = loader.inputReader(UTF_8)) {
            String line = said.readLine();
            while (line != null && !line.equals(DyingLoader.AT_THE_BORDER)) {
                if (line.startsWith(DyingLoader.TOOK)) {
                    String[] words = line.split(" ", -1);
                    list.taken(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                }
                line = said.readLine();
            }
            assertThat(line).as("the process reached %s", border).isNotNull();
        } finally {
            loader.destroyForcibly().waitFor();
        }
    }

    private void send(Rig rig, String writeKey, int from, int to) {
        rig.analytics.take(
                Call.BATCH, Optional.of(writeKey), ClientList.batch(from, to), anybody -> {});
        list.taken(from, to);
    }

    private static void loadAll(Loader loader) {
        while (loader.load(Duration.ZERO)) {
            // until the log is read to its end
        }
    }
}
