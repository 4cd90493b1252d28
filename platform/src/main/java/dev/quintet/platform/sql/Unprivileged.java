package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Runs PostgreSQL's programs as somebody who is not root, because they refuse root: in a user
 * namespace of their own, or as the owner of the folder.
 */
final class Unprivileged {

    private final List<String> prefix;

    private Unprivileged(List<String> prefix) {
        this.prefix = List.copyOf(prefix);
    }

    /** What a program said and how it ended. */
    record Outcome(int status, String output) {}

    static Unprivileged over(Path folder) {
        try {
            return new Unprivileged(
                    prefix(
                            isRoot(),
                            (Integer) Files.getAttribute(folder, "unix:uid"),
                            (Integer) Files.getAttribute(folder, "unix:gid"),
                            () -> works("unshare", "-U", "true"),
                            folder));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot tell who owns " + folder, failure);
        }
    }

    static List<String> prefix(
            boolean root, int owner, int group, BooleanSupplier namespaceWorks, Path folder) {
        if (!root) {
            return List.of();
        }
        if (owner != 0) {
            return List.of("setpriv", "--reuid=" + owner, "--regid=" + group, "--clear-groups");
        }
        // A namespace's process keeps root's uid on disk, so it cannot open another's files.
        if (namespaceWorks.getAsBoolean()) {
            return List.of("unshare", "-U");
        }
        throw new StartRefused(
                "PostgreSQL does not run as root and this machine allows no user namespace; give"
                        + " the folder to another user (chown -R nobody "
                        + folder
                        + ") or start Quintet as one");
    }

    /** Runs a program to its end in {@code folder}. */
    Outcome run(Path folder, String... command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(List.of(command));
        try {
            Path said = Files.createTempFile("quintet-", ".out");
            try {
                // A file, not a pipe: a daemon that inherits a pipe would keep it open.
                Process process =
                        new ProcessBuilder(whole)
                                .directory(folder.toFile())
                                .redirectErrorStream(true)
                                .redirectOutput(said.toFile())
                                .start();
                process.getOutputStream().close();
                int status = process.waitFor();
                return new Outcome(status, Files.readString(said, StandardCharsets.UTF_8).strip());
            } finally {
                Files.delete(said);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot run " + whole.getFirst(), failure);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(
                    "interrupted while PostgreSQL worked", nobodyInterrupts);
        }
    }

    private static boolean isRoot() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self)
                ? (Integer) Files.getAttribute(self, "unix:uid") == 0
                : "root".equals(System.getProperty("user.name"));
    }

    private static boolean works(String... command) {
        try {
            return new Unprivileged(List.of()).run(Path.of("/"), command).status() == 0;
        } catch (UncheckedIOException missing) {
            return false;
        }
    }
}
