package dev.quintet.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One server and one Chromium for all browser tests of a run; a test asks for them as a parameter.
 * Without a Chromium each of the tests counts as skipped, and one line says so.
 */
record Face(LiveServer server, Chromium chromium, Path data) implements AutoCloseable {

    static final String ADMIN = "admin@quintet.test";

    static Face open(Path program) throws Exception {
        Path data = Files.createTempDirectory("quintet-face");
        LiveServer server = LiveServer.start(data, Map.of());
        server.user("Grace Admin", ADMIN, "admin");
        return new Face(server, Chromium.launch(program), data);
    }

    Visitor visitor() {
        return chromium.visitor(server);
    }

    /** Somebody who may sign in; returns the id. */
    String person(String name, String email) throws Exception {
        return server.user(name, email);
    }

    @Override
    public void close() throws IOException {
        chromium.close();
        server.close();
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Hands the run's one face to the tests. */
    static final class Extension implements ExecutionCondition, ParameterResolver {

        private static final ExtensionContext.Namespace RUN =
                ExtensionContext.Namespace.create(Face.class);
        private static final Optional<Path> PROGRAM = Chromium.installed();

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (PROGRAM.isPresent() || context.getTestMethod().isEmpty()) {
                return ConditionEvaluationResult.enabled("Chromium");
            }
            context.getRoot()
                    .getStore(RUN)
                    .computeIfAbsent(
                            "said",
                            key -> {
                                System.out.println(
                                        "SKIPPED: browser tests: no Chromium found (install"
                                                + " 'chromium' and run again)");
                                return true;
                            });
            return ConditionEvaluationResult.disabled("no Chromium found");
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Face.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot().getStore(RUN).computeIfAbsent(Face.class, key -> opened());
        }

        private static Face opened() {
            try {
                return Face.open(PROGRAM.orElseThrow());
            } catch (Exception e) {
                throw new IllegalStateException("the server or the browser did not start", e);
            }
        }
    }
}
