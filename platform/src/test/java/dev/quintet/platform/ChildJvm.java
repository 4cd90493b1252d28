package dev.quintet.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JVMs over this test's class path that a test kills as the kernel would. */
public final class ChildJvm {

    private ChildJvm() {}

    public static Process start(Class<?> main, String... arguments) throws IOException {
        return command(main, arguments).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Its standard error goes into a pipe that nobody reads. */
    public static Process withUnreadLog(Class<?> main, String... arguments) throws IOException {
        return command(main, arguments).start();
    }

    private static ProcessBuilder command(Class<?> main, String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** Waits for a line that begins so and gives the rest of it; what follows is dropped. */
    public static String said(Process child, String beginning) throws IOException {
        String rest = next(child, beginning);
        Thread.ofVirtual().start(() -> drop(child.inputReader(UTF_8)));
        return rest;
    }

    /** Waits for a line that begins so and gives the rest of it; the next one can be waited for. */
    public static String next(Process child, String beginning) throws IOException {
        BufferedReader out = child.inputReader(UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(beginning)) {
                return line.substring(beginning.length());
            }
        }
        throw new AssertionError("the child ended before it said '" + beginning + "'");
    }

    private static void drop(BufferedReader out) {
        try {
            while (out.readLine() != null) {
                // nobody waits for it
            }
        } catch (IOException killed) {
            return;
        }
    }

    /** kill -9; returns when it is dead. */
    public static void kill(Process child) throws InterruptedException {
        child.destroyForcibly().waitFor();
    }
}
