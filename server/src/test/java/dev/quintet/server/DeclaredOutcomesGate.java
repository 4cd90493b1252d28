package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quintet.platform.http.Coverage;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Witness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Holds what the tests of all modules produced against what the whole server declares: each route
 * must have been answered, each of its refusals given. Runs after all other tests, in an execution
 * of its own, and only speaks when this build ran all of them.
 */
final class DeclaredOutcomesGate {

    private static final Path MODULES = Path.of("..").toAbsolutePath().normalize();

    @TempDir Path data;

    @Test
    void each_declared_route_and_refusal_was_produced_by_some_test() throws Exception {
        Coverage coverage = new Coverage();
        Set<String> idle = new TreeSet<>();
        for (Path module : modulesWithTests()) {
            List<String> lines = linesOfThisBuild(module);
            coverage.add(lines);
            List<String> unrun =
                    testClasses(module).stream()
                            .filter(type -> !lines.contains(Witness.RAN + type))
                            .toList();
            if (!unrun.isEmpty()) {
                idle.add(
                        unrun.size()
                                + " of "
                                + module.getFileName()
                                + " ("
                                + unrun.getFirst()
                                + ")");
            }
        }
        if (!idle.isEmpty()) {
            String why =
                    "SKIPPED: declared outcomes were not compared, this build left out test classes: "
                            + String.join(", ", idle);
            System.out.println(why);
            abort(why);
        }
        assertThat(coverage.missing(declared())).as("declared, and produced by no test").isEmpty();
    }

    private List<Route> declared() throws Exception {
        try (LiveServer server = LiveServer.start(data, Map.of())) {
            return server.quintet().routes();
        }
    }

    private static List<Path> modulesWithTests() throws IOException {
        try (Stream<Path> folders = Files.list(MODULES)) {
            return folders.filter(DeclaredOutcomesGate::hasTheWitness).toList();
        }
    }

    /** Platform, which makes the test jar, and who stands on it and is tested before this gate. */
    private static boolean hasTheWitness(Path module) {
        if (module.endsWith("bench")) {
            // Meets the packaged server from outside.
            return false;
        }
        try {
            Path pom = module.resolve("pom.xml");
            return Files.isDirectory(module.resolve("src/test/java"))
                    && Files.exists(pom)
                    && Files.readString(pom).contains("test-jar");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> linesOfThisBuild(Path module) throws IOException {
        Path folder = module.resolve(Witness.FOLDER).resolve(Witness.build());
        List<String> lines = new ArrayList<>();
        if (!Witness.build().isEmpty() && Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    lines.addAll(Files.readAllLines(file));
                }
            }
        }
        return lines;
    }

    /** All that the build would run: top-level classes named {@code *Test} in the sources. */
    private static Set<String> testClasses(Path module) throws IOException {
        Path sources = module.resolve("src/test/java");
        try (Stream<Path> files = Files.walk(sources)) {
            Set<String> names = new TreeSet<>();
            files.map(file -> sources.relativize(file).toString())
                    .filter(file -> file.endsWith("Test.java"))
                    .map(file -> file.substring(0, file.length() - 5).replace('/', '.'))
                    .forEach(names::add);
            return names;
        }
    }
}
