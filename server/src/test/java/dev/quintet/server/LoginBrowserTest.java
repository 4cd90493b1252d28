package dev.quintet.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.quintet.server.LiveServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.options.AriaRole;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Somebody signs in to a foreign application by the hosted pages. */
@ExtendWith(Face.Extension.class)
final class LoginBrowserTest {

    private static final String VERIFIER = "0123456789abcdefghijklmnopqrstuvwxyz-0123456789";

    @Test
    void the_whole_code_flow_works_without_javascript(Face face) throws Exception {
        face.person("Rosalind", "rosalind@quintet.test");
        Browser.NewContextOptions scriptless =
                new Browser.NewContextOptions().setJavaScriptEnabled(false);
        try (Shop shop = Shop.open(face.server());
                Visitor rosalind = face.chromium().visitor(face.server(), scriptless)) {
            rosalind.open(shop.wayIn());
            rosalind.sees(rosalind.text("Rosalind's shop"));
            rosalind.signsIn("rosalind@quintet.test", LiveServer.PASSWORD);
            rosalind.sees(rosalind.heading("Rosalind's shop wants access"));
            rosalind.sees(rosalind.text("know who you are"));
            rosalind.button("Allow").click();
            rosalind.sees(rosalind.text("Welcome to the shop"));

            Map<String, String> query = parameters(URI.create(rosalind.page().url()).getRawQuery());
            assertThat(query).containsEntry("state", "xyz").containsKey("code");
            assertThat(shop.trade(query.getOrDefault("code", "none")))
                    .contains("access_token", "id_token");

            // A form of another site: the cookie comes with the redirect that answers it.
            rosalind.button("Leave").click();
            rosalind.sees(rosalind.heading("Sign out?"));
        }
    }

    @Test
    void a_wrong_password_says_so_keeps_the_email_and_lets_one_try_again(Face face)
            throws Exception {
        face.person("Barbara", "barbara@quintet.test");
        try (Shop shop = Shop.open(face.server());
                Visitor barbara = face.visitor()) {
            barbara.open(shop.wayIn());
            barbara.signsIn("barbara@quintet.test", "not the password");
            assertThat(barbara.page().getByRole(AriaRole.ALERT))
                    .hasText("Email or password is not right. Check both and try again.");
            barbara.excuses("status of 400");
            assertThat(barbara.field("Email")).hasValue("barbara@quintet.test");
            assertThat(barbara.field("Password")).isFocused();
            barbara.field("Password").fill(LiveServer.PASSWORD);
            barbara.button("Sign in").click();
            barbara.button("Deny").click();
            barbara.sees(barbara.text("Welcome to the shop"));
            assertThat(parameters(URI.create(barbara.page().url()).getRawQuery()))
                    .containsEntry("error", "access_denied");
        }
    }

    private static Map<String, String> parameters(String query) {
        return Arrays.stream(query.split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    /**
     * A foreign application: an address to come back to, which redirects to a page of another
     * origin, and a public client of this server.
     */
    private record Shop(LiveServer server, HttpServer site, String client)
            implements AutoCloseable {

        static Shop open(LiveServer server) throws Exception {
            HttpServer site =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            byte[] page =
                    "<!doctype html><html lang=en><title>Shop</title><link rel=icon href=data:,><p>Welcome to the shop<form method=post action='%s'><button>Leave</button></form>"
                            .formatted(server.url() + "/logout")
                            .getBytes(StandardCharsets.UTF_8);
            site.createContext(
                    "/welcome",
                    exchange -> {
                        exchange.getResponseHeaders()
                                .set(
                                        "Location",
                                        "http://localhost:"
                                                + site.getAddress().getPort()
                                                + "/home?"
                                                + exchange.getRequestURI().getRawQuery());
                        exchange.sendResponseHeaders(302, -1);
                        exchange.close();
                    });
            site.createContext(
                    "/",
                    exchange -> {
                        exchange.getResponseHeaders().set("Content-Type", "text/html");
                        exchange.sendResponseHeaders(200, page.length);
                        exchange.getResponseBody().write(page);
                        exchange.close();
                    });
            site.start();
            Map<String, Object> client =
                    Map.of(
                            "name",
                            "Rosalind's shop",
                            "redirectUris",
                            List.of(home(site)),
                            "grantTypes",
                            List.of("authorization_code"),
                            "public",
                            true,
                            "scopes",
                            List.of("openid", "profile"),
                            "firstParty",
                            false);
            return new Shop(
                    server,
                    site,
                    server.admin("POST", "/api/v1/clients", json(client), 201)
                            .get("clientId")
                            .asString());
        }

        private static String home(HttpServer site) {
            return "http://127.0.0.1:" + site.getAddress().getPort() + "/welcome";
        }

        String wayIn() throws Exception {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(VERIFIER.getBytes(StandardCharsets.US_ASCII));
            return "/oauth2/authorize?"
                    + form(
                            Map.of(
                                    "response_type", "code",
                                    "client_id", client,
                                    "redirect_uri", home(site),
                                    "scope", "openid profile",
                                    "state", "xyz",
                                    "code_challenge",
                                            Base64.getUrlEncoder()
                                                    .withoutPadding()
                                                    .encodeToString(hash),
                                    "code_challenge_method", "S256"));
        }

        String trade(String code) throws Exception {
            String form =
                    form(
                            Map.of(
                                    "grant_type", "authorization_code",
                                    "client_id", client,
                                    "redirect_uri", home(site),
                                    "code", code,
                                    "code_verifier", VERIFIER));
            HttpRequest request =
                    HttpRequest.newBuilder(server.at("/oauth2/token"))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(BodyPublishers.ofString(form))
                            .build();
            try (HttpClient http = HttpClient.newHttpClient()) {
                return http.send(request, BodyHandlers.ofString()).body();
            }
        }

        private static String form(Map<String, String> fields) {
            return fields.entrySet().stream()
                    .map(field ->
                            field.getKey()
                                    + "="
                                    + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
        }

        @Override
        public void close() {
            site.stop(0);
        }
    }
}
