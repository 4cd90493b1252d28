package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** That an answer which breaks its declaration is caught, and one that keeps it is not. */
final class AnswerCheckTest {

    record Shelf(String name, List<Book> books, Optional<Integer> size) {}

    record Book(String title, Kind kind) {}

    enum Kind {
        NOVEL,
        ATLAS
    }

    @Test
    void each_difference_from_the_declared_record_is_named() throws Exception {
        Shelf good = new Shelf("A", List.of(new Book("T", Kind.ATLAS)), Optional.empty());
        assertThat(differences(good)).isEmpty();
        assertThat(differences(Map.of("name", 7, "books", List.of())))
                .containsExactly("GET /shelf answer.name is NUMBER, not string");
        assertThat(differences(Map.of("name", "A")))
                .containsExactly("GET /shelf answer.books is missing");
        assertThat(differences(Map.of("name", "A", "books", List.of(), "door", 1)))
                .containsExactly("GET /shelf answer.door is not declared");
        assertThat(
                        differences(
                                Map.of(
                                        "name",
                                        "A",
                                        "books",
                                        List.of(Map.of("title", "T", "kind", "comic")))))
                .hasSize(1)
                .allMatch(text -> text.contains("books[].kind"));
        assertThat(differences(List.of()))
                .containsExactly("GET /shelf answer is ARRAY, not object");
    }

    private static List<String> differences(Object answer) throws Exception {
        try (TestWeb web =
                TestWeb.unwitnessed(
                        Routes.of(
                                "test",
                                Route.get("/shelf")
                                        .open("a test")
                                        .gives(200, Shelf.class)
                                        .by(request -> Response.json(answer))))) {
            assertThat(web.get("/shelf").statusCode()).isEqualTo(200);
            assertThat(web.get("/shelf/").statusCode()).isEqualTo(404);
            // Whoever watches hears of an answer after the client has it.
            Await.until("both were seen", () -> web.seen().size() == 2);
            AnswerCheck check = new AnswerCheck();
            return web.seen().stream()
                    .filter(seen -> seen.route().isPresent())
                    .flatMap(seen -> check.differences(seen).stream())
                    .toList();
        }
    }
}
