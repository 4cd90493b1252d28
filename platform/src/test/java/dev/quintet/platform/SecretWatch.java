package dev.quintet.platform;

import dev.quintet.platform.sql.TestPostgres;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.JsonNode;

/**
 * Looks, when a module's tests are over, for every secret that they made: in all logs of the run
 * (every logger at TRACE, {@code target/logs}, child processes too), in the files of the run's
 * PostgreSQL, and in the data directories named. One hit fails the run. Registered for all tests by
 * {@code META-INF/services}.
 *
 * <p>What a server's JSON answers give out is known by itself; the rest is told: {@code
 * SecretWatch.made(cookie)}. A data directory that does not outlive its test is searched with it:
 * {@code SecretWatch.search(dataDirectory)}.
 */
public final class SecretWatch implements BeforeAllCallback {

    private static final int SHORTEST = 12;

    /** Files of a data directory that hold a secret by design. */
    private static final Set<String> KEEPERS = Set.of("admin.key", "master.key");

    // One run has one list: tests of all classes add to it, the end reads it.
    private static final Set<String> SECRETS = ConcurrentHashMap.newKeySet();
    // Made to be sent on, so it may stand in what people store, but in no log.
    private static final Set<String> LINKS = ConcurrentHashMap.newKeySet();
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path LOGS = TARGET.resolve("logs");
    private static final String SIGNATURE = "signature=";

    /** Registers a secret that a test made or was given, and hands it back. */
    public static String made(String secret) {
        if (secret.length() < SHORTEST) {
            throw new IllegalArgumentException("too short to be told from chance");
        }
        SECRETS.add(secret);
        return secret;
    }

    /** Registers what an answer gives out under the names that our API has for secrets. */
    public static void madeIn(JsonNode answer) {
        for (Map.Entry<String, JsonNode> field : answer.properties()) {
            if (field.getValue().isString()) {
                secretIn(field.getKey(), field.getValue().stringValue())
                        .filter(secret -> secret.length() >= SHORTEST)
                        .ifPresent(SecretWatch::made);
                if (field.getKey().equals("url")) {
                    linkIn(field.getValue().stringValue());
                }
            }
        }
    }

    private static void linkIn(String url) {
        int at = url.indexOf(SIGNATURE);
        if (at >= 0) {
            LINKS.add(url.substring(at + SIGNATURE.length()));
        }
    }

    private static Optional<String> secretIn(String field, String value) {
        return switch (field) {
            case "access_token",
                    "refresh_token",
                    "id_token",
                    "clientSecret",
                    "secret",
                    "secretAccessKey",
                    "writeKey" ->
                    Optional.of(value);
            // Elsewhere a key is a name.
            case "key" -> Optional.of(value).filter(key -> key.startsWith("qk_"));
            default -> Optional.empty();
        };
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(SecretWatch.class, first -> begin());
    }

    /** What an earlier run has logged is not this one's; child processes append to the same. */
    private static AutoCloseable begin() {
        Path log = LOGS.resolve(System.getProperty("quintet.log", "test") + ".log");
        try {
            // In a fresh clone nothing has logged yet.
            Files.createDirectories(LOGS);
            try (FileChannel file =
                    FileChannel.open(log, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                file.truncate(0);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return SecretWatch::atTheEnd;
    }

    private static void atTheEnd() {
        try {
            fail(find(LINKS, LOGS));
            search(LOGS);
            search(TestPostgres.folder());
        } catch (AssertionError leaks) {
            // What fails behind the last test is easily overlooked in a report.
            System.err.println(leaks.getMessage());
            throw leaks;
        }
    }

    /** Fails if any secret that was made so far stands in the folder's files. */
    public static void search(Path folder) {
        fail(find(SECRETS, folder));
    }

    private static void fail(List<String> leaks) {
        if (!leaks.isEmpty()) {
            throw new AssertionError("SECRETS LEAKED:\n" + String.join("\n", leaks));
        }
    }

    /** Where any of the secrets stands in a folder's files, by its first letters. */
    static List<String> find(Set<String> secrets, Path folder) {
        if (secrets.isEmpty() || !Files.isDirectory(folder)) {
            return List.of();
        }
        Starts starts = new Starts(secrets);
        List<String> hits = new ArrayList<>();
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
                            if (about.isRegularFile()
                                    && !KEEPERS.contains(file.getFileName().toString())) {
                                hits.addAll(findIn(file, starts));
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        // A server that goes on removes files and folders under our eyes.
                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException failure)
                                throws IOException {
                            return skipIfGone(failure);
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path visited, @Nullable IOException failure) throws IOException {
                            return failure == null ? FileVisitResult.CONTINUE : skipIfGone(failure);
                        }
                    });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return hits;
    }

    private static FileVisitResult skipIfGone(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }

    /** The secrets by their first eight bytes; most positions are told apart by two of these. */
    private static final class Starts {
        private final Map<Long, List<byte[]>> byStart = new HashMap<>();
        private final boolean[] endings = new boolean[1 << 16];

        Starts(Set<String> secrets) {
            for (String secret : secrets) {
                byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
                long start = start(bytes);
                byStart.computeIfAbsent(start, none -> new ArrayList<>()).add(bytes);
                endings[(int) (start & 0xFFFF)] = true;
            }
        }

        List<byte[]> at(long window) {
            return endings[(int) (window & 0xFFFF)]
                    ? byStart.getOrDefault(window, List.of())
                    : List.of();
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
    private static List<String> findIn(Path file, Starts starts) {
        List<String> hits = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            long window = 0;
            long position = 0;
            for (int next = in.read(); next >= 0; next = in.read()) {
                window = (window << 8) | next;
                position++;
                for (byte[] secret : starts.at(window)) {
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
