package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.quintet.server.LiveServer.json;

import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every page fits 380 px, has a light and a dark face, and is accessible; errors and emptiness
 * included.
 */
@ExtendWith(Face.Extension.class)
final class EveryPageBrowserTest {

    // Everything that the pages list.
    private static final Pattern LISTS =
            Pattern.compile(".*/api/v1/(?!overview|analytics/ledger).*");

    @Test
    void the_console_and_its_door(Face face) throws Exception {
        populate(face);
        try (Visitor grace = face.visitor()) {
            grace.open("/console#link=old");
            grace.sees(grace.page().getByRole(AriaRole.ALERT));
            Looks.judge(grace.page(), "console-door");
            grace.excuses("status of 403");

            grace.inConsole(Face.ADMIN);
            Looks.judge(grace.page(), "console-overview");
            grace.goes("Users");
            grace.sees(grace.row("sophie@quintet.test"));
            Looks.judge(grace.page(), "console-users");
            grace.goes("Rooms");
            grace.button("Open Mathematics").click();
            grace.sees(grace.text("every prime has one"));
            Looks.judge(grace.page(), "console-rooms");
            grace.goes("Files");
            grace.field("File")
                    .setInputFiles(new FilePayload("minutes.txt", "text/plain", new byte[54_321]));
            grace.button("Upload").click();
            grace.button("Link to minutes.txt").click();
            grace.sees(grace.text("Anyone with this link"));
            Looks.judge(grace.page(), "console-files");
            grace.goes("Events");
            grace.page().getByRole(AriaRole.TEXTBOX).first().fill("selct 1");
            grace.button("Run query").click();
            grace.sees(grace.page().getByRole(AriaRole.ALERT));
            grace.sees(grace.row("signed_in").first());
            grace.sees(grace.page().locator(".chart text").first());
            Looks.judge(grace.page(), "console-events");
            grace.excuses("status of 400");
            grace.goes("Sources");
            grace.field("Name").fill("bakery");
            grace.field("Pages that may send").fill("https://shop.example http://localhost:3000");
            grace.button("Create source").click();
            grace.sees(grace.heading("The write key of bakery"));
            grace.button("Change bakery").click();
            grace.field("Pages that may send, one a line; * is all").fill("shop.example");
            grace.button("Save").click();
            grace.sees(grace.page().getByRole(AriaRole.ALERT));
            Looks.judge(grace.page(), "console-sources");
            grace.excuses("status of 400");
            grace.goes("Notifications");
            grace.button("Timeline of Prize").click();
            grace.sees(grace.page().getByRole(AriaRole.CELL).getByText("in the inbox"));
            Looks.judge(grace.page(), "console-notifications");
        }
    }

    @Test
    void the_console_with_nothing_in_it(Face face) {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN)) {
            Map<String, String> nothing =
                    Map.of(
                            "Users", "Nobody yet.",
                            "Rooms", "No rooms yet.",
                            "Files", "No files yet.",
                            "Events", "No events yet.",
                            "Sources", "No sources yet.",
                            "Notifications", "Nothing sent yet.");
            grace.page()
                    .route(
                            LISTS,
                            route ->
                                    answer(
                                            route,
                                            200,
                                            Map.of(
                                                    "items", List.of(), "rows", List.of(),
                                                    "columns", List.of())));
            nothing.forEach((title, words) -> {
                grace.goes(title);
                grace.sees(grace.text(words));
                Looks.glance(grace.page(), "empty-" + title);
            });
        }
    }

    @Test
    void the_console_over_a_server_that_refuses(Face face) {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN)) {
            Map<String, String> problem =
                    Map.of("title", "busy", "detail", "all queries are taken; try again in 5 s");
            grace.page().route(LISTS, route -> answer(route, 503, problem));
            for (String title :
                    List.of("Users", "Rooms", "Files", "Events", "Sources", "Notifications")) {
                grace.goes(title);
                grace.sees(grace.text("all queries are taken").first());
                Looks.glance(grace.page(), "refused-" + title);
            }
            grace.excuses("status of 503");
            // What was refused is asked again, and then nothing is said of it any more.
            grace.page().unroute(LISTS);
            assertThat(grace.page().getByRole(AriaRole.ALERT)).hasCount(0);
        }
    }

    @Test
    void the_console_with_long_names_and_big_numbers(Face face) {
        String longWord = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(5);
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN)) {
            Map<String, Object> item = new HashMap<>();
            item.put("id", "thing_01m7zffnt1f5wskc3v85et9g24");
            item.put("name", longWord);
            item.put("title", longWord);
            item.put("email", longWord + "@quintet.test");
            item.put("scopes", List.of("admin"));
            item.put("createdAt", "2026-01-31T23:59:59Z");
            item.put("kind", "channel");
            item.put("memberCount", 1_234_567);
            item.put("lastSeq", 98_765_432_109L);
            item.put("size", 8_796_093_022_208L);
            item.put(
                    "contentType",
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
            item.put("allowedOrigins", List.of("https://" + longWord, "*", "*"));
            item.put("oldKeyUntil", "2026-12-31T23:59:59Z");
            item.put("priority", "critical");
            item.put("state", "delivering");
            item.put(
                    "counts",
                    Map.of(
                            "total",
                            5_000_000,
                            "delivered",
                            1_234_567,
                            "failed",
                            89_012,
                            "skipped",
                            345,
                            "pending",
                            3_676_076));
            List<Object> row =
                    List.of(
                            "2026-11-21T16:17:31.604131Z",
                            "track",
                            longWord,
                            longWord,
                            "src_01m7zffnt1f5wskc3v85et9g24");
            Map<String, Object> page =
                    Map.of(
                            "items",
                            List.of(item, item),
                            "rows",
                            List.of(row),
                            "columns",
                            List.of());
            grace.page().route(LISTS, route -> answer(route, 200, page));
            for (String title :
                    List.of("Users", "Rooms", "Files", "Events", "Sources", "Notifications")) {
                grace.goes(title);
                grace.sees(grace.text("Donaudampf").first());
                Looks.glance(grace.page(), "long-" + title);
            }
        }
    }

    @Test
    void the_hosted_pages(Face face) throws Exception {
        face.person("Lise", "lise@quintet.test");
        try (Visitor lise = face.visitor()) {
            lise.open("/demo");
            lise.button("Sign in").first().click();
            lise.sees(lise.heading("Sign in"));
            Looks.judge(lise.page(), "login");
            lise.signsIn("lise@quintet.test", "wrong password");
            lise.sees(lise.page().getByRole(AriaRole.ALERT));
            Looks.judge(lise.page(), "login-wrong");
            lise.excuses("status of 400");
            lise.signsIn("lise@quintet.test", LiveServer.PASSWORD);
            lise.sees(lise.button("Sign out"));

            lise.open("/logout");
            Looks.judge(lise.page(), "logout");
            lise.button("Sign out").click();
            lise.sees(lise.heading("You are signed out"));
            Looks.judge(lise.page(), "signed-out");
            lise.open("/oauth2/authorize?client_id=nobody");
            Looks.judge(lise.page(), "authorize-refused");
            lise.excuses("status of 400");
        }
    }

    @Test
    void the_demo(Face face) throws Exception {
        face.person("Emmy", "emmy@quintet.test");
        face.person("Max", "max@quintet.test");
        try (Visitor visitor = face.visitor().open("/demo")) {
            Looks.judge(visitor.page(), "demo-nobody");
            visitor.button("Sign in").first().click();
            visitor.signsIn("emmy@quintet.test", LiveServer.PASSWORD);
            visitor.sees(visitor.text("Waiting for the other one"));
            Looks.judge(visitor.page(), "demo-one");
            visitor.button("Sign in").click();
            visitor.signsIn("max@quintet.test", LiveServer.PASSWORD);
            visitor.field("Message").first().fill("Symmetry, and what it conserves");
            visitor.button("Send").first().click();
            visitor.sees(visitor.text("Symmetry, and").nth(1));
            Looks.judge(visitor.page(), "demo-two");
        }
    }

    private static void answer(Route route, int status, Object json) {
        route.fulfill(
                new Route.FulfillOptions()
                        .setStatus(status)
                        .setContentType("application/json")
                        .setBody(json(json)));
    }

    private static void populate(Face face) throws Exception {
        LiveServer server = face.server();
        String sophie = face.person("Sophie", "sophie@quintet.test");
        String token = server.token(sophie);
        Map<String, Object> room =
                Map.of("kind", "group", "name", "Mathematics", "members", List.of(sophie));
        String id =
                server.ask(token, "POST", "/api/v1/chat/rooms", json(room), 201)
                        .get("id")
                        .asString();
        server.ask(
                token,
                "POST",
                "/api/v1/chat/rooms/" + id + "/messages",
                json(Map.of("clientId", "1", "text", "every prime has one, most have none")),
                201);
        Map<String, Object> notification =
                Map.of(
                        "to", List.of(Map.of("user", sophie)),
                        "content", Map.of("title", "Prize", "body", "The Academy has decided."));
        server.admin("POST", "/api/v1/notifications", json(notification), 202);
    }
}
