package dev.quintet.auth;

import static dev.quintet.auth.Samples.PASSWORD;
import static dev.quintet.auth.Samples.require;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.Samples.App;
import dev.quintet.auth.Samples.Person;
import dev.quintet.platform.sql.TestDatabase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Several tabs, the back button, double clicks: no honest browser meets a dead end. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TabsTest {

    private TestDatabase database;
    private TestNode node;
    private TestClient browser;
    private App app;
    private Person ada;

    @BeforeAll
    void open() {
        database = TestDatabase.create("auth");
        node = TestNode.start(database.url());
        app = Samples.app(node);
        ada = Samples.person(node);
    }

    @AfterAll
    void close() {
        node.close();
        database.close();
    }

    @BeforeEach
    void newBrowser() {
        browser = new TestClient();
    }

    @AfterEach
    void closeBrowser() {
        browser.close();
    }

    /** A tab at the sign-in page. */
    private record Tab(String address, String flow) {}

    private Tab tab() {
        return tab(Samples.request(app));
    }

    private Tab tab(Map<String, String> request) {
        String address = require(Samples.authorize(node, browser, request), 303).location();
        return new Tab(address, require(browser.get(at(address)), 200).flow());
    }

    private java.net.URI at(String location) {
        return node.at(Samples.pathOf(location));
    }

    private TestClient.Answer submit(Tab tab) {
        return submit(browser, tab);
    }

    private TestClient.Answer submit(TestClient from, Tab tab) {
        return from.form(
                node.at("/login"),
                Map.of("flow", tab.flow(), "email", ada.email(), "password", PASSWORD));
    }

    private static void isBack(TestClient.Answer answer) {
        assertThat(require(answer, 303).location()).startsWith(Samples.CALLBACK + "?code=");
        assertThat(answer.parameter("state")).isEqualTo("st4te");
    }

    private static Map<String, String> with(Map<String, String> request, String name, String to) {
        Map<String, String> changed = new LinkedHashMap<>(request);
        changed.put(name, to);
        return changed;
    }

    @Test
    void a_second_tab_submits_after_the_first_has_signed_in() {
        Tab first = tab();
        Tab second = tab();
        isBack(submit(first));
        isBack(submit(second));
    }

    @Test
    void a_second_tab_is_reloaded_after_the_first_has_signed_in() {
        Tab first = tab();
        Tab second = tab();
        isBack(submit(first));
        isBack(browser.get(at(second.address())));
    }

    @Test
    void the_back_button_after_a_sign_in_goes_on_with_it() {
        Tab tab = tab();
        isBack(submit(tab));
        isBack(browser.get(at(tab.address())));
    }

    @Test
    void four_tabs_restored_at_once_without_cookies_all_get_through() throws Exception {
        List<Callable<TestClient.Answer>> calls = new ArrayList<>();
        for (int tab = 0; tab < 4; tab++) {
            calls.add(() -> Samples.authorize(node, browser, Samples.request(app)));
        }
        List<String> addresses = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<TestClient.Answer> call : threads.invokeAll(calls)) {
                addresses.add(require(call.get(), 303).location());
            }
        }
        List<Tab> tabs =
                addresses.stream()
                        .map(address ->
                                new Tab(address, require(browser.get(at(address)), 200).flow()))
                        .toList();
        tabs.forEach(tab -> isBack(submit(tab)));
    }

    @Test
    void the_form_sent_twice_leads_to_the_application_twice() {
        Tab tab = tab();
        isBack(submit(tab));
        isBack(submit(tab));
        Tab anew = tab(with(Samples.request(app), "prompt", "login"));
        isBack(submit(anew));
        isBack(submit(anew));
    }

    @Test
    void a_tab_that_waited_for_too_long_begins_its_request_again() {
        Tab tab = tab();
        browser.cookies().clear();
        TestClient.Answer again = submit(tab);
        assertThat(require(again, 303).location()).startsWith(node.issuer() + "/login?flow=");
        isBack(Samples.signIn(node, browser, again.location(), ada.email(), PASSWORD));
    }

    @Test
    void a_browser_without_cookies_is_told_so_and_not_sent_in_circles() {
        String address = Samples.authorize(node, browser, Samples.request(app)).location();
        browser.cookies().clear();
        String again = require(browser.get(at(address)), 303).location();
        browser.cookies().clear();
        TestClient.Answer told = require(browser.get(at(again)), 400);
        assertThat(told.body()).contains("Cookies are off");
    }

    @Test
    void who_asks_for_a_fresh_sign_in_gets_it_in_every_tab_that_began_later() {
        isBack(submit(tab()));
        Map<String, String> anew = with(Samples.request(app), "prompt", "login");
        Tab later = tab(anew);
        assertThat(require(browser.get(at(later.address())), 200).body()).contains("Password");
        for (String prompt : List.of("select_account", "login consent")) {
            assertThat(
                            Samples.authorize(
                                            node,
                                            browser,
                                            with(Samples.request(app), "prompt", prompt))
                                    .location())
                    .as(prompt)
                    .startsWith(node.issuer() + "/login?flow=");
        }
        assertThat(
                        Samples.authorize(
                                        node,
                                        browser,
                                        with(Samples.request(app), "prompt", "create"))
                                .parameter("error"))
                .isEqualTo("invalid_request");
    }

    @Test
    void at_most_eight_flows_are_kept_and_the_oldest_goes_out() {
        Tab first = tab();
        List<Tab> more = new ArrayList<>();
        for (int tab = 0; tab < 9; tab++) {
            more.add(tab());
            assertThat(
                            browser.cookies().keySet().stream()
                                    .filter(name -> name.startsWith("quintet_flow_"))
                                    .count())
                    .isLessThanOrEqualTo(8);
        }
        assertThat(new TreeSet<>(browser.cookies().values()))
                .allSatisfy(value -> assertThat(value.length()).isLessThan(60));
        isBack(submit(more.getLast()));
        assertThat(require(submit(first), 303).location())
                .as("its request began again, and somebody is signed in by now")
                .startsWith(Samples.CALLBACK);
    }

    @Test
    void somebody_elses_link_or_form_signs_nobody_in_who_typed_nothing() {
        Tab attackers = tab();
        try (TestClient victim = new TestClient()) {
            assertThat(victim.get(at(attackers.address())).location())
                    .startsWith(node.issuer() + "/login?flow=");
            assertThat(require(submit(victim, attackers), 303).location())
                    .startsWith(node.issuer() + "/login?flow=");
            assertThat(victim.cookies()).doesNotContainKey("quintet_session");
        }
        try (TestClient signedIn = new TestClient()) {
            Person bob = Samples.person(node);
            Samples.code(node, signedIn, app, bob);
            Map<String, String> before = Map.copyOf(signedIn.cookies());
            isBack(submit(signedIn, attackers));
            assertThat(signedIn.cookies().get("quintet_session"))
                    .as("he stays who he is")
                    .isEqualTo(before.get("quintet_session"));
        }
    }

    @Test
    void a_consent_page_of_one_person_is_no_consent_of_another() {
        App third = Samples.app(node, TestNode.ROOT_KEY, ",\"firstParty\":false");
        Person bob = Samples.person(node);
        Tab tab = tab(Samples.request(third));
        TestClient.Answer asked = require(submit(tab), 200);
        // In another tab Bob signs in.
        Tab other = tab(with(Samples.request(app), "prompt", "login"));
        isBack(
                browser.form(
                        node.at("/login"),
                        Map.of("flow", other.flow(), "email", bob.email(), "password", PASSWORD)));
        Map<String, String> allow = Map.of("flow", asked.flow(), "decision", "allow");
        TestClient.Answer shown = require(browser.form(node.at("/oauth2/consent"), allow), 200);
        assertThat(shown.body()).contains(bob.email(), "wants access");
        TestClient.Answer given =
                browser.form(
                        node.at("/oauth2/consent"),
                        Map.of("flow", shown.flow(), "decision", "allow"));
        isBack(given);
        isBack(
                browser.form(
                        node.at("/oauth2/consent"),
                        Map.of("flow", shown.flow(), "decision", "allow")));
        assertThat(audited("consent.give")).containsExactly(bob.id());
    }

    private List<String> audited(String action) {
        return node.database()
                .read(tx ->
                        tx.handle()
                                .createQuery("select person from audit.entries where action = ?")
                                .bind(0, action)
                                .mapTo(java.util.UUID.class)
                                .map(dev.quintet.platform.IdKind.PERSON::show)
                                .list());
    }

    @Test
    void a_sign_out_page_of_one_session_does_not_end_the_next_one() {
        isBack(submit(tab()));
        TestClient.Answer page = require(browser.get(node.at("/logout")), 200);
        isBack(submit(tab(with(Samples.request(app), "prompt", "login"))));
        TestClient.Answer asked =
                require(browser.form(node.at("/logout"), Map.of("flow", page.flow())), 200);
        assertThat(asked.body()).contains("Sign out?");
        Map<String, String> sure = Map.of("flow", asked.flow());
        assertThat(require(browser.form(node.at("/logout"), sure), 200).body())
                .contains("You are signed out");
        assertThat(require(browser.form(node.at("/logout"), sure), 200).body())
                .as("the form sent twice")
                .contains("You are signed out");
    }
}
