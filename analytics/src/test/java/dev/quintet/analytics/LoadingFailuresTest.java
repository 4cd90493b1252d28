package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.quintet.platform.Await;
import dev.quintet.platform.LogLines;
import dev.quintet.platform.sql.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loader fails at one step and another, and begins anew. */
final class LoadingFailuresTest {

    private static final String AGAIN = "loading events failed and begins anew in ";

    @TempDir Path folder;

    @Test
    void attempts_are_further_and_further_apart_until_something_is_loaded_and_leave_no_engine()
            throws Exception {
        try (TestDatabase database = TestDatabase.create("analytics");
                LogLines log = LogLines.of("dev.quintet.analytics");
                Rig rig = new Rig(folder, database, InstantSource.system())) {
            String key = rig.source(Rig.US, "ours");
            rig.analytics.start();
            Await.until("its engine starts", () -> !engines().isEmpty());
            engines().forEach(ProcessHandle::destroyForcibly);
            take(rig, key);
            Await.until("it is loaded", () -> rig.analytics.ledger(Rig.US).pending() == 0);

            rig.database.run(
                    tx -> tx.handle().execute("update analytics.loaded set log_offset = 1"));
            take(rig, key);
            Await.until("it failed twice more", () -> errors(log).size() == 3);

            assertThat(errors(log).getFirst())
                    .startsWith(
                            AGAIN
                                    + "1 s; they are safe in the log: the loader's engine ended with"
                                    + " status 137");
            assertThat(log.events().getFirst().getThrowableProxy()).isNull();
            assertThat(errors(log).get(1))
                    .as("after something was loaded")
                    .startsWith(AGAIN + "1 s;")
                    .contains("the ledger counts up to");
            assertThat(errors(log).get(2)).startsWith(AGAIN + "2 s;");
            Await.until("no engine is left", () -> engines().isEmpty());
        }
    }

    private static List<String> errors(LogLines log) {
        return log.at(Level.ERROR);
    }

    private static void take(Rig rig, String key) {
        byte[] batch = "{\"batch\":[{\"type\":\"page\"}]}".getBytes(StandardCharsets.UTF_8);
        rig.take(key, batch);
    }

    private List<ProcessHandle> engines() {
        String scratch = "-Djava.io.tmpdir=" + folder.resolve("lake/loader");
        return ProcessHandle.current()
                .children()
                .filter(child ->
                        child.info().arguments().stream()
                                .flatMap(Arrays::stream)
                                .anyMatch(argument -> argument.startsWith(scratch)))
                .toList();
    }
}
