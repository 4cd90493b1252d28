package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.NO_SUCH_ROUTE;

import dev.quintet.platform.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Files of the class path below one folder, with entity tags of their content and ranges. Each is
 * read once; what is below the folder is fixed in the build, and so is what this holds.
 */
public final class StaticFiles {

    private static final Map<String, String> TYPES =
            Map.ofEntries(
                    Map.entry("html", "text/html; charset=utf-8"),
                    Map.entry("js", "text/javascript; charset=utf-8"),
                    Map.entry("css", "text/css; charset=utf-8"),
                    Map.entry("json", "application/json"),
                    Map.entry("map", "application/json"),
                    Map.entry("svg", "image/svg+xml"),
                    Map.entry("png", "image/png"),
                    Map.entry("ico", "image/x-icon"),
                    Map.entry("woff2", "font/woff2"),
                    Map.entry("txt", "text/plain; charset=utf-8"));

    private final ClassLoader loader;
    private final String folder;
    private final String caching;
    private final Map<String, Content> known = new ConcurrentHashMap<>();

    private StaticFiles(ClassLoader loader, String folder, String caching) {
        this.loader = loader;
        this.folder = folder;
        this.caching = caching;
    }

    /** Files whose name changes with their content: kept for a year without asking. */
    public static StaticFiles immutable(ClassLoader loader, String folder) {
        return new StaticFiles(loader, folder, "public, max-age=31536000, immutable");
    }

    /** Files that keep their name: asked for each time, and mostly answered with 304. */
    public static StaticFiles revalidated(ClassLoader loader, String folder) {
        return new StaticFiles(loader, folder, "no-cache");
    }

    /** The file of this path below the folder. */
    public Response answer(String path) {
        Content content = known.get(path);
        if (content == null) {
            content = read(path).orElseThrow(() -> NO_SUCH_ROUTE.because(path));
            known.put(path, content);
        }
        return Response.ranged(content).header("Cache-Control", caching);
    }

    private Optional<Content> read(String path) {
        boolean plain =
                path.matches("[A-Za-z0-9_@-][A-Za-z0-9_.@-]*(/[A-Za-z0-9_@-][A-Za-z0-9_.@-]*)*");
        if (!plain || path.indexOf('.') < 0) {
            return Optional.empty();
        }
        try (InputStream in = loader.getResourceAsStream(folder + "/" + path)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            return Optional.of(Content.bytes(bytes, type(path), tag(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type(String path) {
        String ending = path.substring(path.lastIndexOf('.') + 1);
        return TYPES.getOrDefault(ending, "application/octet-stream");
    }

    private static String tag(byte[] bytes) {
        return HexFormat.of().formatHex(Sha256.of(bytes), 0, 12);
    }
}
