package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.quintet.platform.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two people use the demo, side by side in one window. */
@ExtendWith(Face.Extension.class)
final class DemoBrowserTest {

    @Test
    void two_people_chat_share_a_file_and_mention_each_other(Face face, @TempDir Path folder)
            throws Exception {
        face.person("Ada", "ada@quintet.test");
        face.person("Bob", "bob@quintet.test");
        Path file = Files.writeString(folder.resolve("notes.txt"), "as we discussed");
        try (Visitor visitor = face.visitor().open("/demo")) {
            Side left = new Side(visitor, 0);
            Side right = new Side(visitor, 1);
            left.signsIn("ada@quintet.test");
            right.signsIn("bob@quintet.test");
            left.sees("online");
            right.sees("online");

            left.says("Hello Bob");
            right.sees("Hello Bob");
            right.says("Hello Ada");
            left.sees("Hello Ada");

            left.field("Send a file").setInputFiles(file);
            right.sees("notes.txt");
            assertThat(visitor.text("Empty. Sign out here").first()).isVisible();
            long counted = figure(visitor, "stored");

            right.clicks("Sign out");
            left.field("Mention Bob").check();
            left.says("Bob, look at this");
            right.signsIn("bob@quintet.test");
            right.sees("You were mentioned");
            // In both chats and in Bob's inbox.
            assertThat(visitor.text("Bob, look at this")).hasCount(3);
            Await.until(
                    "analytics count what happened", () -> figure(visitor, "stored") > counted + 2);
        }
    }

    private static long figure(Visitor visitor, String name) {
        String text = visitor.text(name).first().textContent();
        return Long.parseLong(text.replaceAll("\\D", ""));
    }

    /** One of the two people. */
    private record Side(Visitor visitor, int at) {

        Locator card() {
            return visitor.page().locator("demo-person").nth(at);
        }

        Locator field(String label) {
            return card().getByLabel(label, new Locator.GetByLabelOptions().setExact(true));
        }

        void clicks(String button) {
            card().getByRole(
                            AriaRole.BUTTON,
                            new Locator.GetByRoleOptions().setName(button).setExact(true))
                    .click();
        }

        void signsIn(String email) {
            clicks("Sign in");
            visitor.signsIn(email, LiveServer.PASSWORD);
        }

        void says(String text) {
            field("Message").fill(text);
            clicks("Send");
            assertThat(field("Message")).hasValue("");
        }

        void sees(String text) {
            assertThat(card().getByText(text).first()).isVisible();
        }
    }
}
