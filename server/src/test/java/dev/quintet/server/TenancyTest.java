package dev.quintet.server;

import static dev.quintet.server.LiveServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.http.PathTemplate;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What one organisation owns does not exist for another: generated from the routes of the whole
 * server, so that a new one cannot escape. A route with an id in its path needs a sample here, a
 * list must show its owner's rows; either fails by its name until it has.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TenancyTest {

    /** Stands in each text that our organisation writes. */
    private static final String MARK = "ours-and-nobody-elses";

    /** Paths that name nothing of an organisation, and why. */
    private static final Map<String, String> OF_NOBODY =
            Map.of(
                    "/console/{file...}", "the pages are the same for all",
                    "/demo/{file...}", "the pages are the same for all",
                    "/login/{file...}", "the pages are the same for all",
                    "/shared/{file...}", "the pages are the same for all",
                    "/vendor/{file...}", "the pages are the same for all",
                    "/v1/projects/{writeKey}/settings",
                            "the write key in the address stands for the right",
                    "/f/{file}/{name}", "the signature in the address stands for the right",
                    "/{path...}", "S3's own test asks for another organisation's bucket and object",
                    "/api/v1/people/{externalId}", "everybody has external ids; a test of its own");

    /** The lake of all organisations: others than the root are refused by a test of its own. */
    private static final String LAKE = "/iceberg/";

    /** Lists that hold figures instead of rows. */
    private static final Set<String> WITHOUT_ROWS =
            Set.of("GET /api/v1/overview", "GET /api/v1/analytics/ledger");

    private static final Map<String, String> BODIES =
            Map.of(
                    "POST /api/v1/users/{id}/tokens", "{}",
                    "POST /api/v1/chat/rooms/{id}/members", "{\"members\":[]}",
                    "POST /api/v1/chat/rooms/{id}/messages", "{\"text\":\"x\"}",
                    "POST /api/v1/files/{id}/links", "{}",
                    "PATCH /api/v1/webhook-endpoints/{id}", "{}",
                    "PATCH /api/v1/analytics/sources/{id}", "{}",
                    "POST /api/v1/analytics/sources/{id}/rotate", "{}");

    @TempDir static Path data;

    /** By the path up to the id: what is ours. */
    private final Map<String, String> owned = new LinkedHashMap<>();

    private final HttpClient client = HttpClient.newHttpClient();
    private Poisoned poisoned;
    private LiveServer server;
    private List<String> us = List.of();
    private List<String> them = List.of();

    @BeforeAll
    void open() throws Exception {
        poisoned = Poisoned.start(data);
        server = poisoned.server();
        String ada = server.user(MARK, "ada@quintet.test");
        String adaToken = server.token(ada);
        us = List.of(server.adminKey(), adaToken);
        owned.put("/api/v1/users/{id}", ada);
        owned.put("/api/v1/people/{id}", ada);
        String room = "{\"kind\":\"group\",\"name\":\"" + MARK + "\",\"members\":[]}";
        owned.put(
                "/api/v1/chat/rooms/{id}",
                id(server.ask(adaToken, "POST", "/api/v1/chat/rooms", room, 201)));
        String file = upload(adaToken);
        owned.put("/files/{id}", file);
        owned.put("/api/v1/files/{id}", file);
        String send =
                json(
                        Map.of(
                                "to",
                                List.of(Map.of("user", ada)),
                                "content",
                                Map.of("title", MARK, "body", MARK)));
        owned.put("/api/v1/notifications/{id}", made("/api/v1/notifications", send, 202));
        owned.put(
                "/api/v1/webhook-endpoints/{id}",
                made("/api/v1/webhook-endpoints", "{\"url\":\"https://example.com/\"}", 201));
        owned.put(
                "/api/v1/keys/{id}",
                made("/api/v1/keys", "{\"name\":\"" + MARK + "\",\"scopes\":[]}", 201));
        owned.put(
                "/api/v1/files/access-keys/{accessKeyId}",
                server.admin("POST", "/api/v1/files/access-keys", "{}", 201)
                        .get("accessKeyId")
                        .asString());
        owned.put(
                "/api/v1/analytics/erasures/{id}",
                made("/api/v1/analytics/erasures", "{\"userId\":\"nobody\"}", 202));
        rejectedEvent();
        parkedEvent(ada);
        them = otherOrganisation();
    }

    @AfterAll
    void close() {
        client.close();
        poisoned.close();
    }

    private String made(String path, String json, int status) throws Exception {
        return id(server.admin("POST", path, json, status));
    }

    private static String id(JsonNode made) {
        return made.get("id").asString();
    }

    private String upload(String bearer) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.at("/files"))
                        .header("Authorization", "Bearer " + bearer)
                        .header("Tus-Resumable", "1.0.0")
                        .header("Upload-Length", "0")
                        .POST(BodyPublishers.noBody())
                        .build();
        return client.send(request, BodyHandlers.discarding())
                .headers()
                .firstValue("Location")
                .orElseThrow()
                .substring("/files/".length());
    }

    /** One event that is taken and found wrong by the loader. */
    private void rejectedEvent() throws Exception {
        JsonNode source =
                server.admin("POST", "/api/v1/analytics/sources", "{\"name\":\"s\"}", 201);
        owned.put("/api/v1/analytics/sources/{id}", id(source));
        String key = source.get("writeKey").asString();
        String user =
                Base64.getEncoder().encodeToString((key + ":").getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(server.at("/v1/batch"))
                        .header("Authorization", "Basic " + user)
                        .POST(
                                BodyPublishers.ofString(
                                        "{\"batch\":[{\"type\":\"jump\",\"userId\":\"u\",\"messageId\":\""
                                                + MARK
                                                + "\"}]}"))
                        .build();
        assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
        Await.until(
                "the loader has rejected it",
                () -> body(us.getFirst(), "GET", "/api/v1/analytics/rejected").contains(MARK));
    }

    /** In a room whose id stands in its key. */
    private void parkedEvent(String person) throws Exception {
        String room = poisoned.roomWith(person);
        poisoned.mention(person, room, Poisoned.POISON);
        poisoned.awaitParked(1);
        owned.put("the room of a parked event", room);
    }

    /** A server key with all rights over there, and a person with all rights. */
    private List<String> otherOrganisation() throws Exception {
        String key = server.keyOfAnotherOrganisation();
        String person =
                id(
                        server.ask(
                                key,
                                "POST",
                                "/api/v1/users",
                                "{\"email\":\"eve@quintet.test\",\"name\":\"Eve\",\"scopes\":[\"admin\"]}",
                                201));
        String token =
                server.ask(key, "POST", "/api/v1/users/" + person + "/tokens", "{}", 201)
                        .get("access_token")
                        .asString();
        return List.of(key, token);
    }

    @TestFactory
    Stream<DynamicTest> what_is_ours_is_to_them_what_does_not_exist() {
        return server.quintet().routes().stream()
                .filter(route -> !route.path().names().isEmpty())
                .filter(route -> !OF_NOBODY.containsKey(route.path().text()))
                .filter(route -> !route.path().text().startsWith(LAKE))
                .map(route -> DynamicTest.dynamicTest(route.name(), () -> isHidden(route, them)));
    }

    private void isHidden(Route route, List<String> callers) {
        String sample = sample(route).orElse("");
        assertThat(sample)
                .as("%s needs a sample of what its path names, in TenancyTest", route.name())
                .isNotEmpty();
        String none = missing(sample);
        boolean notFound = false;
        for (String caller : callers) {
            Answer ours = ask(caller, route, sample);
            Answer nothing = ask(caller, route, none);
            assertThat(ours.without(sample)).as(route.name()).isEqualTo(nothing.without(none));
            notFound |= ours.status() == 404;
        }
        assertThat(notFound)
                .as("%s is not found by anybody of another organisation", route.name())
                .isTrue();
        if (route.method().equals("GET")) {
            assertThat(us).anyMatch(caller -> ask(caller, route, sample).status() == 200);
        }
    }

    private Optional<String> sample(Route route) {
        return owned.entrySet().stream()
                .filter(each -> (route.path().text() + "/").startsWith(each.getKey() + "/"))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Of the same form, and nobody's. */
    private static String missing(String id) {
        String tail = id.substring(id.length() - 6);
        return id.substring(0, id.length() - 6) + (tail.equals("777777") ? "666666" : "777777");
    }

    private record Answer(int status, String type, String body) {

        /** Without what differs from request to request. */
        Answer without(String id) {
            return new Answer(
                    status,
                    type,
                    body.replace(id, "ID").replaceAll("\"requestId\":\"[^\"]*\"", "\"requestId\""));
        }
    }

    private Answer ask(String bearer, Route route, String id) {
        PathTemplate path = route.path();
        return ask(
                bearer,
                route.method(),
                path.text().replace("{" + path.names().getFirst() + "}", id),
                route.accepts(),
                Optional.ofNullable(BODIES.get(route.name())));
    }

    private Answer ask(
            String bearer,
            String method,
            String path,
            Route.Accepts accepts,
            Optional<String> body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.at(path))
                        .header("Authorization", "Bearer " + bearer)
                        .header("Tus-Resumable", "1.0.0")
                        .header("Upload-Offset", "0")
                        .header("X-HTTP-Method-Override", "PATCH");
        switch (accepts) {
            case Route.Accepts.Nothing _ -> {}
            case Route.Accepts.Bytes _ ->
                    request.header("Content-Type", "application/offset+octet-stream");
            case Route.Accepts.Json _ -> request.header("Content-Type", "application/json");
        }
        request.method(method, body.map(BodyPublishers::ofString).orElse(BodyPublishers.noBody()));
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(),
                    answer.headers().firstValue("Content-Type").orElse(""),
                    answer.body());
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    private String body(String bearer, String method, String path) {
        return ask(bearer, method, path, new Route.Accepts.Nothing(), Optional.empty()).body();
    }

    @TestFactory
    Stream<DynamicTest> lists_show_their_owners_rows_and_nobody_elses() {
        return server.quintet().routes().stream()
                .filter(route -> route.method().equals("GET") && route.path().names().isEmpty())
                .filter(route -> route.answer().filter(TenancyTest::isList).isPresent())
                .filter(route -> !WITHOUT_ROWS.contains(route.name()))
                .map(route ->
                        DynamicTest.dynamicTest(route.name(), () -> showsOwnRows(route, them)));
    }

    private static boolean isList(Type answer) {
        return answer instanceof Class<?> type
                && type.isRecord()
                && Arrays.stream(type.getRecordComponents())
                        .anyMatch(part -> List.class.isAssignableFrom(part.getType()));
    }

    private void showsOwnRows(Route route, List<String> strangers) {
        Set<String> rows =
                Stream.concat(owned.values().stream(), Stream.of(MARK)).collect(Collectors.toSet());
        // An inbox fills when its lane has looked.
        Await.until(
                route.name() + " shows something of ours to one of us",
                () ->
                        us.stream()
                                .map(caller -> body(caller, "GET", route.path().text()))
                                .anyMatch(shown -> rows.stream().anyMatch(shown::contains)));
        for (String caller : strangers) {
            String shown = body(caller, "GET", route.path().text());
            assertThat(rows).as(route.name()).noneMatch(shown::contains);
        }
    }

    @Test
    void a_route_without_a_sample_and_one_that_shows_ours_are_caught() {
        Route planted =
                Route.get("/api/v1/planted/{id}").open("a test").by(request -> Response.empty(204));
        assertThatThrownBy(() -> isHidden(planted, them))
                .hasMessageContaining("GET /api/v1/planted/{id} needs a sample");
        // To ourselves all of it is shown, so whoever asks as we do must be caught.
        assertThatThrownBy(() -> isHidden(declared("GET /api/v1/files/{id}"), us))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> showsOwnRows(declared("GET /api/v1/files"), us))
                .isInstanceOf(AssertionError.class);
    }

    private Route declared(String name) {
        return server.quintet().routes().stream()
                .filter(route -> route.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void an_external_id_means_a_person_of_ones_own() throws Exception {
        String path = "/api/v1/people/customer-1";
        JsonNode ours = server.admin("PUT", path, "{\"name\":\"" + MARK + "\"}", 200);
        JsonNode theirs = server.ask(them.getFirst(), "PUT", path, "{\"name\":\"Eve\"}", 200);
        assertThat(id(theirs)).isNotEqualTo(id(ours));
        JsonNode still = server.admin("GET", "/api/v1/people/" + id(ours), "", 200);
        assertThat(still.get("name").asString()).isEqualTo(MARK);
    }
}
