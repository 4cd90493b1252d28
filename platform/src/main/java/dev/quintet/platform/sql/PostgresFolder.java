package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.disk.LocalDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The folder of one embedded cluster: {@code data} (PostgreSQL's own), {@code log}, and while it is
 * being made {@code staging}.
 */
final class PostgresFolder {

    // Above every pid there is: PostgreSQL then looks at the shared memory alone.
    private static final int NOBODY = Integer.MAX_VALUE;
    private static final int LOG_SHOWN = 1500;

    private final Path home;

    private PostgresFolder(Path home) {
        this.home = home;
    }

    /** A running postmaster of this folder, as its {@code postmaster.pid} names it. */
    record Postmaster(long pid, int port) {}

    static PostgresFolder in(Path home) {
        try {
            Files.createDirectories(home);
            return new PostgresFolder(home.toRealPath());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot make the folder " + home, failure);
        }
    }

    Path data() {
        return home.resolve("data");
    }

    Path log() {
        return home.resolve("log");
    }

    boolean holdsCluster() {
        return Files.exists(data().resolve("PG_VERSION"));
    }

    /** Makes the cluster beside its place and moves it in whole: half of one is never started. */
    void initialise(PostgresBinaries programs, Unprivileged runner, String password) {
        Path staging = home.resolve("staging");
        Path secret = staging.resolve("password");
        try {
            PostgresBinaries.delete(staging);
            Files.createDirectory(staging);
            Files.createFile(
                    secret,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            giveToOwner(staging);
            giveToOwner(secret);
            Files.writeString(secret, password);
            Unprivileged.Outcome made;
            try {
                made =
                        runner.run(
                                home,
                                programs.program("initdb"),
                                "--pgdata=" + staging.resolve("data"),
                                "--username=" + PostgresProcess.USER,
                                "--auth=scram-sha-256",
                                "--pwfile=" + secret,
                                // Rounds slow down guessing; nobody guesses 256 random bits, and
                                // each of our connections would pay for them.
                                "--set=scram_iterations=1",
                                "--encoding=UTF8",
                                "--locale-provider=builtin",
                                "--builtin-locale=C.UTF-8",
                                "--locale=C");
            } finally {
                Files.delete(secret);
            }
            if (made.status() != 0) {
                throw new StartRefused(
                        "PostgreSQL could not make its files in " + home + ": " + made.output());
            }
            Files.move(staging.resolve("data"), data(), StandardCopyOption.ATOMIC_MOVE);
            // A power cut must not take the name back: the next start would make a new cluster.
            try (LocalDisk disk = new LocalDisk(1)) {
                disk.forceFolder(home);
            }
            PostgresBinaries.delete(staging);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot make a cluster in " + home, failure);
        }
    }

    /** The identity that initdb gave the cluster: the first eight bytes of its control file. */
    long systemIdentifier() {
        try (var control = Files.newInputStream(data().resolve("global/pg_control"))) {
            return ByteBuffer.wrap(control.readNBytes(8)).order(ByteOrder.nativeOrder()).getLong();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read pg_control in " + data(), failure);
        }
    }

    /** The postmaster of this folder, if the process that the pid file names is really one. */
    Optional<Postmaster> postmaster() {
        List<String> lines = pidFile();
        if (lines.size() < 4 || !lines.getFirst().strip().matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        long pid = Long.parseLong(lines.get(0).strip());
        int port = Integer.parseInt(lines.get(3).strip());
        return runsHere(pid) ? Optional.of(new Postmaster(pid, port)) : Optional.empty();
    }

    /**
     * Takes a pid that is now another program's out of the pid file. The rest stays: by its shared
     * memory key PostgreSQL refuses to start while a child of the dead postmaster still writes.
     */
    void disarmStalePidFile() {
        List<String> lines = pidFile();
        StringBuilder disarmed = new StringBuilder(Integer.toString(NOBODY)).append('\n');
        lines.stream().skip(1).forEach(line -> disarmed.append(line).append('\n'));
        Path file = data().resolve("postmaster.pid");
        try {
            if (lines.isEmpty()) {
                // A power cut leaves it empty, and PostgreSQL refuses to start beside that.
                Files.deleteIfExists(file);
                return;
            }
            Files.writeString(file, disarmed);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot correct the stale " + file, failure);
        }
    }

    void truncateLog() {
        try {
            Files.writeString(log(), "");
            giveToOwner(log());
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot write " + log(), failure);
        }
    }

    String logTail() {
        try {
            String all = Files.readString(log(), StandardCharsets.UTF_8).strip();
            return all.substring(Math.max(0, all.length() - LOG_SHOWN));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + log(), failure);
        }
    }

    private List<String> pidFile() {
        try {
            return Files.readAllLines(data().resolve("postmaster.pid"), StandardCharsets.UTF_8);
        } catch (NoSuchFileException notRunning) {
            return List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read postmaster.pid in " + data(), failure);
        }
    }

    // A pid is reused: only a 'postgres' whose arguments name this folder is ours.
    private boolean runsHere(long pid) {
        Path file = Path.of("/proc", Long.toString(pid), "cmdline");
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().commandLine())
                    .filter(line -> line.contains("postgres") && line.contains(data().toString()))
                    .isPresent();
        }
        try {
            List<String> words =
                    Arrays.asList(Files.readString(file, StandardCharsets.UTF_8).split("\0"));
            return words.getFirst().endsWith("/postgres") && words.contains(data().toString());
        } catch (IOException gone) {
            return false;
        }
    }

    private void giveToOwner(Path path) throws IOException {
        if (!Files.getOwner(path).equals(Files.getOwner(home))) {
            Files.setOwner(path, Files.getOwner(home));
        }
    }
}
