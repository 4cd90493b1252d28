package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a figure depends on and nobody remembers later. */
final class Machine {

    private Machine() {}

    static Map<String, String> facts(Checkout checkout) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("commit", commit(checkout));
        facts.put(
                "machine",
                Runtime.getRuntime().availableProcessors()
                        + " cores ("
                        + lineOf("/proc/cpuinfo", "model name")
                        + "), "
                        + lineOf("/proc/meminfo", "MemTotal")
                        + ", Linux "
                        + System.getProperty("os.version")
                        + ", "
                        + fileSystem(checkout));
        facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("load before", read(Path.of("/proc/loadavg")));
        return facts;
    }

    private static String commit(Checkout checkout) {
        String hash = said(checkout, "git", "rev-parse", "--short=12", "HEAD");
        String changed = said(checkout, "git", "status", "--porcelain", "--untracked-files=no");
        return changed.isEmpty() ? hash : hash + " with changes";
    }

    private static String fileSystem(Checkout checkout) {
        try {
            return Files.getFileStore(checkout.home()).type() + " disk";
        } catch (IOException unknown) {
            throw new UncheckedIOException(unknown);
        }
    }

    private static String said(Checkout checkout, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(checkout.home().toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            byte[] answer = process.getInputStream().readAllBytes();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed");
            }
            return new String(answer, StandardCharsets.UTF_8).strip();
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(String.join(" ", command), failed);
        }
    }

    private static String lineOf(String file, String name) {
        return read(Path.of(file))
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown " + name);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
