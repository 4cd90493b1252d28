package dev.quintet.auth.http;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The hosted pages: plain HTML forms without scripts. Every value from outside goes through {@link
 * #escape}.
 */
final class Pages {

    private static final Map<String, String> MEANING =
            Map.ofEntries(
                    Map.entry("openid", "know who you are"),
                    Map.entry("profile", "see your name"),
                    Map.entry("email", "see your email address"),
                    Map.entry("offline_access", "stay connected while you are away"),
                    Map.entry("chat:read", "read your messages"),
                    Map.entry("chat:write", "send messages as you"),
                    Map.entry("files:read", "read your files"),
                    Map.entry("files:write", "store and delete files as you"),
                    Map.entry("inbox:read", "read your notifications"),
                    Map.entry("admin", "do everything that you may do"));

    private Pages() {}

    /**
     * What such a page may load and where its form may lead. Chromium holds every redirect that
     * follows a form against {@code form-action}, also those of the application that go on to
     * origins which nobody here knows; so a form that leads on to an application has none.
     */
    static String policy(boolean formLeadsOn) {
        return "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none';"
                + " base-uri 'none'"
                + (formLeadsOn ? "" : "; form-action 'self'");
    }

    static String login(
            Optional<String> application, String flow, String email, Optional<String> problem) {
        String to =
                application
                        .map(name -> "<p>to continue to <strong>" + escape(name) + "</strong></p>")
                        .orElse("");
        // The field that is still empty takes the focus.
        String focusEmail = email.isEmpty() ? " autofocus" : "";
        String focusPassword = email.isEmpty() ? "" : " autofocus";
        return page(
                "Sign in",
                """
                <h1>Sign in</h1>
                %s%s
                <form method="post" action="/login">
                  <input type="hidden" name="flow" value="%s">
                  <label>Email
                    <input name="email" type="email" autocomplete="username" required maxlength="254" value="%s"%s>
                  </label>
                  <label>Password
                    <input name="password" type="password" autocomplete="current-password" required%s>
                  </label>
                  <button>Sign in</button>
                </form>
                """
                        .formatted(
                                to,
                                problem(problem),
                                escape(flow),
                                escape(email),
                                focusEmail,
                                focusPassword));
    }

    static String consent(
            String application, String email, Collection<String> scopes, String flow) {
        StringBuilder wants = new StringBuilder();
        scopes.stream()
                .sorted()
                .forEach(scope ->
                        wants.append("<li>")
                                .append(escape(MEANING.getOrDefault(scope, scope)))
                                .append("</li>\n"));
        return page(
                "Allow access",
                """
                <h1>%s wants access</h1>
                <p>You are signed in as <strong>%s</strong>. It would be able to</p>
                <ul>
                %s</ul>
                <form method="post" action="/oauth2/consent">
                  <input type="hidden" name="flow" value="%s">
                  <button name="decision" value="allow">Allow</button>
                  <button class="quiet" name="decision" value="deny">Deny</button>
                </form>
                """
                        .formatted(escape(application), escape(email), wants, escape(flow)));
    }

    static String signedIn(String email) {
        return page(
                "Signed in",
                """
                <h1>You are signed in</h1>
                <p>as <strong>%s</strong></p>
                <form method="get" action="/logout"><button class="quiet">Sign out</button></form>
                """
                        .formatted(escape(email)));
    }

    static String logout(String flow) {
        return page(
                "Sign out",
                """
                <h1>Sign out?</h1>
                <p>You will be signed out of every application that you use from this browser.</p>
                <form method="post" action="/logout">
                  <input type="hidden" name="flow" value="%s">
                  <button>Sign out</button>
                </form>
                """
                        .formatted(escape(flow)));
    }

    static String signedOut() {
        return page(
                "Signed out",
                """
                <h1>You are signed out</h1>
                <p>You can close this page.</p>
                """);
    }

    static String problem(String title, String detail) {
        return page(
                title,
                """
                <h1>%s</h1>
                <p>%s</p>
                """
                        .formatted(escape(title), escape(detail)));
    }

    private static String problem(Optional<String> problem) {
        return problem.map(
                        text -> "<div class=\"problem\" role=\"alert\">" + escape(text) + "</div>")
                .orElse("");
    }

    private static String page(String title, String content) {
        return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s</title>
        <link rel="icon" href="/login/icon.svg">
        <link rel="stylesheet" href="/login/page.css">
        </head>
        <body>
        <main>
        <img src="/login/icon.svg" alt="" width="40" height="40">
        %s</main>
        </body>
        </html>
        """
                .formatted(escape(title), content);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
