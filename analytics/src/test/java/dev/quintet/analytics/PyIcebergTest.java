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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Stock PyIceberg, which shares no code with us, over our catalog and our files. */
final class PyIcebergTest {

    private static final Path JUDGE = Path.of("src/test/python").toAbsolutePath();
    private static final Path PYTHON = JUDGE.resolve(".venv/bin/python");

    @TempDir private Path folder;
    // Snapshots carry the real time.
    private final ManualTime time = new ManualTime(Instant.now());
    private TestDatabase database;
    private Rig rig;
    private TestWeb web;
    private Loader loader;
    private String ours = "";

    @BeforeAll
    static void requireJudge() {
        if (!Files.exists(PYTHON)) {
            System.out.println(
                    "SKIPPED: PyIceberg: a virtual environment .venv with requirements.txt in analytics/src/test/python is needed");
        }
        assumeTrue(Files.exists(PYTHON), "PyIceberg is not installed");
    }

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, time);
        web = TestWeb.of(new IcebergRoutes(rig.analytics.catalog(), rig.database).routes());
        loader = rig.loader();
        ours = rig.source("ours");
    }

    @AfterEach
    void close() {
        loader.close();
        web.close();
        rig.close();
        database.close();
    }

    private void load(String key, int from, int to) {
        rig.take(key, ClientList.batch(from, to));
        assertThat(loader.load(Duration.ZERO)).isTrue();
    }

    private JsonNode judge(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.addAll(List.of(PYTHON.toString(), JUDGE.resolve("judge.py").toString()));
        line.addAll(
                List.of(web.at("/iceberg").toString(), "{\"token\":\"" + TestWeb.ADMIN + "\"}"));
        line.addAll(List.of(command));
        Process judge = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(judge.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(judge.waitFor()).as(said).isZero();
        return JsonMapper.shared().readTree(said.lines().toList().getLast());
    }

    @Test
    void it_reads_every_column_travels_in_time_and_adds_while_events_are_loaded() throws Exception {
        load(ours, 0, 20);
        load(rig.source(Rig.THEM, "theirs"), 20, 30);
        rig.take(
                ours,
                "{\"batch\":[{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"messageId\":\"rich\",\"properties\":{\"price\":1.50}}]}");
        assertThat(loader.load(Duration.ZERO)).isTrue();

        JsonNode read = judge("read");
        assertThat(texts(read.get("tables")))
                .containsExactly("analytics.events", "analytics.rejected");
        assertThat(texts(read.get("columns")))
                .startsWith("organisation", "source", "message_id")
                .hasSize(17);
        assertThat(texts(read.get("messages")))
                .containsExactlyInAnyOrderElementsOf(
                        java.util.stream.Stream.concat(
                                        IntStream.range(0, 30).mapToObj(ClientList::id),
                                        java.util.stream.Stream.of("rich"))
                                .toList());
        assertThat(texts(read.get("organisations")))
                .containsExactlyInAnyOrder(Caller.ROOT.toString(), Rig.OTHER.toString());
        assertThat(texts(read.get("properties"))).contains("{\"price\":1.50}");
        assertThat(read.get("rejected").intValue()).isEqualTo(2);
        assertThat(read.get("future").intValue()).isZero();

        load(ours, 30, 40);
        String old = read.get("snapshot").stringValue();
        assertThat(judge("count", old).get("rows").intValue()).isEqualTo(31);
        assertThat(judge("append", "from-python").get("rows").intValue()).isEqualTo(42);
        load(ours, 40, 50);
        assertThat(rig.number("select count(*) from events where message_id = 'from-python'"))
                .isEqualTo(1);
        assertThat(rig.number("select count(*) from events")).isEqualTo(42);
        assertThat(texts(judge("forbidden").get("refused")))
                .containsExactly("property", "drop", "tag");
    }

    @Test
    void it_keeps_tables_of_its_own_beside_ours() throws Exception {
        JsonNode own = judge("own");
        assertThat(own.get("n").toString()).isEqualTo("[2,3,5]");
        assertThat(texts(own.get("columns"))).containsExactly("n", "proof");
        assertThat(own.get("left").intValue()).as("namespaces").isEqualTo(1);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.stringValue()));
        return texts;
    }
}
