package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One real {@code ./quintet serve} over a data directory, in a session of its own: it is asked,
 * measured, ended and killed as operators and accidents do it. Close kills what still runs.
 */
public final class QuintetProcess implements AutoCloseable {

    /** Who is killed at once, with SIGKILL. */
    public enum Victim {
        SERVER,
        POSTGRES,
        GROUP
    }

    private static final Duration START = Duration.ofMinutes(5);
    private static final Duration DEATH = Duration.ofSeconds(30);
    private static final int KEPT_LINES = 200;

    /**
     * What stays the same when the server is started again.
     *
     * @param environment on top of this process's own, from which every QUINTET_* is taken out
     * @param only the systems that run, as {@code --only} takes them; empty is all
     * @param log where all that it writes is added, if anywhere
     */
    public record Settings(
            Checkout checkout,
            Path data,
            int port,
            int s3Port,
            Map<String, String> environment,
            String only,
            Optional<Path> log) {

        public Settings {
            data = data.toAbsolutePath().normalize();
            environment = Map.copyOf(environment);
        }

        /** All five systems over the directory, on two free ports that stay. */
        public static Settings over(Path data) {
            return new Settings(
                    Checkout.find(), data, freePort(), freePort(), Map.of(), "", Optional.empty());
        }

        public Settings with(String variable, String value) {
            Map<String, String> more = new HashMap<>(environment);
            more.put(variable, value);
            return new Settings(checkout, data, port, s3Port, more, only, log);
        }

        public Settings log(Path file) {
            return new Settings(checkout, data, port, s3Port, environment, only, Optional.of(file));
        }

        public Settings only(String systems) {
            return new Settings(checkout, data, port, s3Port, environment, systems, log);
        }
    }

    private final Settings settings;
    private final Process process;
    private final ConcurrentLinkedDeque<String> output = new ConcurrentLinkedDeque<>();
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
    private Duration toReady = Duration.ZERO;

    private QuintetProcess(Settings settings, Process process) {
        this.settings = settings;
        this.process = process;
    }

    /** Starts the launcher and waits for the first 200 of {@code /health/ready}. */
    public static QuintetProcess start(Settings settings) {
        return start(settings, true);
    }

    /** Its standard error goes into a pipe that nobody reads. */
    static QuintetProcess startWithUnreadLog(Settings settings) {
        return start(settings, false);
    }

    private static QuintetProcess start(Settings settings, boolean logIsRead) {
        settings.checkout().requireBuilt();
        // setsid becomes the launcher, which becomes the server: one process id for all three.
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setsid",
                                settings.checkout().launcher().toString(),
                                "serve",
                                "--port",
                                String.valueOf(settings.port()),
                                "--data",
                                settings.data().toString()));
        if (!settings.only().isEmpty()) {
            command.addAll(List.of("--only", settings.only()));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(logIsRead);
        builder.environment().keySet().removeIf(name -> name.startsWith("QUINTET_"));
        builder.environment().put("QUINTET_FILES_S3_PORT", String.valueOf(settings.s3Port()));
        builder.environment().putAll(settings.environment());
        try {
            long began = System.nanoTime();
            QuintetProcess started = new QuintetProcess(settings, builder.start());
            Thread.ofVirtual().start(started::listen);
            started.awaitReady(began);
            return started;
        } catch (IOException noLauncher) {
            throw new UncheckedIOException(noLauncher);
        }
    }

    /** From the command to the first 200. */
    public Duration toReady() {
        return toReady;
    }

    public URI base() {
        return URI.create("http://127.0.0.1:" + settings.port());
    }

    /** The key with all rights that the first start left in the data directory. */
    public String adminKey() {
        try {
            return Files.readString(settings.data().resolve("admin.key")).strip();
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /** The latest lines that the server wrote, oldest first. */
    public List<String> output() {
        return List.copyOf(output);
    }

    public long pid() {
        return process.pid();
    }

    /** The postmaster that the data directory names, while it runs. */
    public Optional<Long> postmaster() {
        return postmasterLine(0).map(Long::parseLong).filter(this::isPostmaster);
    }

    // After a crash the number in the file may be another program's.
    private boolean isPostmaster(long pid) {
        try {
            return new Processes(pid).isAlive()
                    && Files.readString(Path.of("/proc/" + pid + "/cmdline"), ISO_8859_1)
                            .contains(settings.data() + "/postgres");
        } catch (IOException gone) {
            return false;
        }
    }

    /** The embedded database, entered by what the master key of the data directory says. */
    public DatabaseUrl embeddedDatabase() {
        try {
            MasterKey master =
                    MasterKey.parse(
                            Files.readString(settings.data().resolve("master.key")).strip());
            Keys keys = new Keys(master, List.of(), new SecureRandom());
            String password = HexFormat.of().formatHex(keys.derive("postgres", 32));
            String port =
                    postmasterLine(3)
                            .orElseThrow(() ->
                                    new IllegalStateException(
                                            "no embedded PostgreSQL in " + settings.data()));
            return new DatabaseUrl(
                    "jdbc:postgresql://127.0.0.1:" + port + "/quintet", "quintet", password);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /** What a database says of a setting; without fsync every figure would be void. */
    public static String show(DatabaseUrl database, String setting) {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var shown = statement.executeQuery("show " + setting)) {
            shown.next();
            return shown.getString(1);
        } catch (SQLException failed) {
            throw new IllegalStateException("the database does not show " + setting, failed);
        }
    }

    /** SIGTERM, then the exit status; empty when it still ran after the given time. */
    public Optional<Integer> stop(Duration within) {
        process.destroy();
        try {
            return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)
                    ? Optional.of(process.exitValue())
                    : Optional.empty();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** SIGKILL to all of the victim in one call; returns when they are gone. */
    public void kill(Victim victim) {
        List<Long> pids = new ArrayList<>();
        if (victim != Victim.POSTGRES && process.isAlive()) {
            pids.add(pid());
            pids.addAll(new Processes(pid()).below());
        }
        if (victim != Victim.SERVER) {
            postmaster()
                    .ifPresent(pid -> {
                        pids.add(pid);
                        pids.addAll(new Processes(pid).below());
                    });
        }
        if (pids.isEmpty()) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("kill", "-KILL"));
        pids.forEach(pid -> command.add(pid.toString()));
        try {
            // A child may have ended by itself since: then the status is 1 and all the same is
            // well.
            new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException("kill", failed);
        }
        awaitGone(pids);
    }

    @Override
    public void close() {
        kill(Victim.GROUP);
    }

    private void listen() {
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
                BufferedWriter log = openLog()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.write(line);
                log.newLine();
                output.add(line);
                if (output.size() > KEPT_LINES) {
                    output.poll();
                }
                if (line.startsWith("quintet ready at ")) {
                    ready.complete(true);
                }
            }
        } catch (IOException killed) {
            output.add("(its output broke off: " + killed.getMessage() + ")");
        }
        ready.complete(false);
    }

    private BufferedWriter openLog() throws IOException {
        return settings.log().isPresent()
                ? Files.newBufferedWriter(
                        settings.log().get(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                : new BufferedWriter(Writer.nullWriter());
    }

    private void awaitReady(long began) {
        try {
            if (!ready.completeOnTimeout(false, START.toMillis(), TimeUnit.MILLISECONDS).join()) {
                throw new IllegalStateException(
                        "the server did not get ready: " + String.join("\n", output));
            }
            try (Wire wire = new Wire(base())) {
                wire.exchange(Wire.request("GET", "/health/ready", Map.of(), new byte[0]))
                        .require(200);
            }
            toReady = Duration.ofNanos(System.nanoTime() - began);
        } catch (RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private Optional<String> postmasterLine(int line) {
        Path file = settings.data().resolve("postgres/data/postmaster.pid");
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.size() > line ? Optional.of(lines.get(line).strip()) : Optional.empty();
        } catch (IOException noneRuns) {
            return Optional.empty();
        }
    }

    private static void awaitGone(List<Long> pids) {
        long giveUp = System.nanoTime() + DEATH.toNanos();
        while (pids.stream().anyMatch(pid -> new Processes(pid).isAlive())) {
            if (System.nanoTime() > giveUp) {
                throw new IllegalStateException("still alive after SIGKILL: " + pids);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }
}
