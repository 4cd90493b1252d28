package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.quintet.server.LiveServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.quintet.platform.Await;
import dev.quintet.platform.SecretWatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An administrator clicks through the console. */
@ExtendWith(Face.Extension.class)
final class ConsoleBrowserTest {

    private static final String TRACK = "{\"event\":\"boutique_seen\",\"userId\":\"u\"}";

    @Test
    void the_overview_shows_five_systems_and_their_figures_move(Face face) throws Exception {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN)) {
            for (Systems system : Systems.values()) {
                grace.sees(grace.heading(system.wire()));
            }
            Locator users = grace.page().getByRole(AriaRole.DEFINITION).first();
            int before = Integer.parseInt(users.textContent());
            face.person("Hedy", "hedy@quintet.test");
            face.person("Joan", "joan@quintet.test");
            assertThat(users).hasText(Integer.toString(before + 2));
        }
    }

    @Test
    void a_console_link_opens_it_once(Face face) throws Exception {
        Map<String, String> environment = Map.of("QUINTET_URL", face.server().at("/").toString());
        QuintetConfig config = QuintetConfig.load(Optional.empty(), environment, Map.of());
        String link = Offline.consoleLink(config, face.data());
        link = link.substring(link.indexOf("/console"));
        try (Visitor first = face.visitor();
                Visitor second = face.visitor()) {
            first.open(link);
            first.sees(first.heading("Overview"));
            second.open(link);
            second.sees(second.page().getByRole(AriaRole.ALERT));
            second.excuses("status of 403");
        }
    }

    @Test
    void a_session_that_ends_leads_back_to_the_door_and_says_why(Face face) {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN)) {
            grace.page()
                    .evaluate(
                            "const key = 'quintet.console.tokens';"
                                    + "sessionStorage.setItem(key, JSON.stringify({access_token: 'qc_no', until: 1e15}))");
            grace.page().reload();
            grace.sees(grace.page().getByRole(AriaRole.ALERT));
            grace.sees(grace.button("Sign in"));
            grace.excuses("status of 401");
        }
    }

    @Test
    void who_signed_out_is_asked_for_the_password_again(Face face) {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN)) {
            // The heading is there before the browser has left for the sign-out and come back.
            grace.page()
                    .waitForResponse(
                            answer -> answer.url().endsWith("/console"),
                            () -> grace.button("Sign out").click());
            grace.sees(grace.heading("Quintet console"));
            grace.inConsole(Face.ADMIN);
        }
    }

    @Test
    void an_id_is_copied_and_a_list_filtered(Face face) throws Exception {
        String ida = face.person("Ida", "ida@quintet.test");
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Users")) {
            grace.page().context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
            grace.field("Filter").fill("IDA@quintet");
            assertThat(grace.row("quintet.test")).hasCount(1);
            grace.button("Copy " + ida).click();
            grace.sees(grace.text("Copied"));
            assertThat(grace.page().evaluate("navigator.clipboard.readText()")).isEqualTo(ida);
            grace.field("Filter").fill("nobody like that");
            grace.sees(grace.text("Nothing here matches"));
        }
    }

    @Test
    void a_long_list_loads_more(Face face) throws Exception {
        String lin = face.person("Lin", "lin@quintet.test");
        for (int n = 1; n <= 60; n++) {
            room(face, "Long list " + n, lin);
        }
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Rooms")) {
            grace.sees(grace.row("Long list 60"));
            grace.button("Load more").click();
            grace.sees(grace.row("Long list 1").first());
            grace.sees(grace.row("Long list 60"));
        }
    }

    @Test
    void an_administrator_made_in_the_console_may_enter_it_and_a_user_may_not(Face face)
            throws Exception {
        face.person("Una", "una@quintet.test");
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Users");
                Visitor vera = face.visitor();
                Visitor una = face.visitor()) {
            grace.field("Name").fill("Vera");
            grace.field("Email").fill("vera@quintet.test");
            grace.field("Password").fill(LiveServer.PASSWORD);
            grace.role(AriaRole.COMBOBOX, "Rights").selectOption("administrator");
            grace.button("Create user").click();
            grace.sees(grace.text("Vera can sign in now"));
            vera.inConsole("vera@quintet.test");

            una.open("/console");
            una.button("Sign in").click();
            una.signsIn("una@quintet.test", LiveServer.PASSWORD);
            una.sees(una.text("Una has no right to the console"));
            Looks.judge(una.page(), "console-no-right");
            una.excuses("status of 403");
            una.button("Sign in").click();
            una.signsIn("vera@quintet.test", LiveServer.PASSWORD);
            una.sees(una.heading("Overview"));
        }
    }

    @Test
    void a_user_is_created_and_listed(Face face) {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Users")) {
            grace.field("Name").fill("Katherine");
            grace.field("Email").fill("katherine@quintet.test");
            grace.field("Password").fill(LiveServer.PASSWORD);
            grace.button("Create user").click();
            grace.sees(grace.row("katherine@quintet.test"));
            assertThat(grace.field("Name")).hasValue("");

            grace.field("Name").fill("Katherine again");
            grace.field("Email").fill("katherine@quintet.test");
            grace.field("Password").fill(LiveServer.PASSWORD);
            grace.button("Create user").click();
            assertThat(grace.page().getByRole(AriaRole.ALERT))
                    .containsText(Pattern.compile("katherine@quintet.test|taken|already"));
            assertThat(grace.field("Name")).hasValue("Katherine again");
            grace.excuses("status of 409");
        }
    }

    @Test
    void a_room_shows_its_messages_as_they_come(Face face) throws Exception {
        String mary = face.person("Mary", "mary@quintet.test");
        String room = room(face, "Observatory", mary);
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Rooms")) {
            grace.button("Open Observatory").click();
            grace.sees(grace.text("No messages yet"));
            say(face, mary, room, "the comet is back");
            grace.sees(grace.text("the comet is back"));
        }
    }

    @Test
    void a_file_goes_up_with_progress_and_comes_down_again(Face face, @TempDir Path folder)
            throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(11).nextBytes(bytes);
        Path file = Files.write(folder.resolve("apollo.bin"), bytes);
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Files")) {
            // The bytes are held back until the progress has been seen.
            List<Route> held = new ArrayList<>();
            grace.page()
                    .route(
                            Pattern.compile(".*/files/.+"),
                            route -> {
                                if (route.request().method().equals("PATCH")) {
                                    held.add(route);
                                } else {
                                    route.resume();
                                }
                            });
            grace.field("File").setInputFiles(file);
            grace.button("Upload").click();
            grace.sees(grace.role(AriaRole.PROGRESSBAR, "Upload"));
            Await.until(
                    "the bytes are on their way",
                    () -> {
                        grace.page().evaluate("1");
                        return !held.isEmpty();
                    });
            held.forEach(Route::resume);
            grace.sees(grace.row("apollo.bin").getByText("293.0 KiB"));
            assertThat(grace.role(AriaRole.PROGRESSBAR, "Upload")).hasCount(0);

            grace.row("apollo.bin")
                    .getByRole(
                            AriaRole.BUTTON,
                            new Locator.GetByRoleOptions().setName("Link to apollo.bin"))
                    .click();
            Download download =
                    grace.page()
                            .waitForDownload(() ->
                                    grace.page()
                                            .getByRole(AriaRole.LINK)
                                            .filter(
                                                    new Locator.FilterOptions()
                                                            .setHasText("/apollo.bin?"))
                                            .click());
            assertThat(Files.readAllBytes(download.path())).isEqualTo(bytes);
        }
    }

    @Test
    void events_arrive_live_are_charted_and_answer_sql(Face face) throws Exception {
        String key =
                face.server()
                        .admin(
                                "POST",
                                "/api/v1/analytics/sources",
                                json(Map.of("name", "shop")),
                                201)
                        .get("writeKey")
                        .asString();
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Events")) {
            face.server().track(key, "comet_seen");
            grace.sees(grace.row("comet_seen"));
            Locator chart = grace.role(AriaRole.IMG, "Events by minute in the last hour");
            String accent = "getComputedStyle(e).getPropertyValue('--accent').trim()";
            Await.until(
                    "the chart has a bar",
                    () ->
                            (int)
                                            chart.evaluate(
                                                    "e => e.querySelectorAll(`path[fill=\"${"
                                                            + accent
                                                            + "}\"]`).length")
                                    > 0);

            Locator sql = grace.page().getByRole(AriaRole.TEXTBOX).first();
            sql.fill("select event, 6 * 7 as answer from events where event = 'comet_seen'");
            grace.button("Run query").click();
            grace.sees(grace.row("comet_seen42"));

            sql.fill("selct 1");
            grace.button("Run query").click();
            assertThat(grace.page().getByRole(AriaRole.ALERT)).containsText("selct");
            grace.excuses("status of 400");
        }
    }

    @Test
    void a_user_of_the_product_is_forgotten(Face face) throws Exception {
        String key =
                face.server()
                        .admin(
                                "POST",
                                "/api/v1/analytics/sources",
                                json(Map.of("name", "forgetful")),
                                201)
                        .get("writeKey")
                        .asString();
        face.server()
                .segment(
                        key,
                        "/v1/track",
                        json(Map.of("event", "last_seen_of_zoe", "userId", "zoe-77")),
                        200);
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Events")) {
            grace.sees(grace.row("last_seen_of_zoe"));
            grace.page().onDialog(Dialog::accept);
            grace.field("Id, as events hold it").fill("zoe-77");
            grace.button("Erase").click();
            grace.sees(grace.text("No query finds it any more"));
            grace.page()
                    .getByRole(AriaRole.TEXTBOX)
                    .first()
                    .fill("select count(*) || ' of zoe' from events where user_id = 'zoe-77'");
            grace.button("Run query").click();
            grace.sees(grace.row("0 of zoe"));
        }
    }

    @Test
    void a_source_is_made_changed_given_another_key_and_deleted(Face face) throws Exception {
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Sources")) {
            grace.field("Name").fill("boutique");
            grace.button("Create source").click();
            Locator key = grace.page().getByText(Pattern.compile("^wk_"));
            String first = SecretWatch.made(key.textContent());
            face.server().track(first, "boutique_seen");
            grace.sees(grace.row("boutique").getByText("all"));

            grace.button("Change boutique").click();
            grace.field("Pages that may send, one a line; * is all")
                    .fill("https://a.example\nhttps://b.example\nhttps://c.example");
            grace.button("Save").click();
            grace.sees(grace.row("boutique").getByText("https://b.example"));
            grace.sees(grace.row("boutique").getByText("and 1 more"));

            grace.page().onDialog(Dialog::accept);
            grace.button("Change boutique").click();
            grace.role(AriaRole.COMBOBOX, "The old key is taken").selectOption("not any more");
            grace.button("Make new key").click();
            assertThat(key).not().hasText(first);
            String second = SecretWatch.made(key.textContent());
            face.server().segment(first, "/v1/track", TRACK, 401);
            face.server().segment(second, "/v1/track", TRACK, 200);

            grace.button("Delete boutique").click();
            assertThat(grace.row("boutique")).hasCount(0);
            assertThat(key).hasCount(0);
            face.server().segment(second, "/v1/track", TRACK, 401);
        }
    }

    @Test
    void a_notification_is_sent_and_its_timeline_shown(Face face) throws Exception {
        String dorothy = face.person("Dorothy", "dorothy@quintet.test");
        try (Visitor grace = face.visitor().inConsole(Face.ADMIN).goes("Notifications")) {
            grace.field("To").fill(dorothy);
            grace.field("Title").fill("Launch moved");
            grace.field("Text").fill("It is Thursday now.");
            grace.button("Send").click();
            grace.sees(grace.row("Launch moved"));
            grace.button("Timeline of Launch moved").click();
            grace.sees(grace.page().getByRole(AriaRole.CELL).getByText("in the inbox"));
            grace.sees(grace.page().getByRole(AriaRole.CELL).getByText("delivered").first());
        }
    }

    private static String room(Face face, String name, String member) throws Exception {
        Map<String, Object> room =
                Map.of("kind", "group", "name", name, "members", List.of(member));
        return face.server()
                .ask(face.server().token(member), "POST", "/api/v1/chat/rooms", json(room), 201)
                .get("id")
                .asString();
    }

    private static void say(Face face, String person, String room, String text) throws Exception {
        face.server()
                .ask(
                        face.server().token(person),
                        "POST",
                        "/api/v1/chat/rooms/" + room + "/messages",
                        json(Map.of("clientId", text, "text", text)),
                        201);
    }
}
