package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.analytics.iceberg.IcebergRoutes;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Stock icebird, Iceberg in JavaScript, reads what our catalog names, as PyIceberg does. */
final class IcebirdTest {

    private static final Path JUDGE = Path.of("src/test/node").toAbsolutePath();
    private static final Path ICEBIRD = JUDGE.resolve("node_modules/icebird");

    @TempDir private Path folder;
    // Snapshots carry the real time.
    private final ManualTime time = new ManualTime(Instant.now());
    private TestDatabase database;
    private Rig rig;
    private TestWeb web;
    private Loader loader;

    @BeforeAll
    static void requireJudge() {
        if (!Files.exists(ICEBIRD)) {
            System.out.println("SKIPPED: icebird: 'npm ci' in analytics/src/test/node is needed");
        }
        assumeTrue(Files.exists(ICEBIRD), "icebird is not installed");
    }

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, time);
        web = TestWeb.of(new IcebergRoutes(rig.analytics.catalog(), rig.database).routes());
        loader = rig.loader();
    }

    @AfterEach
    void close() {
        loader.close();
        web.close();
        rig.close();
        database.close();
    }

    private void load(String key, String batch) {
        rig.take(key, batch);
        assertThat(loader.load(Duration.ZERO)).isTrue();
    }

    @Test
    void it_reads_every_column_of_every_row_also_after_rows_were_erased() throws Exception {
        String ours = rig.source("ours");
        load(ours, new String(ClientList.batch(0, 20), StandardCharsets.UTF_8));
        load(
                rig.source(Rig.THEM, "theirs"),
                new String(ClientList.batch(20, 30), StandardCharsets.UTF_8));
        load(
                ours,
                """
                {"batch":[{"type":"track","event":"E","userId":"ada","messageId":"rich",
                  "timestamp":"2025-03-30T00:30:00Z","properties":{"price":1.50}}]}
                """);

        JsonNode read = judge();
        assertThat(texts(read, "columns"))
                .startsWith("organisation", "source", "message_id")
                .hasSize(17);
        assertThat(texts(read, "messages"))
                .hasSize(31)
                .contains("rich")
                .containsAll(IntStream.range(0, 30).mapToObj(ClientList::id).toList());
        assertThat(texts(read, "organisations"))
                .containsExactlyInAnyOrder(Caller.ROOT.toString(), Rig.OTHER.toString());
        assertThat(texts(read, "properties")).containsExactly("{\"price\":1.50}");
        assertThat(texts(read, "timestamps")).contains("2025-03-30T00:30:00.000Z");

        Rig.erase(loader, Caller.ROOT, "ada");
        assertThat(texts(judge(), "messages")).hasSize(30).doesNotContain("rich");
    }

    private JsonNode judge() throws IOException, InterruptedException {
        Process judge =
                new ProcessBuilder(
                                "node",
                                JUDGE.resolve("icebird.js").toString(),
                                web.at("/iceberg").toString(),
                                TestWeb.ADMIN)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(judge.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(judge.waitFor()).as(said).isZero();
        return JsonMapper.shared().readTree(said.lines().toList().getLast());
    }

    private static List<String> texts(JsonNode read, String list) {
        return read.get(list).valueStream().map(JsonNode::stringValue).toList();
    }
}
