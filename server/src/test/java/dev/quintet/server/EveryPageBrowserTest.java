package dev.quintet.server;

import static dev.quintet.server.LiveServer.json;

import com.microsoft.playwright.options.AriaRole;
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
            grace.sees(grace.page().getByText(Pattern.compile("No files yet|apollo.bin")).first());
            Looks.judge(grace.page(), "console-files");
            grace.goes("Events");
            grace.page().getByRole(AriaRole.TEXTBOX).fill("selct 1");
            grace.button("Run query").click();
            grace.sees(grace.page().getByRole(AriaRole.ALERT));
            grace.sees(grace.row("signed_in").first());
            grace.sees(grace.page().locator(".chart text").first());
            Looks.judge(grace.page(), "console-events");
            grace.excuses("status of 400");
            grace.goes("Notifications");
            grace.button("Timeline of Prize").click();
            grace.sees(grace.page().getByRole(AriaRole.CELL).getByText("in the inbox"));
            Looks.judge(grace.page(), "console-notifications");
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
