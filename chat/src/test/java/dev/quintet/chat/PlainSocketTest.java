package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.CallerRefusal;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.caller.Scope;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** JSON written by hand, good and bad, and who is let in. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PlainSocketTest {

    private Stage stage;
    private Stage.Node node;

    @BeforeAll
    void open() {
        stage = new Stage();
        node = stage.node();
    }

    @AfterAll
    void close() {
        stage.close();
    }

    private PlainSocket socket() {
        return new PlainSocket(node.address());
    }

    private PlainSocket socket(Stage.Person person) {
        return socket().connect(person.token());
    }

    private static String send(UUID room, String clientId, String text) {
        return """
        "rpc":{"method":"message.send","data":{"room":"%s","clientId":"%s","text":"%s"}}\
        """
                .formatted(Room.ID.show(room), clientId, text);
    }

    @Test
    void commands_of_one_frame_are_answered_and_the_message_comes_as_a_publication() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        try (PlainSocket adas = socket(ada)) {
            JsonNode subs = adas.reply(1).path("connect").path("subs");
            assertThat(subs.has(Room.channel(room))).isTrue();
            adas.send(
                    "{\"id\":2,%s}\n{\"id\":3,%s}"
                            .formatted(send(room, "a", "one"), send(room, "b", "two")));
            assertThat(adas.reply(2).path("rpc").path("data").path("seq").asInt()).isEqualTo(1);
            assertThat(adas.reply(3).path("rpc").path("data").path("seq").asInt()).isEqualTo(2);
            Await.until("both came", () -> adas.pushes("pub").size() == 2);
            JsonNode push = adas.pushes("pub").getFirst();
            assertThat(push.path("channel").asString()).isEqualTo(Room.channel(room));
            assertThat(push.path("pub").path("offset").asInt()).isEqualTo(1);
            assertThat(push.path("pub").path("data").path("text").asString()).isEqualTo("one");
        }
    }

    @Test
    void a_retry_under_the_same_client_id_gets_the_first_number() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        try (PlainSocket one = socket(ada);
                PlainSocket other = socket(ada)) {
            JsonNode first = one.ask(2, send(room, "same", "hello")).path("rpc");
            JsonNode again = other.ask(2, send(room, "same", "hello")).path("rpc");
            assertThat(again).isEqualTo(first);
            JsonNode reused = other.ask(3, send(room, "same", "another text")).path("error");
            assertThat(reused.path("message").asString()).startsWith("CLIENT_ID_REUSED");
            assertThat(stage.stored(room)).hasSize(1);
        }
    }

    @Test
    void a_connect_recovers_from_the_positions_that_it_names() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        for (int number = 1; number <= 5; number++) {
            node.chat.send(ada.caller(), room, "n" + number, "text", List.of());
        }
        try (PlainSocket adas = socket()) {
            adas.send(
                    """
                    {"id":1,"connect":{"token":"%s","subs":{"%s":{"recover":true,"offset":1}}}}\
                    """
                            .formatted(ada.token(), Room.channel(room)));
            JsonNode sub = adas.reply(1).path("connect").path("subs").path(Room.channel(room));
            assertThat(sub.path("recovered").asBoolean()).isTrue();
            assertThat(sub.path("offset").asInt()).isEqualTo(1);
            assertThat(sub.path("publications"))
                    .extracting(one -> one.path("offset").asInt())
                    .containsExactly(2, 3, 4, 5);
            node.chat.send(ada.caller(), room, "n6", "text", List.of());
            Await.until("it goes on", () -> adas.pushes("pub").size() == 1);
            assertThat(adas.pushes("pub").getFirst().path("pub").path("offset").asInt())
                    .isEqualTo(6);
        }
    }

    @Test
    void an_id_comes_back_whole_and_one_that_cannot_is_refused() {
        Stage.Person ada = stage.person();
        try (PlainSocket adas = socket(ada)) {
            adas.send("{\"id\":4294967295,\"ping\":{}}");
            Await.until(
                    "the answer",
                    () ->
                            adas.replies.stream()
                                    .anyMatch(one -> one.path("id").asLong(0) == 4294967295L));
            adas.send("{\"id\":4294967296,\"ping\":{}}");
            assertThat(adas.code()).isEqualTo(3501);
            assertThat(adas.closedBecause).contains("4294967295");
        }
    }

    @Test
    void a_frame_that_is_large_is_taken_after_connect_alone() {
        String large = "{\"id\":2,\"ping\":{}}" + " ".repeat(400_000);
        try (PlainSocket stranger = socket()) {
            stranger.send(large);
            assertThat(stranger.code()).isEqualTo(1009);
        }
        try (PlainSocket adas = socket(stage.person())) {
            assertThat(adas.reply(1).has("connect")).isTrue();
            adas.send(large);
            assertThat(adas.reply(2).has("error")).isFalse();
        }
    }

    @Test
    void a_socket_that_sends_too_much_is_told_to_slow_down() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        AtomicInteger left = new AtomicInteger(2);
        try (PlainSocket adas = socket(ada)) {
            stage.limiter =
                    (caller, address) -> {
                        if (left.decrementAndGet() < 0) {
                            throw CallerRefusal.TOO_MANY_REQUESTS.because(2, "of yours", 1);
                        }
                    };
            assertThat(adas.ask(2, send(room, "a", "one")).has("rpc")).isTrue();
            assertThat(adas.ask(3, send(room, "b", "two")).has("rpc")).isTrue();
            JsonNode refused = adas.ask(4, send(room, "c", "three")).path("error");
            assertThat(refused.path("code").asInt()).isEqualTo(111);
            assertThat(refused.path("temporary").asBoolean()).isTrue();
        } finally {
            stage.limiter = Limiter.NONE;
        }
        assertThat(stage.stored(room)).hasSize(2);
    }

    @Test
    void a_person_may_have_so_many_sockets() {
        Stage.Node strict = stage.node(Stage.settings(Map.of("maxSocketsPerPerson", "2")));
        Stage.Person ada = stage.person();
        try (PlainSocket _ = new PlainSocket(strict.address()).connect(ada.token());
                PlainSocket _ = new PlainSocket(strict.address()).connect(ada.token());
                PlainSocket third = new PlainSocket(strict.address()).connect(ada.token());
                PlainSocket other =
                        new PlainSocket(strict.address()).connect(stage.person().token())) {
            assertThat(third.code()).isEqualTo(3504);
            assertThat(other.reply(1).has("connect")).isTrue();
        }
    }

    @Test
    void rooms_share_what_one_recovery_may_read() {
        Stage.Person ada = stage.person();
        List<Chat.Position> behind = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
            UUID room = stage.group(node, ada);
            behind.add(new Chat.Position(room, 0));
            for (int number = 1; number <= 6; number++) {
                node.chat.send(ada.caller(), room, "n" + number, "text", List.of());
            }
        }
        assertThat(node.chat.missed(behind, 12))
                .hasSize(12)
                .extracting(Message::seq)
                .containsOnly(1L, 2L, 3L);
    }

    @Test
    void subscribe_recovers_from_a_position_and_says_when_it_cannot() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        for (int number = 1; number <= 5; number++) {
            node.chat.send(ada.caller(), room, "n" + number, "text", List.of());
        }
        try (PlainSocket adas = socket(ada)) {
            String epoch =
                    adas.reply(1)
                            .path("connect")
                            .path("subs")
                            .path(Room.channel(room))
                            .path("epoch")
                            .asString();
            JsonNode recovered = subscribe(adas, 2, room, 2, epoch).path("subscribe");
            assertThat(recovered.path("recovered").asBoolean()).isTrue();
            assertThat(recovered.path("publications"))
                    .extracting(one -> one.path("offset").asInt())
                    .containsExactly(3, 4, 5);
            // A client that leaves before it has delivered them comes back to where it was.
            assertThat(recovered.path("offset").asInt()).isEqualTo(2);
            assertThat(subscribe(adas, 3, room, 2, epoch).path("error").path("code").asInt())
                    .isEqualTo(105);
            adas.ask(4, "\"unsubscribe\":{\"channel\":\"" + Room.channel(room) + "\"}");
            JsonNode lost = subscribe(adas, 5, room, 2, "another").path("subscribe");
            assertThat(lost.path("recovered").asBoolean()).isFalse();
            assertThat(lost.path("was_recovering").asBoolean()).isTrue();
            assertThat(lost.path("offset").asInt()).isEqualTo(5);
        }
    }

    private static JsonNode subscribe(
            PlainSocket socket, int id, UUID room, long offset, String epoch) {
        return socket.ask(
                id,
                """
                "subscribe":{"channel":"%s","recover":true,"offset":%d,"epoch":"%s"}\
                """
                        .formatted(Room.channel(room), offset, epoch));
    }

    @Test
    void after_unsubscribe_nothing_is_pushed() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        UUID other = stage.group(node, ada);
        try (PlainSocket adas = socket(ada)) {
            adas.ask(2, "\"unsubscribe\":{\"channel\":\"" + Room.channel(room) + "\"}");
            node.chat.send(ada.caller(), room, "a", "unheard", List.of());
            node.chat.send(ada.caller(), other, "b", "heard", List.of());
            Await.until("the other came", () -> adas.pushes("pub").size() == 1);
            assertThat(adas.pushes("pub").getFirst().path("channel").asString())
                    .isEqualTo(Room.channel(other));
        }
    }

    @Test
    void a_frame_that_is_nested_too_deep_is_a_bad_request_too() {
        try (PlainSocket socket = socket(stage.person())) {
            socket.send("{\"id\":2,\"rpc\":" + "[".repeat(10_000));
            assertThat(socket.code()).isEqualTo(3501);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":2,",
                "[]",
                "\n",
                "{\"id\":2,\"dance\":{}}",
                "{\"id\":2,\"rpc\":7}",
                "{\"rpc\":{\"method\":\"x\"}}",
                "{\"id\":2,\"connect\":{}}",
                "{\"id\":\"two\",\"ping\":{}}",
                "{\"id\":2,\"subscribe\":{\"channel\":\"\\ud83d\"}}",
                "{\"id\":2,\"rpc\":{\"method\":\"\\ud83d\"}}",
                "{\"id\":2,\"rpc\":{\"method\":\"message.send\",\"data\":{\"\\ud83d\":1}}}"
            })
    void a_frame_that_is_not_the_protocol_ends_the_socket_with_bad_request(String frame) {
        try (PlainSocket socket = socket(stage.person())) {
            socket.send(frame);
            assertThat(socket.code()).isEqualTo(3501);
            assertThat(socket.closedBecause).startsWith("bad request: ");
        }
    }

    @Test
    void who_may_not_enter_is_told_by_the_protocols_codes() {
        try (PlainSocket early = socket();
                PlainSocket forged = socket();
                PlainSocket nobody = socket();
                PlainSocket oversized = socket(stage.person())) {
            early.send("{\"id\":1,\"ping\":{}}");
            assertThat(early.code()).isEqualTo(3501);
            forged.connect("forged");
            assertThat(forged.code()).isEqualTo(3500);
            stage.token(
                    "server",
                    new Caller("key:1", Caller.ROOT, Optional.empty(), Set.of(Scope.ADMIN)));
            nobody.connect("server");
            assertThat(nobody.code()).isEqualTo(3507);
            oversized.send("{\"id\":2,\"rpc\":{\"method\":\"" + "x".repeat(600_000) + "\"}}");
            assertThat(oversized.code()).isEqualTo(1009);
        }
    }

    @Test
    void an_expired_token_asks_the_client_for_a_new_one_and_a_live_one_says_its_time() {
        Stage.Person ada = stage.person();
        String spent = token(Instant.now().minusSeconds(60));
        String fresh = token(Instant.now().plusSeconds(600));
        stage.token(fresh, ada.caller());
        try (PlainSocket late = socket().connect(spent);
                PlainSocket adas = socket().connect(fresh)) {
            assertThat(late.reply(1).path("error").path("code").asInt()).isEqualTo(109);
            JsonNode connected = adas.reply(1).path("connect");
            assertThat(connected.path("expires").asBoolean()).isTrue();
            assertThat(connected.path("ttl").asInt()).isBetween(500, 600);
            JsonNode refreshed = adas.ask(2, "\"refresh\":{\"token\":\"" + fresh + "\"}");
            assertThat(refreshed.path("refresh").path("ttl").asInt()).isBetween(500, 600);
        }
    }

    @Test
    void a_stranger_tries_no_second_expired_token_on_one_socket() {
        String spent = token(Instant.now().minusSeconds(60));
        try (PlainSocket stranger = socket().connect(spent)) {
            assertThat(stranger.reply(1).path("error").path("code").asInt()).isEqualTo(109);
            stranger.send("{\"id\":2,\"connect\":{\"token\":\"" + spent + "\"}}");
            assertThat(stranger.code()).isEqualTo(3500);
        }
    }

    private static String token(Instant end) {
        String claims = "{\"exp\":" + end.getEpochSecond() + "}";
        return "e30."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + "."
                + end.getNano();
    }

    @Test
    void half_a_surrogate_pair_is_refused_and_a_whole_one_comes_as_it_was_sent() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        try (PlainSocket socket = socket(ada)) {
            assertThat(code(socket.ask(2, send(room, "a", "half \\ud83d")))).isEqualTo(107);
            assertThat(code(socket.ask(3, send(room, "b\\udc00", "x")))).isEqualTo(107);
            JsonNode sent = socket.ask(4, send(room, "c", "whole \\ud83d\\ude00 é"));
            assertThat(sent.path("rpc").path("data").path("seq").asInt()).isEqualTo(1);
            String channel = "\"channel\":\"" + Room.channel(room) + "\"";
            assertThat(
                            socket.ask(5, "\"history\":{" + channel + ",\"limit\":10}")
                                    .at("/history/publications/0/data/text")
                                    .asString())
                    .isEqualTo("whole \ud83d\ude00 é");
        }
    }

    @Test
    void calls_without_a_right_are_refused_each_by_its_own_error() {
        Stage.Person ada = stage.person();
        Stage.Person eve = stage.person();
        Stage.Person foreign = stage.person(Stage.OTHER_ORGANISATION);
        UUID room = stage.group(node, ada);
        String channel = "\"channel\":\"" + Room.channel(room) + "\"";
        try (PlainSocket eves = socket(eve);
                PlainSocket foreigns = socket(foreign)) {
            assertThat(code(eves.ask(2, send(room, "a", "x")))).isEqualTo(103);
            assertThat(code(eves.ask(3, "\"subscribe\":{" + channel + "}"))).isEqualTo(103);
            assertThat(code(eves.ask(4, "\"history\":{" + channel + ",\"limit\":10}")))
                    .isEqualTo(103);
            assertThat(code(foreigns.ask(2, send(room, "a", "x")))).isEqualTo(102);
            assertThat(code(foreigns.ask(3, "\"subscribe\":{" + channel + "}"))).isEqualTo(102);
            assertThat(code(foreigns.ask(4, "\"history\":{" + channel + ",\"limit\":10}")))
                    .isEqualTo(102);
            assertThat(code(eves.ask(5, "\"publish\":{" + channel + ",\"data\":{}}")))
                    .isEqualTo(103);
            assertThat(code(eves.ask(6, "\"presence\":{" + channel + "}"))).isEqualTo(108);
            assertThat(code(eves.ask(7, "\"rpc\":{\"method\":\"dance\"}"))).isEqualTo(104);
            assertThat(code(eves.ask(8, "\"subscribe\":{\"channel\":\"news\"}"))).isEqualTo(102);
            JsonNode typo =
                    eves.ask(9, "\"rpc\":{\"method\":\"message.send\",\"data\":{\"rom\":\"x\"}}");
            assertThat(code(typo)).isEqualTo(107);
            assertThat(typo.path("error").path("message").asString()).contains("rom", "room");
            eves.send("{\"send\":{\"data\":{}}}");
            assertThat(eves.code()).isEqualTo(3508);
        }
    }

    private static int code(JsonNode reply) {
        return reply.path("error").path("code").asInt();
    }

    @Test
    void the_sockets_of_a_revoked_credential_are_closed_within_a_second() {
        Stage.Person ada = stage.person();
        try (PlainSocket adas = socket(ada)) {
            stage.revoked.add(ada.caller().credential());
            Await.until("cut", java.time.Duration.ofSeconds(1), () -> adas.closedWith == 3500);
        }
    }

    @Test
    void history_on_another_epoch_is_an_unrecoverable_position() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        try (PlainSocket adas = socket(ada)) {
            JsonNode reply =
                    adas.ask(
                            2,
                            "\"history\":{\"channel\":\"%s\",\"limit\":1,\"since\":{\"offset\":0,\"epoch\":\"x\"}}"
                                    .formatted(Room.channel(room)));
            assertThat(code(reply)).isEqualTo(112);
        }
    }
}
