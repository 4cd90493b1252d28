package dev.quintet.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code DIR/admin.key}: the first API key of a database, readable by the owner alone. */
final class AdminKeyFile {

    private AdminKeyFile() {}

    /** Keeps the key, and returns a console link for whoever reads the start's output. */
    static String keep(Ground ground, String secret, ConsoleLinks links) {
        Path file = ground.directory.file("admin.key");
        ground.disk.replace(file, (secret + "\n").getBytes(StandardCharsets.US_ASCII));
        return links.make();
    }
}
