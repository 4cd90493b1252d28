package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An administrator finds parked events on the first page of the console and has them retried. */
@ExtendWith(Face.Extension.class)
final class ParkedEventsBrowserTest {

    @TempDir private Path data;

    @Test
    void parked_events_are_shown_retried_and_gone(Face face) throws Exception {
        try (Poisoned poisoned = Poisoned.start(data)) {
            poisoned.server().user("Grace Admin", Face.ADMIN, "admin");
            String ada = poisoned.server().user("Ada", "ada@quintet.test");
            String room = poisoned.roomWith(ada);
            try (Visitor grace = face.chromium().visitor(poisoned.server())) {
                grace.inConsole(Face.ADMIN);
                grace.sees(grace.heading("chat"));
                Locator section = grace.heading("Parked events");
                assertThat(section).hasCount(0);

                poisoned.mention(ada, room, Poisoned.POISON);
                poisoned.awaitParked(1);
                poisoned.mention(ada, room, "the one behind");
                poisoned.awaitParked(2);
                poisoned.giveUp();
                grace.sees(grace.text("gave up"));
                grace.sees(grace.text("waits behind the one before"));
                Looks.judge(grace.page(), "console-parked");

                grace.page().onceDialog(Dialog::accept);
                grace.button("Skip room:" + room + " for notify.mentions").click();
                assertThat(section).hasCount(0);

                poisoned.mention(ada, room, Poisoned.POISON);
                poisoned.awaitParked(1);
                poisoned.giveUp();
                poisoned.mend();
                grace.button("Retry room:" + room + " for notify.mentions").click();
                assertThat(section).hasCount(0);
            }
        }
    }
}
