package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A real balancer over the configuration that {@code deploy/} gives, at other ports. */
public final class Balancer implements AutoCloseable {

    /** Which one. */
    public enum Kind {
        NGINX("nginx", "nginx.conf"),
        HAPROXY("haproxy", "haproxy.cfg");

        private final String program;
        private final String file;

        Kind(String program, String file) {
            this.program = program;
            this.file = file;
        }

        /** Where it is installed, if it is. */
        public Optional<Path> installed() {
            return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
                    .map(folder -> Path.of(folder, program))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
    }

    private static final Duration READY = Duration.ofSeconds(20);

    private final Process process;
    private final URI base;

    private Balancer(Process process, URI base) {
        this.process = process;
        this.base = base;
    }

    static Balancer start(Kind kind, Checkout checkout, Path folder, int one, int two) {
        int port = freePort();
        try {
            String text =
                    Files.readString(checkout.home().resolve("deploy").resolve(kind.file))
                            .replace("127.0.0.1:8080", "127.0.0.1:" + one)
                            .replace("127.0.0.1:8081", "127.0.0.1:" + two)
                            .replace("listen 80;", "listen 127.0.0.1:" + port + ";")
                            .replace("bind 127.0.0.1:80\n", "bind 127.0.0.1:" + port + "\n");
            Files.createDirectories(folder);
            Path config = Files.writeString(folder.resolve(kind.file), text);
            Process process =
                    new ProcessBuilder(command(kind, config, folder))
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve(kind.program + ".log").toFile())
                            .start();
            return new Balancer(process, URI.create("http://127.0.0.1:" + port));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<String> command(Kind kind, Path config, Path folder) {
        List<String> command = new ArrayList<>(List.of(kind.installed().orElseThrow().toString()));
        switch (kind) {
            case NGINX -> {
                String user = System.getProperty("user.name");
                command.addAll(
                        List.of(
                                "-c",
                                config.toString(),
                                "-p",
                                folder.toString(),
                                "-g",
                                "daemon off; pid %s/nginx.pid; error_log %s/error.log warn;%s"
                                        .formatted(
                                                folder,
                                                folder,
                                                user.equals("root") ? " user root;" : "")));
            }
            case HAPROXY -> command.addAll(List.of("-db", "-f", config.toString()));
        }
        return command;
    }

    URI base() {
        return base;
    }

    /** Until it leads to a node that is ready. */
    void awaitReady() {
        long giveUp = System.nanoTime() + READY.toNanos();
        while (!leadsToReady()) {
            if (System.nanoTime() > giveUp) {
                throw new IllegalStateException(base + " does not lead to a ready node");
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    private boolean leadsToReady() {
        try (Wire wire = new Wire(base)) {
            return wire.exchange(Wire.request("GET", "/health/ready", Map.of(), new byte[0]))
                            .status()
                    == 200;
        } catch (RuntimeException notYet) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
