package dev.quintet.auth.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * The hosted pages: plain HTML forms without scripts, one inline style that the policy names by its
 * hash. Every value from outside goes through {@link #escape}.
 */
final class Pages {

    private static final String STYLE =
            """

            :root {
              color-scheme: light dark;
              --page: #f4f5f7; --card: #ffffff; --ink: #16181d; --soft: #5b6170; --line: #c9ced8;
              --accent: #3a4fd0; --on-accent: #ffffff; --warn-page: #fdecec; --warn-ink: #9b1c1c;
            }
            @media (prefers-color-scheme: dark) {
              :root {
                --page: #101218; --card: #1a1d26; --ink: #eceef4; --soft: #a3aaba; --line: #3a4050;
                --accent: #8c9bff; --on-accent: #10131f; --warn-page: #3a1a1d; --warn-ink: #ffb4b4;
              }
            }
            * { box-sizing: border-box; }
            body {
              margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem;
              background: var(--page); color: var(--ink);
              font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
            }
            main {
              width: 100%; max-width: 25rem; padding: 2rem; background: var(--card);
              border: 1px solid var(--line); border-radius: 14px; overflow-wrap: anywhere;
            }
            .mark { display: flex; gap: 5px; margin: 0 0 1.25rem; }
            .mark i { width: 10px; height: 10px; border-radius: 50%; background: var(--accent); }
            .mark i:nth-child(even) { opacity: .45; }
            h1 { margin: 0; font-size: 1.4rem; line-height: 1.25; letter-spacing: -.01em; }
            p { margin: .5rem 0 0; color: var(--soft); }
            p strong { color: var(--ink); }
            form { display: grid; gap: 1rem; margin: 1.5rem 0 0; }
            label { display: grid; gap: .35rem; font-size: .9rem; font-weight: 600; }
            input {
              width: 100%; padding: .65rem .75rem; border: 1px solid var(--line); border-radius: 8px;
              background: var(--page); color: var(--ink); font: inherit; font-size: 1rem; font-weight: 400;
            }
            button {
              padding: .7rem 1rem; border: 1px solid var(--accent); border-radius: 8px;
              background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600;
              cursor: pointer;
            }
            button:hover { filter: brightness(1.08); }
            button.quiet { background: transparent; color: var(--ink); border-color: var(--line); }
            input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
            .problem {
              margin: 1.25rem 0 0; padding: .65rem .75rem; border-radius: 8px;
              background: var(--warn-page); color: var(--warn-ink);
            }
            ul { margin: 1rem 0 0; padding: 0 0 0 1.2rem; }
            """;

    private static final String STYLE_SOURCE = "'sha256-" + hash(STYLE) + "'";

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
     * What such a page may load and where its form may lead: a redirect that answers the form
     * counts too, so the application's own origin has to be named.
     */
    static String policy(Optional<String> formLeadsTo) {
        return "default-src 'none'; style-src "
                + STYLE_SOURCE
                + "; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
                + formLeadsTo.map(origin -> " " + origin).orElse("");
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
        <style>%s</style>
        </head>
        <body>
        <main>
        <div class="mark" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></div>
        %s</main>
        </body>
        </html>
        """
                .formatted(escape(title), STYLE, content);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String hash(String style) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(style.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
        }
    }
}
