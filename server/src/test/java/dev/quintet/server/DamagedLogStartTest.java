package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.platform.Await;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.log.LogRefusal;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.TestDatabase;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A server whose event log is damaged starts, tells its operator, and is mended by a command. */
final class DamagedLogStartTest {

    @TempDir static Path data;

    @Test
    void the_other_systems_start_and_one_command_lets_loading_go_on() throws Exception {
        DatabaseUrl database = TestDatabase.empty();
        String password = database.password().replace(" ", "%20");
        Map<String, String> environment =
                Map.of(
                        "QUINTET_DATABASE_URL",
                        database.jdbc() + "?user=" + database.user() + "&password=" + password,
                        "QUINTET_SECURITY_MASTER_KEY",
                        "0c".repeat(32));
        String key;
        try (LiveServer server = LiveServer.start(data, environment)) {
            key =
                    server.admin("POST", "/api/v1/analytics/sources", "{\"name\":\"s\"}", 201)
                            .get("writeKey")
                            .asString();
            server.track(key, "First");
            server.track(key, "Second");
            Await.until("it is loaded", () -> ledger(server).get("stored").asLong() == 2);
        }
        // As after a restore of an older backup: what the lake has read is not in the log.
        Path segment;
        try (var files = Files.list(data.resolve("log"))) {
            segment =
                    files.filter(file -> file.toString().endsWith(".log"))
                            .findFirst()
                            .orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.setLength(32);
        }

        try (LiveServer server = LiveServer.start(data, environment)) {
            assertThat(server.admin("GET", "/health/ready", "", 200)).isNotNull();
            server.user("Ada", "ada@quintet.test");
            Await.until("the operator is told", () -> problem(server).contains("damaged at 0:"));
            assertThat(
                            server.admin("GET", "/api/v1/analytics/ledger", "", 503)
                                    .get("code")
                                    .asString())
                    .isEqualTo("EVENT_LOG_DAMAGED");
            // An event before the place that is loaded would never be.
            for (Route intake : server.quintet().routes()) {
                if (intake.refusals().contains(LogRefusal.EVENT_LOG_LOST)) {
                    assertThat(refused(server, key, intake)).isEqualTo("EVENT_LOG_LOST");
                }
            }
        }

        QuintetConfig config = QuintetConfig.load(Optional.empty(), environment, Map.of());
        assertThat(Offline.setEventsAside(config, data))
                .singleElement()
                .asString()
                .startsWith("set aside 0 bytes from 0:")
                .contains("to 0:" + ((2L << 32) + 32));
        assertThat(Offline.setEventsAside(config, data)).isEqualTo(whole());

        try (LiveServer server = LiveServer.start(data, environment)) {
            assertThat(problem(server)).isEmpty();
            server.track(key, "Third");
            Await.until("it is loaded", () -> ledger(server).get("stored").asLong() == 3);
            assertThat(ledger(server).get("setAside")).hasSize(1);
        }
    }

    private static String refused(LiveServer server, String key, Route intake) throws Exception {
        String event =
                """
                {"type":"track","event":"E","userId":"u","previousId":"p","groupId":"g","name":"n"}
                """;
        boolean many = intake.refusals().contains(AnalyticsRefusal.EVENTS_TOO_MANY);
        String json = many ? "{\"batch\":[" + event + "]}" : event;
        return server.segment(key, intake.path().text(), json, 503).get("code").asString();
    }

    private static List<String> whole() {
        return List.of(
                "the event log in " + data.resolve("log") + " is whole; nothing was set aside");
    }

    private static JsonNode ledger(LiveServer server) {
        try {
            return server.admin("GET", "/api/v1/analytics/ledger", "", 200);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private static String problem(LiveServer server) {
        try {
            for (JsonNode system :
                    server.admin("GET", "/api/v1/overview", "", 200).get("systems")) {
                if (system.get("name").asString().equals("analytics")) {
                    return system.path("problem").asString("");
                }
            }
            return "";
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }
}
