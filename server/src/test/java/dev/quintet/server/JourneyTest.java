package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.quintet.platform.Await;
import dev.quintet.platform.Pins;
import dev.quintet.platform.http.Json;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Ada and Bob live through all five systems of one real server, which then starts again over the
 * same directory.
 */
final class JourneyTest {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    @TempDir Path data;

    @Test
    void ada_and_bob_live_through_all_five_systems_and_a_restart() throws Exception {
        GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));
        mail.start();
        Map<String, String> environment =
                Map.of("QUINTET_NOTIFY_SMTP_URL", "smtp://127.0.0.1:" + mail.getSmtp().getPort());
        try (Pins _ = Pins.watch()) {
            Story story;
            try (LiveServer server = LiveServer.start(data, environment)) {
                story = new Story(server);
                story.adaAndBobHaveAccounts();
                story.adaMentionsBobWhoIsOffline();
                Await.until("Bob's mail", () -> mail.getReceivedMessages().length == 1);
                assertThat(mail.getReceivedMessages()[0].getAllRecipients()[0].toString())
                        .isEqualTo("bob@quintet.test");
                story.adaUploadsByTus();
                story.aSegmentClientTracks();
                story.analyticsSeeAllOfIt();
            }
            try (LiveServer again = LiveServer.start(data, environment)) {
                story = story.on(again);
                story.allIsStillThere();
                story.adaIsErased();
            }
            assertThat(mail.getReceivedMessages()).as("nobody is told twice").hasSize(1);
        } finally {
            mail.stop();
        }
    }

    /** What Ada and Bob do, and what they hold. */
    private static final class Story {

        private final LiveServer server;
        private String ada = "";
        private String bob = "";
        private String adaToken = "";
        private String bobToken = "";
        private String room = "";
        private String file = "";
        private final byte[] bytes = new byte[3_000_000];

        Story(LiveServer server) {
            this.server = server;
            new Random(7).nextBytes(bytes);
        }

        Story on(LiveServer again) throws Exception {
            Story next = new Story(again);
            next.ada = ada;
            next.bob = bob;
            next.room = room;
            next.file = file;
            next.adaToken = again.token(ada);
            next.bobToken = again.token(bob);
            return next;
        }

        void adaAndBobHaveAccounts() throws Exception {
            ada = server.user("Ada", "ada@quintet.test");
            bob = server.user("Bob", "bob@quintet.test");
            adaToken = server.token(ada);
            bobToken = server.token(bob);
        }

        void adaMentionsBobWhoIsOffline() throws Exception {
            room =
                    server.ask(
                                    adaToken,
                                    "POST",
                                    "/api/v1/chat/rooms",
                                    "{\"kind\":\"direct\",\"name\":\"\",\"members\":[\""
                                            + bob
                                            + "\"]}",
                                    201)
                            .get("id")
                            .asString();
            for (int n = 1; n <= 3; n++) {
                String mentions = n == 3 ? "[\"" + bob + "\"]" : "[]";
                String json =
                        "{\"clientId\":\"m"
                                + n
                                + "\",\"text\":\"message "
                                + n
                                + "\",\"mentions\":"
                                + mentions
                                + "}";
                assertThat(
                                server.ask(
                                                adaToken,
                                                "POST",
                                                "/api/v1/chat/rooms/" + room + "/messages",
                                                json,
                                                201)
                                        .get("seq")
                                        .asInt())
                        .isEqualTo(n);
            }
            Await.until("Bob's inbox", () -> inboxOf(bobToken).size() == 1);
            assertThat(inboxOf(bobToken).get(0).get("body").asString()).isEqualTo("message 3");
        }

        private JsonNode inboxOf(String token) {
            try {
                return server.ask(token, "GET", "/api/v1/inbox", "", 200).get("items");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        void adaUploadsByTus() throws Exception {
            TusClient tus = new TusClient();
            tus.setUploadCreationURL(server.at("/files").toURL());
            tus.setHeaders(Map.of("Authorization", "Bearer " + adaToken));
            TusUpload upload = new TusUpload();
            upload.setInputStream(new ByteArrayInputStream(bytes));
            upload.setSize(bytes.length);
            upload.setMetadata(Map.of("filename", "holiday.bin"));
            TusUploader uploader = tus.createUpload(upload);
            uploader.setChunkSize(256 * 1024);
            for (int sent = uploader.uploadChunk(); sent > -1; sent = uploader.uploadChunk()) {
                assertThat(sent).isPositive();
            }
            uploader.finish();
            String location = uploader.getUploadURL().getPath();
            file = location.substring(location.lastIndexOf('/') + 1);
            assertThat(download()).isEqualTo(bytes);
        }

        private byte[] download() throws Exception {
            HttpRequest request =
                    HttpRequest.newBuilder(server.at("/files/" + file))
                            .header("Authorization", "Bearer " + adaToken)
                            .build();
            return CLIENT.send(request, BodyHandlers.ofByteArray()).body();
        }

        void aSegmentClientTracks() throws Exception {
            String writeKey =
                    server.admin("POST", "/api/v1/analytics/sources", "{\"name\":\"shop\"}", 201)
                            .get("writeKey")
                            .asString();
            String batch =
                    "{\"batch\":[{\"type\":\"track\",\"event\":\"paid\",\"userId\":\""
                            + ada
                            + "\",\"messageId\":\"a\"},{\"type\":\"track\",\"event\":\"paid\",\"userId\":\""
                            + ada
                            + "\",\"messageId\":\"a\"}]}";
            HttpRequest request =
                    HttpRequest.newBuilder(server.at("/v1/batch"))
                            .header(
                                    "Authorization",
                                    "Basic "
                                            + Base64.getEncoder()
                                                    .encodeToString(
                                                            (writeKey + ":")
                                                                    .getBytes(
                                                                            StandardCharsets
                                                                                    .UTF_8)))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(batch))
                            .build();
            assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }

        void analyticsSeeAllOfIt() {
            Await.until(
                    "all events are queryable",
                    () ->
                            count("event = 'paid'") == 1
                                    && count("event = 'upload_stored'") == 1
                                    && count("event = 'messages_sent'") >= 1);
        }

        private long count(String where) {
            try {
                String sql = "select count(*) from events where " + where;
                return server.admin(
                                "POST",
                                "/api/v1/analytics/query",
                                new String(Json.write(Map.of("sql", sql)), StandardCharsets.UTF_8),
                                200)
                        .get("rows")
                        .get(0)
                        .get(0)
                        .asLong();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        void allIsStillThere() throws Exception {
            assertThat(
                            server.ask(
                                            bobToken,
                                            "GET",
                                            "/api/v1/chat/rooms/"
                                                    + room
                                                    + "/messages?after=0&limit=10",
                                            "",
                                            200)
                                    .get("items"))
                    .hasSize(3);
            assertThat(download()).isEqualTo(bytes);
            assertThat(inboxOf(bobToken)).hasSize(1);
            analyticsSeeAllOfIt();
        }

        void adaIsErased() throws Exception {
            server.admin("DELETE", "/api/v1/people/" + ada, "", 204);
            Await.until("her user is gone", () -> statusOf("/api/v1/users/" + ada) == 404);
            Await.until("her file is gone", () -> statusOf("/api/v1/files/" + file) == 404);
            assertThat(statusOf("/files/" + file)).isEqualTo(404);
            Await.until("her events are gone", () -> count("user_id = '" + ada + "'") == 0);
            Await.until(
                    "her words are gone", () -> wordsOf(room).stream().allMatch(String::isEmpty));
            assertThat(wordsOf(room)).as("the numbers stay").hasSize(3);
            Await.until(
                    "what she said is gone from Bob's inbox",
                    () -> inboxOf(bobToken).toString().contains("\"body\":\"\""));
            assertThat(statusOf("/api/v1/users/" + bob)).isEqualTo(200);
        }

        private List<String> wordsOf(String id) {
            try {
                return server.ask(
                                bobToken,
                                "GET",
                                "/api/v1/chat/rooms/" + id + "/messages?after=0&limit=10",
                                "",
                                200)
                        .get("items")
                        .valueStream()
                        .map(message -> message.get("text").asString(""))
                        .toList();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private int statusOf(String path) {
            try {
                HttpRequest request =
                        HttpRequest.newBuilder(server.at(path))
                                .header("Authorization", "Bearer " + server.adminKey())
                                .build();
                return CLIENT.send(request, BodyHandlers.discarding()).statusCode();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
