package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The guards over our pages catch what they must: each fault is planted in a page of its own. */
@ExtendWith(Face.Extension.class)
final class PlantedPageBrowserTest {

    private static final String GOOD =
            """
            <h1>Planted</h1><p>A page without a fault.</p><button>Go</button>
            <style>
              body { background: #fff; color: #111; }
              @media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } }
            </style>
            """;

    @Test
    void a_page_without_a_fault_passes(Face face) {
        try (Visitor visitor = visit(face, GOOD)) {
            Looks.judge(visitor.page(), "planted");
            visitor.page().keyboard().press("Tab");
            assertThat(Looks.unseenFocus(visitor.page())).isEmpty();
        }
    }

    @Test
    void a_violation_of_the_content_security_policy(Face face) {
        Visitor visitor = visit(face, GOOD + "<script>window.planted = true</script>");
        assertThat(visitor.complaints())
                .anyMatch(complaint -> complaint.contains("Content Security Policy"));
        assertThatThrownBy(visitor::close).isInstanceOf(AssertionError.class);
    }

    @Test
    void an_error_of_a_script_and_a_file_that_is_missing(Face face) {
        Visitor visitor = visit(face, GOOD + "<script src=/console/no-such-file.js></script>");
        visitor.page().evaluate("void Promise.reject(new Error('planted'))");
        assertThatThrownBy(visitor::close)
                .hasMessageContaining("404")
                .hasMessageContaining("uncaught: Error: planted");
    }

    @Test
    void an_element_wider_than_the_window(Face face) {
        String wide = GOOD + "<table style='width: 500px'><td>wide</table>";
        try (Visitor visitor = visit(face, wide)) {
            assertThatThrownBy(() -> Looks.judge(visitor.page(), "planted-wide"))
                    .hasMessageContaining("too wide")
                    .hasMessageContaining("table");
        }
    }

    @Test
    void text_too_pale_and_a_field_without_a_name(Face face) {
        String pale = GOOD + "<p style='color: #999; background: #fff'>pale</p><input>";
        try (Visitor visitor = visit(face, pale)) {
            assertThat(Looks.inaccessible(visitor.page()).toString())
                    .contains("color-contrast")
                    .contains("label");
        }
    }

    @Test
    void a_page_that_is_light_in_the_dark(Face face) {
        String light =
                GOOD
                        + "<style>body { background: #fff !important; color: #111 !important; }</style>";
        try (Visitor visitor = visit(face, light)) {
            assertThatThrownBy(() -> Looks.judge(visitor.page(), "planted-light"))
                    .hasMessageContaining("the ground of");
        }
    }

    @Test
    void a_focus_that_nobody_sees(Face face) {
        try (Visitor visitor =
                visit(face, GOOD + "<style>* { outline: none !important }</style>")) {
            visitor.page().keyboard().press("Tab");
            assertThat(Looks.unseenFocus(visitor.page())).contains("Go");
        }
    }

    private static Visitor visit(Face face, String body) {
        Visitor visitor = face.visitor();
        Page page = visitor.page();
        page.route(
                "**/planted",
                route ->
                        route.fulfill(
                                new Route.FulfillOptions()
                                        .setContentType("text/html")
                                        .setHeaders(
                                                Map.of(
                                                        "Content-Security-Policy",
                                                        "script-src 'self'; style-src 'unsafe-inline'"))
                                        .setBody(
                                                "<!doctype html><html lang=en><title>Planted</title><main>"
                                                        + body
                                                        + "</main>")));
        return visitor.open("/planted");
    }
}
