package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Somebody without a mouse: Tab, Enter and letters alone, and the focus is seen at every stop. */
@ExtendWith(Face.Extension.class)
final class KeyboardBrowserTest {

    private static final int MOST_STOPS = 60;

    @Test
    void signs_in_creates_a_user_and_sends_a_message(Face face) throws Exception {
        face.person("Helen", "helen@quintet.test");
        try (Visitor helen = face.visitor().open("/console")) {
            helen.sees(helen.button("Sign in"));
            press(helen, helen.button("Sign in"));
            signsIn(helen, Face.ADMIN);
            helen.sees(helen.heading("Overview"));
            press(helen, helen.link("Users"));
            helen.sees(helen.heading("Users"));
            type(helen, helen.field("Name"), "Louis");
            type(helen, helen.field("Email"), "louis@quintet.test");
            type(helen, helen.field("Password"), LiveServer.PASSWORD);
            helen.page().keyboard().press("Enter");
            helen.sees(helen.row("louis@quintet.test"));

            helen.open("/demo");
            helen.sees(helen.button("Sign in").first());
            press(helen, helen.button("Sign in").first());
            signsIn(helen, "helen@quintet.test");
            helen.sees(helen.button("Sign out"));
            press(helen, helen.button("Sign in"));
            signsIn(helen, "louis@quintet.test");
            helen.sees(helen.field("Message").nth(1));
            type(helen, helen.field("Message").first(), "no mouse here");
            helen.page().keyboard().press("Enter");
            assertThat(helen.text("no mouse here")).hasCount(2);
        }
    }

    private static void signsIn(Visitor visitor, String email) {
        visitor.sees(visitor.heading("Sign in"));
        type(visitor, visitor.field("Email"), email);
        type(visitor, visitor.field("Password"), LiveServer.PASSWORD);
        visitor.page().keyboard().press("Enter");
    }

    private static void type(Visitor visitor, Locator field, String text) {
        moveTo(visitor, field);
        visitor.page().keyboard().type(text);
    }

    private static void press(Visitor visitor, Locator thing) {
        moveTo(visitor, thing);
        visitor.page().keyboard().press("Enter");
    }

    /** By Tab, from wherever the focus is. */
    private static void moveTo(Visitor visitor, Locator thing) {
        for (int stops = 0; stops < MOST_STOPS; stops++) {
            if ((boolean) thing.evaluate("e => e.getRootNode().activeElement === e")) {
                return;
            }
            visitor.page().keyboard().press("Tab");
            assertThat(Looks.unseenFocus(visitor.page())).as("has the focus unseen").isEmpty();
        }
        throw new AssertionError("not reached by Tab: " + thing);
    }
}
