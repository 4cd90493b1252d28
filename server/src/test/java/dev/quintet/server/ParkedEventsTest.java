package dev.quintet.server;

import static dev.quintet.server.LiveServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The operator sees what a subscriber could not take, mends the cause and has it tried again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ParkedEventsTest {

    private static final String RETRY = "/api/v1/parked-events/retry";
    private static final String SKIP = "/api/v1/parked-events/skip";

    @TempDir static Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private Poisoned poisoned;
    private LiveServer server;

    @BeforeAll
    void open() throws Exception {
        poisoned = Poisoned.start(data);
        server = poisoned.server();
    }

    @AfterAll
    void close() {
        client.close();
        poisoned.close();
    }

    @Test
    void what_could_not_be_taken_is_seen_mended_and_goes_on_in_order() throws Exception {
        String ada = server.user("Ada", "ada@quintet.test");
        String room = poisoned.roomWith(ada);
        poisoned.mention(ada, room, Poisoned.POISON);
        poisoned.awaitParked(1);
        poisoned.mention(ada, room, "the one behind");
        poisoned.awaitParked(2);

        JsonNode page = poisoned.parked("?limit=1");
        JsonNode first = page.get("items").get(0);
        assertThat(first.get("subscriber").asString()).isEqualTo("notify.mentions");
        assertThat(first.get("type").asString()).isEqualTo("chat.mention_missed");
        assertThat(first.get("key").asString()).contains(room);
        assertThat(first.get("attempts").asInt()).isPositive();
        assertThat(first.get("error").asString())
                .contains("planted")
                .doesNotContain(Poisoned.POISON);
        assertThat(first.has("nextAttemptAt")).isTrue();
        assertThat(page.get("items").size()).isEqualTo(1);
        JsonNode behind =
                poisoned.parked("?after=" + page.get("next").asString()).get("items").get(0);
        assertThat(behind.get("key")).isEqualTo(first.get("key"));
        assertThat(behind.get("attempts").asInt()).isZero();
        assertThat(behind.has("error")).isFalse();
        assertThat(behind.has("nextAttemptAt")).isFalse();
        assertThat(server.admin("GET", "/api/v1/overview", "", 200).get("parked").asInt())
                .isEqualTo(2);

        poisoned.giveUp();
        assertThat(poisoned.parked().get("items").get(0).has("nextAttemptAt")).isFalse();
        poisoned.mend();
        assertThat(once(RETRY, key(first)).body()).isEqualTo("{\"events\":2}");
        assertThat(once(RETRY, key("notify.mentions", "another")).body())
                .contains("IDEMPOTENCY_KEY_REUSED");
        String token = server.token(ada);
        Await.until(
                "both mentions are in the inbox, in order",
                () -> texts(token).equals(List.of("the one behind", Poisoned.POISON)));
        poisoned.awaitParked(0);
        assertThat(server.admin("GET", "/api/v1/audit?limit=1000", "", 200).toString())
                .contains("parked-events.retry");
        assertThat(server.admin("POST", RETRY, key(first), 404).get("code").asString())
                .isEqualTo("NOT_PARKED");
    }

    @Test
    void what_can_never_be_taken_is_skipped_and_the_one_behind_goes_on() throws Exception {
        String bob = server.user("Bob", "bob@quintet.test");
        String room = poisoned.roomWith(bob);
        poisoned.mention(bob, room, Poisoned.POISON);
        poisoned.awaitParked(1);
        poisoned.mention(bob, room, "the one behind");
        poisoned.awaitParked(2);
        JsonNode items = poisoned.parked().get("items");
        poisoned.giveUp();

        assertThat(server.admin("POST", SKIP, one(items.get(1)), 404).get("code").asString())
                .as("what waits behind another has not failed")
                .isEqualTo("EVENT_NOT_PARKED");
        assertThat(once(SKIP, one(items.get(0))).body())
                .contains(items.get(0).get("key").asString());
        assertThat(once(SKIP, one(items.get(1))).body()).contains("IDEMPOTENCY_KEY_REUSED");
        String token = server.token(bob);
        Await.until(
                "the one behind is in the inbox, alone",
                () -> texts(token).equals(List.of("the one behind")));
        poisoned.awaitParked(0);
        assertThat(server.admin("GET", "/api/v1/audit?limit=1000", "", 200).toString())
                .contains("parked-events.skip", items.get(0).get("event").asString());
    }

    private static String one(JsonNode parked) {
        return json(
                Map.of(
                        "subscriber",
                        parked.get("subscriber").asString(),
                        "event",
                        parked.get("event").asString()));
    }

    private static String key(JsonNode parked) {
        return key(parked.get("subscriber").asString(), parked.get("key").asString());
    }

    private static String key(String subscriber, String key) {
        return json(Map.of("subscriber", subscriber, "key", key));
    }

    /** Under one idempotency key for each path. */
    private HttpResponse<String> once(String path, String json) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.at(path))
                        .header("Authorization", "Bearer " + server.adminKey())
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", "once-" + path)
                        .POST(BodyPublishers.ofString(json))
                        .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private List<String> texts(String token) {
        try {
            return server.ask(token, "GET", "/api/v1/inbox", "", 200).findValuesAsString("body");
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void it_is_the_operators_alone() throws Exception {
        String theirs = server.keyOfAnotherOrganisation();
        assertThat(server.ask(theirs, "GET", "/api/v1/parked-events", "", 403).toString())
                .contains("MISSING_SCOPE");
        assertThat(server.ask(theirs, "POST", RETRY, key("notify.mentions", "a"), 403).toString())
                .contains("MISSING_SCOPE");
        String event = json(Map.of("subscriber", "notify.mentions", "event", new UUID(1, 2)));
        assertThat(server.ask(theirs, "POST", SKIP, event, 403).toString())
                .contains("MISSING_SCOPE");
        assertThat(server.ask(theirs, "GET", "/api/v1/overview", "", 200).has("parked")).isFalse();
    }

    @Test
    void a_page_that_nobody_was_given_is_refused() throws Exception {
        assertThat(server.admin("GET", "/api/v1/parked-events?after=last", "", 400).toString())
                .contains("INVALID_PARAMETER");
    }
}
