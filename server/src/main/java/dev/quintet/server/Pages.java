package dev.quintet.server;

import static dev.quintet.platform.http.Route.get;

import dev.quintet.auth.Auth;
import dev.quintet.platform.Sha256;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.StaticFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The console's and the demo's files, as they lie in the jar: no build step, so that view source is
 * the source. Both are the same page around another component. Its only inline script is the import
 * map, and the content security policy names it by its hash.
 */
final class Pages {

    private static final String OURS = "dev/quintet/server/web/";
    // The browser libraries lie under their version, so that they never change under a name.
    private static final String LIBRARIES = "META-INF/resources/_static";
    private static final Pattern IMPORT_MAP =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);
    private static final ClassLoader LOADER = Pages.class.getClassLoader();
    // The console's and the demo's alike: {page} is the name of one of them.
    private static final String PAGE = text(OURS + "page.html");
    private static final String POLICY = policy();

    /** The OpenID Connect clients of our own pages; empty where own auth is off. */
    record Clients(Optional<String> console, Optional<String> demo) {}

    private final Clients clients;

    Pages(Clients clients) {
        this.clients = clients;
    }

    static Clients ensureClients(Auth auth, URI url) {
        Set<String> all =
                Arrays.stream(Scope.values()).map(Scope::wire).collect(Collectors.toSet());
        return new Clients(
                Optional.of(
                        auth.clients()
                                .ensureBuiltIn(
                                        "console",
                                        "Quintet console",
                                        List.of(url + "/console"),
                                        all)),
                Optional.of(
                        auth.clients()
                                .ensureBuiltIn(
                                        "demo", "Quintet demo", List.of(url + "/demo"), all)));
    }

    List<Routes> routes() {
        return List.of(
                page("console"),
                page("demo"),
                Routes.of(
                        "platform",
                        clients(),
                        files(
                                "/shared/{file...}",
                                StaticFiles.revalidated(LOADER, OURS + "shared")),
                        files("/vendor/{file...}", StaticFiles.immutable(LOADER, LIBRARIES))));
    }

    private Routes page(String name) {
        String html = PAGE.replace("{page}", name);
        Route page =
                get("/" + name)
                        .open("the page itself holds nothing; its requests are checked")
                        .says("The " + name + ".")
                        .gives(200)
                        .by(request -> Response.html(html).header("Cache-Control", "no-cache"));
        StaticFiles folder = StaticFiles.revalidated(LOADER, OURS + name);
        return Routes.of("platform", page, files("/" + name + "/{file...}", folder))
                .withPolicy(POLICY);
    }

    private static Route files(String path, StaticFiles folder) {
        return get(path)
                .open("the files of the pages hold nothing; their requests are checked")
                .gives(200)
                .by(request -> folder.answer(request.path("file")));
    }

    private Route clients() {
        return get("/shared/clients.json")
                .open("a client id is public, it stands in every sign-in's address")
                .says("By which clients the console and the demo sign in.")
                .gives(200, Clients.class)
                .by(request -> Response.json(clients));
    }

    private static String policy() {
        Matcher map = IMPORT_MAP.matcher(PAGE);
        if (!map.find()) {
            throw new IllegalStateException("the page has no import map");
        }
        return "default-src 'none'; script-src 'self' 'sha256-%s'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
                .formatted(sha256(map.group(1)));
    }

    private static String text(String resource) {
        try (InputStream in = LOADER.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("not in the build: " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String text) {
        byte[] hash = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(hash);
    }
}
