package dev.quintet.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Json;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** The REST twins, and each refusal that they declare. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ChatRoutesTest {

    private static final String ROOMS = "/api/v1/chat/rooms";

    private Stage stage;
    private Stage.Node node;
    private Stage.Node strict;
    private Stage.Person ada;
    private Stage.Person bob;

    @BeforeAll
    void open() {
        stage = new Stage();
        node =
                stage.node(
                        Stage.settings(
                                Map.of(
                                        "maxMentions", "2",
                                        "maxMembersPerCall", "5",
                                        "maxMembers", "6",
                                        "positionCheck", "10s",
                                        "maxWaiting", "3")));
        strict =
                stage.node(
                        Stage.settings(
                                Map.of(
                                        "maxMentions", "2",
                                        "maxMembersPerCall", "5",
                                        "maxMembers", "2",
                                        "positionCheck", "10s",
                                        "maxWaiting", "3")));
        ada = stage.person();
        bob = stage.person();
    }

    @AfterAll
    void close() {
        stage.close();
    }

    private record Got(int status, JsonNode body) {
        String code() {
            return body.path("code").asString("");
        }
    }

    private Got post(Stage.Person who, String path, String json, Optional<String> key) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(node.web.at(path))
                        .header("Authorization", "Bearer " + who.token())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json));
        key.ifPresent(value -> request.header("Idempotency-Key", value));
        return got(request.build());
    }

    private Got post(Stage.Person who, String path, String json) {
        return post(who, path, json, Optional.empty());
    }

    private Got get(Stage.Person who, String path) {
        return got(
                HttpRequest.newBuilder(node.web.at(path))
                        .header("Authorization", "Bearer " + who.token())
                        .build());
    }

    private Got got(HttpRequest request) {
        try {
            HttpResponse<String> answer = node.web.send(request);
            return new Got(answer.statusCode(), Json.tree(answer.body().getBytes(UTF_8)));
        } catch (java.io.IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    private static String room(String kind, String name, Stage.Person... members) {
        return "{\"kind\":\"%s\",\"name\":\"%s\",\"members\":%s}"
                .formatted(kind, name, shown(members));
    }

    private static String shown(Stage.Person... people) {
        return List.of(people).stream()
                .map(one -> '"' + one.shown() + '"')
                .collect(Collectors.joining(",", "[", "]"));
    }

    private String group() {
        return post(ada, ROOMS, room("group", "g", bob)).body().path("id").asString();
    }

    private static String messages(String room) {
        return ROOMS + "/" + room + "/messages";
    }

    @Test
    void what_is_sent_is_read_back_by_number() {
        String room = group();
        for (int number = 1; number <= 3; number++) {
            Got sent = post(ada, messages(room), "{\"text\":\"t" + number + "\"}");
            assertThat(sent.status()).isEqualTo(201);
            assertThat(sent.body().path("seq").asInt()).isEqualTo(number);
        }
        JsonNode page = get(bob, messages(room) + "?after=1&limit=1").body();
        assertThat(page.path("items").get(0).path("text").asString()).isEqualTo("t2");
        assertThat(page.path("items").get(0).path("sender").asString()).isEqualTo(ada.shown());
        assertThat(page.path("next").asString()).isEqualTo("2");
        assertThat(get(bob, messages(room) + "?after=2").body().has("next")).isFalse();
    }

    @Test
    void the_idempotency_key_is_the_client_id() {
        String room = group();
        Got first = post(ada, messages(room), "{\"text\":\"one\"}", Optional.of("k"));
        Got again = post(ada, messages(room), "{\"text\":\"one\"}", Optional.of("k"));
        Got byBody = post(ada, messages(room), "{\"text\":\"one\",\"clientId\":\"k\"}");
        // A retry repeats the text; another one was not sent, and its sender hears so.
        Got other = post(ada, messages(room), "{\"text\":\"two\"}", Optional.of("k"));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.code()).isEqualTo("CLIENT_ID_REUSED");
        Got mentioning =
                post(
                        ada,
                        messages(room),
                        "{\"text\":\"one\",\"mentions\":[\"" + bob.shown() + "\"]}",
                        Optional.of("k"));
        assertThat(mentioning.code()).as("other mentions").isEqualTo("CLIENT_ID_REUSED");
        assertThat(again.body()).isEqualTo(first.body()).isEqualTo(byBody.body());
        assertThat(
                        post(
                                        ada,
                                        messages(room),
                                        "{\"text\":\"one\",\"clientId\":\"other\"}",
                                        Optional.of("k"))
                                .code())
                .isEqualTo("CLIENT_ID_TWICE");
    }

    @Test
    void a_repeated_creation_gives_the_first_room() {
        Got first = post(ada, ROOMS, room("group", "once", bob), Optional.of("create"));
        Got again = post(ada, ROOMS, room("group", "once", bob), Optional.of("create"));
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(post(ada, ROOMS, room("group", "else", bob), Optional.of("create")).code())
                .isEqualTo("IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void the_same_two_people_have_one_direct_room_whoever_opens_it() {
        Got adas = post(ada, ROOMS, "{\"kind\":\"direct\",\"members\":" + shown(bob) + "}");
        Got bobs = post(bob, ROOMS, "{\"kind\":\"direct\",\"members\":" + shown(bob, ada) + "}");
        assertThat(adas.status()).isEqualTo(201);
        assertThat(bobs.body()).isEqualTo(adas.body());
        String room = adas.body().path("id").asString();
        assertThat(post(ada, ROOMS + "/" + room + "/members", "{\"members\":[]}").code())
                .isEqualTo("DIRECT_IS_FIXED");
        assertThat(post(ada, ROOMS, room("direct", "", ada)).code()).isEqualTo("DIRECT_NEEDS_TWO");
    }

    @Test
    void who_opens_rooms_and_with_whom() {
        assertThat(post(ada, ROOMS, room("channel", "news")).code())
                .isEqualTo("CHANNEL_NEEDS_ADMIN");
        Stage.Person admin = stage.person(Scope.CHAT_ADMIN);
        assertThat(post(admin, ROOMS, room("channel", "news")).status()).isEqualTo(201);
        assertThat(post(ada, ROOMS, room("group", " ")).code()).isEqualTo("BAD_ROOM_NAME");
        Stage.Person stranger = stage.person();
        stage.strangers.add(stranger.id());
        assertThat(post(ada, ROOMS, room("group", "g", stranger)).code())
                .isEqualTo("PERSON_UNKNOWN");
        Stage.Person[] many =
                IntStream.range(0, 6).mapToObj(at -> stage.person()).toArray(Stage.Person[]::new);
        assertThat(post(ada, ROOMS, room("group", "g", many)).code())
                .isEqualTo("TOO_MANY_MEMBERS_AT_ONCE");
        String room = group();
        String members = ROOMS + "/" + room + "/members";
        assertThat(
                        post(ada, members, "{\"members\":" + shown(many[0], many[1], bob) + "}")
                                .body()
                                .path("added")
                                .asInt())
                .isEqualTo(2);
        assertThat(
                        post(ada, members, "{\"members\":" + shown(many[2], many[3], many[4]) + "}")
                                .code())
                .isEqualTo("ROOM_FULL");
        assertThat(post(many[5], members, "{\"members\":[]}").code()).isEqualTo("NOT_A_MEMBER");
        assertThat(get(many[5], messages(room)).code()).isEqualTo("NOT_A_MEMBER");
    }

    @Test
    void a_room_is_not_made_with_more_members_than_it_may_hold() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(strict.web.at(ROOMS))
                        .header("Authorization", "Bearer " + ada.token())
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        room("group", "g", bob, stage.person())))
                        .build();
        assertThat(strict.web.send(request).body()).contains("\"ROOM_FULL\"");
    }

    @Test
    void what_a_message_may_be() {
        String messages = messages(group());
        // No-break and zero-width space, Hangul filler, empty Braille pattern, a lone variation.
        for (String unseen :
                List.of("  ", "\u00a0", "\u200b\u200d", "\u3164", "\u2800", "\ufe0f", "\u2028")) {
            assertThat(post(ada, messages, "{\"text\":\"" + unseen + "\"}").code())
                    .isEqualTo("EMPTY_TEXT");
        }
        assertThat(post(ada, messages, "{\"text\":\"" + "x".repeat(8193) + "\"}").code())
                .isEqualTo("TEXT_TOO_LONG");
        assertThat(post(ada, messages, "{\"text\":\"x\",\"clientId\":\"\"}").code())
                .isEqualTo("BAD_CLIENT_ID");
        // PostgreSQL's driver would make '?' of half a pair, and two client ids one.
        assertThat(post(ada, messages, "{\"text\":\"x\",\"clientId\":\"\\ud83d\"}").code())
                .isEqualTo("INVALID_FIELD");
        Stage.Person stranger = stage.person();
        assertThat(mention(messages, stranger).code()).isEqualTo("MENTION_NOT_A_MEMBER");
        assertThat(mention(messages, ada, bob, stranger).code()).isEqualTo("TOO_MANY_MENTIONS");
        assertThat(mention(messages, ada, bob).status()).isEqualTo(201);
        assertThat(post(stranger, messages, "{\"text\":\"x\"}").code()).isEqualTo("NOT_A_MEMBER");
    }

    private Got mention(String messages, Stage.Person... people) {
        return post(ada, messages, "{\"text\":\"x\",\"mentions\":" + shown(people) + "}");
    }

    @Test
    void where_too_many_messages_wait_for_the_writer_the_next_is_refused_and_nothing_is_lost() {
        String room = group();
        UUID id = Room.ID.parse(room);
        List<Got> answers = new CopyOnWriteArrayList<>();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            // The writer takes the first and stands before the row; three wait, more have no place.
            stage.database()
                    .run(tx -> {
                        new ChatStore().lockRoom(tx, id);
                        for (int n = 0; n < 12; n++) {
                            String text = "{\"text\":\"t" + n + "\"}";
                            senders.execute(() -> answers.add(post(ada, messages(room), text)));
                        }
                        Await.until(
                                "one is refused",
                                () ->
                                        answers.stream()
                                                .anyMatch(got -> got.code().equals("ROOM_BUSY")));
                    });
        }
        assertThat(answers.stream().filter(got -> got.code().equals("ROOM_BUSY")))
                .allMatch(got -> got.status() == 503);
        assertThat(stage.stored(id))
                .hasSize(
                        Math.toIntExact(
                                answers.stream().filter(got -> got.status() == 201).count()))
                .hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void each_of_the_rooms_routes_knows_its_idempotency_key_and_its_nobody() {
        String room = group();
        String members = ROOMS + "/" + room + "/members";
        Stage.Person[] guests = {stage.person(), stage.person()};
        assertThat(
                        post(
                                        ada,
                                        members,
                                        "{\"members\":" + shown(guests[0]) + "}",
                                        Optional.of("add"))
                                .status())
                .isEqualTo(200);
        assertThat(
                        post(
                                        ada,
                                        members,
                                        "{\"members\":" + shown(guests[1]) + "}",
                                        Optional.of("add"))
                                .code())
                .isEqualTo("IDEMPOTENCY_KEY_REUSED");
        stage.strangers.add(guests[1].id());
        assertThat(post(ada, members, "{\"members\":" + shown(guests[1]) + "}").code())
                .isEqualTo("PERSON_UNKNOWN");
        Stage.Person[] many =
                IntStream.range(0, 6).mapToObj(at -> stage.person()).toArray(Stage.Person[]::new);
        assertThat(post(ada, members, "{\"members\":" + shown(many) + "}").code())
                .isEqualTo("TOO_MANY_MEMBERS_AT_ONCE");
        assertThat(get(stage.server(Scope.CHAT_READ), ROOMS).code()).isEqualTo("PERSON_NEEDED");
    }

    @Test
    void a_credential_of_nobody_neither_sends_nor_joins() {
        Stage.Person key = stage.server(Scope.CHAT_WRITE, Scope.CHAT_READ);
        String room = group();
        for (Got got :
                List.of(
                        post(key, ROOMS, room("group", "g", ada)),
                        post(key, ROOMS + "/" + room + "/members", "{\"members\":[]}"),
                        post(key, messages(room), "{\"text\":\"x\"}"),
                        get(key, messages(room)))) {
            assertThat(got.code()).isEqualTo("PERSON_NEEDED");
        }
        Stage.Person admin = stage.server(Scope.ADMIN);
        assertThat(post(admin, ROOMS, room("group", "g", ada)).status()).isEqualTo(201);
        assertThat(get(admin, messages(room)).status()).isEqualTo(200);
    }

    @Test
    void rooms_are_listed_to_their_members_newest_first() {
        Stage.Person eve = stage.person();
        for (int n = 1; n <= 3; n++) {
            post(eve, ROOMS, "{\"kind\":\"group\",\"name\":\"g" + n + "\",\"members\":[]}");
        }
        Got first = get(eve, ROOMS + "?limit=2");
        assertThat(first.body().get("items").valueStream().map(r -> r.get("name").asString()))
                .containsExactly("g3", "g2");
        String next = URLEncoder.encode(first.body().get("next").asString(), UTF_8);
        Got second = get(eve, ROOMS + "?limit=2&after=" + next);
        assertThat(second.body().get("items").valueStream().map(r -> r.get("name").asString()))
                .containsExactly("g1");
        assertThat(get(bob, ROOMS).body().toString()).doesNotContain("\"g1\"");
        assertThat(get(stage.server(Scope.ADMIN), ROOMS).body().toString()).contains("\"g1\"");
        assertThat(get(eve, ROOMS + "?after=nonsense").code()).isEqualTo("BAD_CURSOR");
    }

    @Test
    void to_another_organisation_a_room_does_not_exist() {
        String room = group();
        Stage.Person eve = stage.person(Stage.OTHER_ORGANISATION, Scope.CHAT_ADMIN);
        UUID none = UUID.randomUUID();
        for (String id : List.of(room, Room.ID.show(none))) {
            for (Got got :
                    List.of(
                            get(eve, messages(id)),
                            post(eve, messages(id), "{\"text\":\"x\"}"),
                            post(eve, ROOMS + "/" + id + "/members", "{\"members\":[]}"))) {
                assertThat(got.status()).isEqualTo(404);
                assertThat(got.code()).isEqualTo("ROOM_UNKNOWN");
            }
        }
    }
}
