package dev.quintet.server;

import static dev.quintet.platform.http.Route.get;

import dev.quintet.auth.Auth;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The console's and the demo's files, as they lie in the jar: no build step, so that view source is the source. The only
 * inline script is the import map, and the content security policy names it by its hash.
 */
final class Pages {

    private static final String OURS = "/dev/quintet/server/web/";
    // The browser libraries lie under their version, so that they never change under a name.
    private static final String LIBRARIES = "/META-INF/resources/_static/";
    private static final Pattern IMPORT_MAP = Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);
    private static final Pattern CLEAN = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");
    private static final Map<String, String> TYPES =
            Map.of("html", "text/html; charset=utf-8", "js", "text/javascript; charset=utf-8", "css", "text/css; charset=utf-8", "svg", "image/svg+xml");
    private static final int MOST_FILES = 200;

    private record Loaded(byte[] bytes, String type, String tag) {}

    private final Map<String, Loaded> loaded = new ConcurrentHashMap<>();
    private final Clients clients;

    /** The OpenID Connect clients of our own pages; empty where own auth is off. */
    record Clients(Optional<String> console, Optional<String> demo) {}

    Pages(Clients clients) {
        this.clients = clients;
    }

    static Clients ensureClients(Auth auth, URI url) {
        Set<String> all = Arrays.stream(Scope.values()).map(Scope::wire).collect(Collectors.toSet());
        return new Clients(
                Optional.of(auth.clients().ensureBuiltIn("console", "Quintet console", List.of(url + "/console"), all)),
                Optional.of(auth.clients().ensureBuiltIn("demo", "Quintet demo", List.of(url + "/demo"), all)));
    }

    List<Routes> routes() {
        return List.of(page("console"), page("demo"), Routes.of("platform", clients(), file("/shared/{file...}", OURS + "shared/", "no-cache"), file("/vendor/{file...}", LIBRARIES, "public, max-age=31536000, immutable")));
    }

    private Route clients() {
        return get("/shared/clients.json")
                .open("a client id is public, it stands in every sign-in's address")
                .says("By which clients the console and the demo sign in.")
                .gives(200, Clients.class)
                .by(request -> Response.json(clients));
    }

    private Routes page(String name) {
        Loaded index = load(OURS + name + "/index.html");
        Route page = get("/" + name).open("the page itself holds nothing; its requests are checked").says("The " + name + ".").gives(200).by(request -> answer(index, "no-cache"));
        Route parts = file("/" + name + "/{file...}", OURS + name + "/", "no-cache");
        return Routes.of("platform", page, parts).withPolicy(policy(index));
    }

    private static String policy(Loaded index) {
        Matcher map = IMPORT_MAP.matcher(new String(index.bytes(), StandardCharsets.UTF_8));
        if (!map.find()) {
            throw new IllegalStateException("the page has no import map");
        }
        String hash = Base64.getEncoder().encodeToString(sha256(map.group(1).getBytes(StandardCharsets.UTF_8)));
        return "default-src 'none'; script-src 'self' 'sha256-" + hash + "'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
    }

    private Route file(String path, String folder, String cache) {
        return get(path).open("the files of the pages hold nothing; their requests are checked").gives(200).by(request -> answer(find(request, folder), cache));
    }

    private Loaded find(Request request, String folder) {
        String name = request.path("file");
        if (!CLEAN.matcher(name).matches() || name.contains("..") || loaded.size() > MOST_FILES || !TYPES.containsKey(ending(name)) || Pages.class.getResource(folder + name) == null) {
            throw HttpRefusal.NOT_FOUND.because(request.head().path());
        }
        return load(folder + name);
    }

    private static Response answer(Loaded file, String cache) {
        return Response.bytes(file.type(), file.bytes()).etag(file.tag()).header("Cache-Control", cache);
    }

    private Loaded load(String resource) {
        return loaded.computeIfAbsent(
                resource,
                name -> {
                    try (InputStream in = Pages.class.getResourceAsStream(name)) {
                        if (in == null) {
                            throw new IllegalStateException("not in the build: " + name);
                        }
                        byte[] bytes = in.readAllBytes();
                        return new Loaded(bytes, String.valueOf(TYPES.get(ending(name))), HexFormat.of().formatHex(sha256(bytes), 0, 16));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static String ending(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
