package dev.quintet.platform.sql;

import dev.quintet.platform.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The migration files of a system as this release brings them: in its jar, or in a folder when it
 * was not packaged.
 */
final class MigrationFiles {

    private MigrationFiles() {}

    /** Changes with any name and any byte of them. */
    static String fingerprint(String system) {
        String folder = "dev/quintet/" + system + "/schema/";
        ClassLoader loader = MigrationFiles.class.getClassLoader();
        try {
            MessageDigest digest = Sha256.begin();
            for (String name : names(loader, folder)) {
                digest.update((name + '\0').getBytes(StandardCharsets.UTF_8));
                try (InputStream file = loader.getResourceAsStream(folder + name)) {
                    if (file == null) {
                        throw new IllegalStateException(folder + name + " went away");
                    }
                    digest.update(file.readAllBytes());
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException | URISyntaxException unreadable) {
            throw new IllegalStateException("the migrations in " + folder, unreadable);
        }
    }

    private static List<String> names(ClassLoader loader, String folder)
            throws IOException, URISyntaxException {
        URL found = loader.getResource(folder);
        if (found == null) {
            throw new IllegalStateException("no migrations in " + folder);
        }
        if (found.getProtocol().equals("jar")) {
            // jar:file:/lib/platform.jar!/dev/quintet/platform/schema/
            URI jar = URI.create(found.getPath().substring(0, found.getPath().indexOf('!')));
            try (JarFile entries = new JarFile(Path.of(jar).toFile())) {
                return entries.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.startsWith(folder) && !name.endsWith("/"))
                        .map(name -> name.substring(folder.length()))
                        .sorted()
                        .toList();
            }
        }
        try (Stream<Path> files = Files.list(Path.of(found.toURI()))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
