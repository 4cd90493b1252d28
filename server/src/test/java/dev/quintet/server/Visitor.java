package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;

/**
 * A person at a browser window who finds things by what stands on the screen, and keeps what the
 * browser complained of: errors of scripts, failed loads, violations of the content security
 * policy. Leaving with a complaint that no test excused fails the test.
 */
final class Visitor implements AutoCloseable {

    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();

    Visitor(BrowserContext context) {
        this.context = context;
        context.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.type() + ": " + message.text());
            }
        });
        context.onWebError(error -> complaints.add("uncaught: " + error.error()));
        this.page = context.newPage();
    }

    Page page() {
        return page;
    }

    Visitor open(String path) {
        page.navigate(path);
        return this;
    }

    Locator button(String name) {
        return role(AriaRole.BUTTON, name);
    }

    Locator link(String name) {
        return role(AriaRole.LINK, name);
    }

    Locator heading(String name) {
        return role(AriaRole.HEADING, name);
    }

    Locator role(AriaRole role, String name) {
        return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    Locator field(String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    /** A table's row that shows this text. */
    Locator row(String text) {
        return page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText(text));
    }

    Locator text(String text) {
        return page.getByText(text);
    }

    void sees(Locator thing) {
        assertThat(thing).isVisible();
    }

    /** On the hosted page. */
    void signsIn(String email, String password) {
        sees(heading("Sign in"));
        field("Email").fill(email);
        field("Password").fill(password);
        button("Sign in").click();
    }

    /** As an administrator, by the console's own door. */
    Visitor inConsole(String email) {
        open("/console");
        button("Sign in").click();
        signsIn(email, LiveServer.PASSWORD);
        sees(heading("Overview"));
        return this;
    }

    /** From one page of the console to another. */
    Visitor goes(String title) {
        link(title).click();
        sees(heading(title));
        return this;
    }

    /** A complaint that belongs to what the test did; it must have come. */
    void excuses(String part) {
        Assertions.assertThat(complaints()).anyMatch(complaint -> complaint.contains(part));
        complaints.removeIf(complaint -> complaint.contains(part));
    }

    /** All so far: the browser's events arrive in order, before the answer to a later question. */
    List<String> complaints() {
        page.evaluate("1");
        return complaints;
    }

    @Override
    public void close() {
        try {
            Assertions.assertThat(complaints()).as("what the browser complained of").isEmpty();
        } finally {
            context.close();
        }
    }
}
