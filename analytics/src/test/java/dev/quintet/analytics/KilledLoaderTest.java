package dev.quintet.analytics;

import dev.quintet.platform.ChildJvm;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.TestDatabase;
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
                ChildJvm.start(
                        DyingLoader.class,
                        url.jdbc(),
                        url.user(),
                        url.password(),
                        folder.toString(),
                        writeKey,
                        border.name(),
                        Integer.toString(from));
        try {
            ChildJvm.said(loader, DyingLoader.AT_THE_BORDER, this::note);
        } finally {
            ChildJvm.kill(loader);
        }
    }

    private void note(String line) {
        if (line.startsWith(DyingLoader.TOOK)) {
            String[] words = line.split(" ", -1);
            list.taken(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
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
