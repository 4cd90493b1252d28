package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a client meets at a door of plain JSON routes, over a real socket. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RoutesTest {

    record NewRoom(String name, Optional<Integer> size, List<Member> members) {}

    record Member(String user, Kind kind) {}

    enum Kind {
        OWNER,
        GUEST
    }

    record Room(String id, String name) {}

    private TestWeb web;

    @BeforeAll
    void open() {
        Routes rooms =
                Routes.of(
                        "chat",
                        Route.post("/rooms")
                                .scope(Scope.CHAT_WRITE)
                                .takes(NewRoom.class)
                                .gives(201, Room.class)
                                .by(request ->
                                        Response.created(
                                                new Room(
                                                        "r1", request.json(NewRoom.class).name()))),
                        Route.get("/rooms/{id}")
                                .scope(Scope.CHAT_READ)
                                .gives(200, Room.class)
                                .by(request ->
                                        Response.json(new Room(request.path("id"), "Ada"))
                                                .etag("v1")),
                        Route.get("/files/{path...}")
                                .open("a test of tails")
                                .by(request -> Response.text(request.path("path"))),
                        Route.get("/broken")
                                .open("a test of faults")
                                .by(request -> {
                                    throw new IllegalStateException("secret of the house");
                                }));
        web = TestWeb.of(RoutesTest::callers, rooms, Routes.off("notify", "/ntfy/{rest...}"));
    }

    @AfterAll
    void close() {
        web.close();
    }

    private static Optional<Caller> callers(String bearer) {
        return switch (bearer) {
            case TestWeb.ADMIN -> TestWeb.allRights(bearer);
            case "reader" ->
                    Optional.of(
                            new Caller(
                                    "key:reader",
                                    Caller.ROOT,
                                    Optional.empty(),
                                    Set.of(Scope.CHAT_READ)));
            default -> Optional.empty();
        };
    }

    @Test
    void a_record_comes_in_and_a_record_goes_out() throws Exception {
        HttpResponse<String> answer =
                web.post(
                        "/rooms",
                        "{\"name\":\"Tea\",\"members\":[{\"user\":\"u\",\"kind\":\"guest\"}]}");
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).isEqualTo("{\"id\":\"r1\",\"name\":\"Tea\"}");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    }

    @Test
    void an_unknown_field_is_refused_with_the_nearest_known_one() throws Exception {
        refused(
                post("{\"nmae\":\"Tea\",\"members\":[]}"),
                400,
                "UNKNOWN_FIELD",
                "did you mean 'name'?");
        refused(
                post("{\"name\":\"T\",\"members\":[{\"usr\":\"u\",\"kind\":\"guest\"}]}"),
                400,
                "UNKNOWN_FIELD",
                "members[0].usr");
    }

    @Test
    void malformed_json_is_refused_with_line_and_column() throws Exception {
        HttpResponse<String> answer = post("{\n  \"name\": nope\n}");
        refused(answer, 400, "MALFORMED_JSON", "line 2");
        assertThat(answer.body()).contains("\"line\":2").contains("\"column\":");
        refused(post("{\"name\":\"a\",\"name\":\"b\"}"), 400, "MALFORMED_JSON", "uplicate");
        refused(post(""), 400, "MALFORMED_JSON", "empty");
        refused(post("{} {}"), 400, "MALFORMED_JSON", "line 1");
        refused(post("[".repeat(5000)), 400, "MALFORMED_JSON", "line 1");
    }

    @Test
    void a_missing_or_wrong_field_is_refused_by_its_path() throws Exception {
        refused(post("{\"members\":[]}"), 400, "MISSING_FIELD", "'name'");
        refused(post("{\"name\":7,\"members\":[]}"), 400, "INVALID_FIELD", "'name'");
        refused(
                post("{\"name\":\"T\",\"members\":[],\"size\":\"7\"}"),
                400,
                "INVALID_FIELD",
                "'size'");
        refused(
                post("{\"name\":\"T\",\"members\":[],\"size\":1.5}"),
                400,
                "INVALID_FIELD",
                "'size'");
        refused(
                post("{\"name\":\"T\",\"members\":[{\"user\":\"u\",\"kind\":\"gest\"}]}"),
                400,
                "INVALID_FIELD",
                "did you mean 'guest'?");
        refused(post("{\"name\":\"T\",\"members\":[null]}"), 400, "INVALID_FIELD", "members[0]");
        refused(post("7"), 400, "INVALID_FIELD", "whole body");
    }

    @Test
    void a_body_of_another_media_type_is_refused() throws Exception {
        HttpResponse<String> answer =
                web.send(
                        web.asAdmin("/rooms")
                                .header("Content-Type", "text/plain")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build());
        refused(answer, 415, "WRONG_MEDIA_TYPE", "application/json");
    }

    @Test
    void a_body_over_the_limit_is_refused() throws Exception {
        refused(post("{\"name\":\"" + "x".repeat(2 << 20) + "\"}"), 413, "BODY_TOO_LARGE", "1 MiB");
    }

    @Test
    void without_credential_with_a_wrong_one_and_with_too_few_rights() throws Exception {
        HttpResponse<String> none = web.send(HttpRequest.newBuilder(web.at("/rooms/7")).build());
        refused(none, 401, "NOT_SIGNED_IN", "Bearer");
        assertThat(none.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
        refused(as("nobody", "/rooms/7").GET(), 401, "INVALID_CREDENTIAL", "expired");
        refused(
                as("reader", "/rooms")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}")),
                403,
                "MISSING_SCOPE",
                "chat:write");
        assertThat(web.send(as("reader", "/rooms/7").build()).statusCode()).isEqualTo(200);
    }

    @Test
    void an_unknown_route_a_wrong_method_and_a_system_that_is_off() throws Exception {
        refused(web.get("/nowhere"), 404, "NO_SUCH_ROUTE", "/nowhere");
        HttpResponse<String> wrong = web.send(web.asAdmin("/rooms/7").DELETE().build());
        refused(wrong, 405, "METHOD_NOT_ALLOWED", "DELETE");
        assertThat(wrong.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
        refused(web.get("/ntfy/some/topic"), 404, "SYSTEM_OFF", "notify");
    }

    @Test
    void head_works_wherever_get_does() throws Exception {
        HttpResponse<String> answer =
                web.send(
                        web.asAdmin("/rooms/7")
                                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                                .build());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers().firstValue("Content-Length"))
                .hasValue(Integer.toString(web.get("/rooms/7").body().length()));
    }

    @Test
    void an_unchanged_thing_is_answered_with_304() throws Exception {
        HttpResponse<String> answer =
                web.send(web.asAdmin("/rooms/7").header("If-None-Match", "\"v1\"").build());
        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void a_tail_takes_slashes_and_decodes_once() throws Exception {
        assertThat(web.get("/files/a/b%20c/%252e").body()).isEqualTo("a/b c/%2e");
    }

    @Test
    void a_nul_is_refused_wherever_it_stands_in_an_address() throws Exception {
        for (String path : List.of("/files/a%00b", "/rooms/%00", "/%00")) {
            refused(web.get(path), 400, "MALFORMED_REQUEST", "NUL");
        }
    }

    @Test
    void a_fault_is_one_sentence_and_never_a_stack_trace() throws Exception {
        HttpResponse<String> answer = web.get("/broken");
        refused(answer, 500, "INTERNAL", "request id");
        assertThat(answer.body()).doesNotContain("secret").doesNotContain("Exception");
    }

    private HttpResponse<String> post(String json) throws Exception {
        return web.post("/rooms", json);
    }

    private HttpRequest.Builder as(String bearer, String path) {
        return HttpRequest.newBuilder(web.at(path)).header("Authorization", "Bearer " + bearer);
    }

    private void refused(HttpRequest.Builder request, int status, String code, String words)
            throws Exception {
        refused(web.send(request.build()), status, code, words);
    }

    private static void refused(
            HttpResponse<String> answer, int status, String code, String words) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertThat(answer.body())
                .contains("\"code\":\"" + code + "\"")
                .contains("\"status\":" + status)
                .contains(words);
    }
}
