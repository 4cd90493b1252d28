package dev.quintet.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stock centrifuge-js, which leaves in its handler while it recovers, loses nothing. */
final class CentrifugeJsTest {

    private static final Path FOLDER = Path.of("src/test/node").toAbsolutePath();

    private final Stage stage = new Stage();
    private final Stage.Node node = stage.node();
    private final Stage.Person ada = stage.person();
    private final UUID room = stage.group(node, ada);

    @BeforeEach
    void requireJudge() {
        boolean there = Files.isDirectory(FOLDER.resolve("node_modules/centrifuge"));
        if (!there || program().isEmpty()) {
            System.out.println(
                    "SKIPPED: centrifuge-js: Node.js 20 and 'npm ci' in chat/src/test/node are needed");
        }
        assumeTrue(there && program().isPresent(), "centrifuge-js is not installed");
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void a_subscription_that_is_left_in_its_handler_goes_on_where_it_was() throws Exception {
        say(1, 6);
        assertThat(judge("subscription", () -> {})).isEqualTo("[2,3,4,5,6]");
    }

    @Test
    void a_client_that_leaves_in_its_handler_goes_on_where_it_was() throws Exception {
        say(1, 1);
        assertThat(judge("server", () -> say(2, 6))).isEqualTo("[2,3,4,5,6]");
    }

    private void say(int from, int to) {
        for (int number = from; number <= to; number++) {
            node.chat.send(ada.caller(), room, "n" + number, "text", List.of());
        }
    }

    private String judge(String mode, Runnable meanwhile) throws IOException {
        String epoch = node.chat.after(ada.caller(), room, 0, 0).room().epoch();
        Process process =
                new ProcessBuilder(
                                program().orElseThrow().toString(),
                                FOLDER.resolve("judge.js").toString(),
                                mode,
                                node.address(),
                                ada.token(),
                                Room.channel(room),
                                epoch)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = process.inputReader(UTF_8)) {
            String line = String.valueOf(out.readLine());
            if (line.equals("ready")) {
                meanwhile.run();
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                line = String.valueOf(out.readLine());
            }
            return line;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, "node"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
