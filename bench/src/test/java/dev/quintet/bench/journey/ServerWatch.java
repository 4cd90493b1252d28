package dev.quintet.bench.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.bench.QuintetProcess;
import dev.quintet.platform.Pins;
import dev.quintet.platform.SecretWatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Has every process of the server record the virtual threads that hold their carrier, log all that
 * it can, and notes each secret that it gives out.
 */
final class ServerWatch implements Watch {

    private static final String PINNED =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="jdk.VirtualThreadPinned">
                <setting name="enabled">true</setting>
                <setting name="stackTrace">true</setting>
                <setting name="threshold">20 ms</setting>
              </event>
            </configuration>
            """;

    private final Path folder;
    private final List<Path> recordings = Collections.synchronizedList(new ArrayList<>());

    ServerWatch(Path folder) {
        this.folder = folder;
    }

    @Override
    public QuintetProcess.Settings over(QuintetProcess.Settings usual) {
        return usual.with("QUINTET_TELEMETRY_LOG_LEVEL", "trace").log(folder.resolve("server.log"));
    }

    @Override
    public void started(QuintetProcess server) {
        SecretWatch.made(server.adminKey());
        try {
            Path events = Files.writeString(folder.resolve("pinned.jfc"), PINNED);
            jcmd(server, "JFR.start", "settings=" + events);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void ending(QuintetProcess server) {
        Path file = folder.resolve("pinned-" + recordings.size() + ".jfr");
        jcmd(server, "JFR.dump", "filename=" + file);
        recordings.add(file);
    }

    @Override
    public void answered(JsonNode answer) {
        SecretWatch.madeIn(answer);
    }

    /** Fails when the same frame of ours held its carrier often in any one of the recordings. */
    void requireNoPins(int expected) throws IOException {
        assertThat(recordings).hasSize(expected);
        for (Path recording : recordings) {
            Pins.recorded(recording).close();
        }
    }

    private static void jcmd(QuintetProcess server, String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        command.add(String.valueOf(server.pid()));
        command.addAll(List.of(words));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }
}
