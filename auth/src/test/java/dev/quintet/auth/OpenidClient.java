package dev.quintet.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.SecretWatch;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The script {@code src/test/node/judge.js} in a process of its own. */
final class OpenidClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path FOLDER = Path.of("src/test/node");
    private static final int FLOOR = 20;

    private OpenidClient() {}

    /**
     * @param settings with secrets, so they go over standard input: all may read a command line
     * @return what it printed
     */
    static JsonNode judge(Map<String, Object> settings) {
        try {
            Process script = start(program().orElseThrow().toString(), "judge.js");
            try (OutputStream in = script.getOutputStream()) {
                in.write(JSON.writeValueAsBytes(settings));
            }
            JsonNode said = JSON.readTree(output(script));
            SecretWatch.madeIn(said.path("tokens"));
            said.path("cookies").forEach(cookie -> SecretWatch.made(cookie.asString()));
            said.path("code").asStringOpt().ifPresent(SecretWatch::made);
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process start(String... command) throws IOException {
        return new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    private static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "node"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<String> missing() {
        Optional<Path> program = program();
        if (program.isEmpty() || release(program.get()) < FLOOR) {
            return Optional.of("no Node.js " + FLOOR + " or newer found");
        }
        return Files.isDirectory(FOLDER.resolve("node_modules/openid-client"))
                ? Optional.empty()
                : Optional.of("it is not installed (run 'npm ci' in auth/src/test/node)");
    }

    private static int release(Path program) {
        try {
            String version = output(start(program.toString(), "--version"));
            return Integer.parseInt(version.replaceFirst("^v(\\d+)\\..*\\s*$", "$1"));
        } catch (IOException | NumberFormatException unusable) {
            return 0;
        }
    }

    /** Without Node.js or the library each test counts as skipped, and one line says so. */
    static final class Condition implements ExecutionCondition {

        private static final Optional<String> MISSING = missing();

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (MISSING.isEmpty() || context.getTestMethod().isEmpty()) {
                return ConditionEvaluationResult.enabled("openid-client");
            }
            context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(OpenidClient.class))
                    .computeIfAbsent(
                            "said",
                            key -> {
                                System.out.println("SKIPPED: openid-client: " + MISSING.get());
                                return true;
                            });
            return ConditionEvaluationResult.disabled(MISSING.get());
        }
    }
}
