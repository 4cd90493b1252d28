package dev.quintet.platform;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Looks, when a module's tests are over, for every secret that they made: in all logs of the run
 * (every logger at TRACE, {@code target/logs}) and in the data directories named. One hit fails the
 * run. Registered for all tests by {@code META-INF/services}.
 *
 * <p>Use: {@code String key = SecretWatch.made(response.key());} and {@code
 * SecretWatch.searchToo(dataDirectory)}.
 */
public final class SecretWatch implements BeforeAllCallback {

    private static final int SHORTEST = 12;

    /** Files of a data directory that hold a secret by design. */
    private static final Set<String> KEEPERS = Set.of("admin.key", "master.key");

    // One run has one list: tests of all classes add to it, the end reads it.
    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();
    private static final Set<Path> PLACES = ConcurrentHashMap.newKeySet();

    /** Registers a secret that a test made or was given, and hands it back. */
    public static String made(String secret) {
        if (secret.length() < SHORTEST) {
            throw new IllegalArgumentException("too short to be told from chance");
        }
        SECRETS.add(secret);
        return secret;
    }

    /** Searches this folder too, at the end of the run; it must still be there then. */
    public static void searchToo(Path folder) {
        PLACES.add(folder.toAbsolutePath());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(SecretWatch.class, first -> (AutoCloseable) SecretWatch::atTheEnd);
    }

    private static void atTheEnd() {
        Path target = Path.of("target").toAbsolutePath();
        PLACES.add(target.resolve("logs"));
        PLACES.add(target.resolve("postgres-" + ProcessHandle.current().pid()));
        List<String> leaks = new ArrayList<>();
        PLACES.forEach(place -> leaks.addAll(find(SECRETS, place)));
        if (!leaks.isEmpty()) {
            String all = String.join("\n", leaks);
            System.err.println("SECRETS LEAKED:\n" + all);
            throw new AssertionError("secrets leaked:\n" + all);
        }
    }

    /** Where any of the secrets stands in a folder's files, by its first letters. */
    static List<String> find(Set<String> secrets, Path folder) {
        if (secrets.isEmpty() || !Files.isDirectory(folder)) {
            return List.of();
        }
        Map<Long, List<byte[]>> byStart = new HashMap<>();
        for (String secret : secrets) {
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            byStart.computeIfAbsent(start(bytes), none -> new ArrayList<>()).add(bytes);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !KEEPERS.contains(file.getFileName().toString()))
                    .flatMap(file -> findIn(file, byStart).stream())
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static long start(byte[] bytes) {
        long start = 0;
        for (int at = 0; at < Long.BYTES; at++) {
            start = (start << 8) | (bytes[at] & 0xFF);
        }
        return start;
    }

    /** One pass: the last eight bytes as a number are looked up, then the rest is compared. */
    private static List<String> findIn(Path file, Map<Long, List<byte[]>> byStart) {
        List<String> hits = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            long window = 0;
            long position = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                window = (window << 8) | next;
                position++;
                List<byte[]> started = byStart.get(window);
                if (started != null) {
                    for (byte[] secret : started) {
                        if (follows(in, secret)) {
                            hits.add(
                                    new String(secret, 0, Long.BYTES, StandardCharsets.UTF_8)
                                            + "... in "
                                            + file
                                            + " at byte "
                                            + (position - Long.BYTES));
                        }
                    }
                }
            }
        } catch (NoSuchFileException gone) {
            return hits;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return hits;
    }

    private static boolean follows(InputStream in, byte[] secret) throws IOException {
        int rest = secret.length - Long.BYTES;
        in.mark(rest + 1);
        byte[] read = in.readNBytes(rest);
        in.reset();
        return read.length == rest
                && java.util.Arrays.equals(read, 0, rest, secret, Long.BYTES, secret.length);
    }
}
