package dev.quintet.platform.http;

import dev.quintet.platform.SecretWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sees every exchange of a module's tests, and tells {@link SecretWatch} of the secrets that were
 * given out. An answer that differs from what its route declares fails the test in which it was
 * given; what was produced is written to {@code target/http-coverage/<build>}, with the test
 * classes that ran, for whoever knows all routes. Registered for all tests by {@code
 * META-INF/services}; {@link TestWeb} gives it to its server, and who builds another {@link Web}
 * passes {@link #ofTheRun}.
 */
public final class Witness implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    /** Where each build's files lie in a module. */
    public static final Path FOLDER = Path.of("target", "http-coverage");

    /** Begins the line of a test class that ran; all other lines are outcomes. */
    public static final String RAN = "ran\t";

    // One JVM is one module's run: all its classes add to this, the end writes it.
    private static final Coverage COVERAGE = new Coverage();
    private static final AnswerCheck CHECK = new AnswerCheck();
    private static final Queue<String> FAULTS = new ConcurrentLinkedQueue<>();
    private static final Set<String> CLASSES = ConcurrentHashMap.newKeySet();

    /** The observer that every server of a test has. */
    public static Observer ofTheRun() {
        return Witness::saw;
    }

    /** This build's name, which Maven gives; empty where it does not run the tests. */
    public static String build() {
        return System.getProperty("quintet.build", "");
    }

    private static void saw(Observer.Seen seen) {
        COVERAGE.saw(seen);
        if (seen.refusal().isEmpty()) {
            seen.body().map(JsonMapper.shared()::readTree).ifPresent(SecretWatch::madeIn);
        }
        FAULTS.addAll(CHECK.differences(seen));
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getTestClass().ifPresent(type -> CLASSES.add(type.getName()));
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(Witness.class, first -> (AutoCloseable) Witness::atTheEnd);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        failOnFaults();
    }

    /** An answer is told after it is sent, so a test's last one may come late. */
    @Override
    public void afterAll(ExtensionContext context) {
        failOnFaults();
    }

    static void failOnFaults() {
        List<String> faults = new ArrayList<>();
        for (String fault = FAULTS.poll(); fault != null; fault = FAULTS.poll()) {
            faults.add(fault);
        }
        if (!faults.isEmpty()) {
            throw new AssertionError(
                    "answers differ from what their routes declare:\n" + String.join("\n", faults));
        }
    }

    private static void atTheEnd() {
        failOnFaults();
        if (build().isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>(COVERAGE.outcomes());
        CLASSES.forEach(type -> lines.add(RAN + type));
        try {
            forgetOtherBuilds();
            Path folder = Files.createDirectories(FOLDER.resolve(build()));
            Files.write(folder.resolve(ProcessHandle.current().pid() + ".txt"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void forgetOtherBuilds() throws IOException {
        if (!Files.isDirectory(FOLDER)) {
            return;
        }
        try (Stream<Path> all = Files.walk(FOLDER)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!FOLDER.relativize(file).startsWith(build())) {
                    Files.delete(file);
                }
            }
        }
    }
}
