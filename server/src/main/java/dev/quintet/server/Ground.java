package dev.quintet.server;

import dev.quintet.platform.Ids;
import dev.quintet.platform.StartRefused;
import dev.quintet.platform.disk.DataDirectory;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.PostgresProcess;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What everything stands on before there is a database: the data directory, the master key, and a
 * running PostgreSQL. Closed last, so that PostgreSQL outlives all that writes to it.
 */
final class Ground implements AutoCloseable {

    private static final int FORCE_THREADS = 4;
    private static final int EMBEDDED_CONNECTIONS = 100;

    final InstantSource time = InstantSource.system();
    final SecureRandom random = new SecureRandom();
    final Ids ids = new Ids(time, random);
    final LocalDisk disk;
    final DataDirectory directory;
    final Keys keys;
    final DatabaseUrl database;
    private final Optional<PostgresProcess> postgres;

    private Ground(LocalDisk disk, DataDirectory directory, QuintetConfig config) {
        this.disk = disk;
        this.directory = directory;
        Optional<DatabaseUrl> external =
                config.database().url().map(url -> DatabaseUrl.parse(url.reveal()));
        this.keys =
                new Keys(
                        masterKey(disk, directory, config, external.isEmpty(), random),
                        List.of(),
                        random);
        this.postgres = external.isPresent() ? Optional.empty() : Optional.of(embedded());
        this.database = external.orElseGet(() -> postgres.orElseThrow().url());
    }

    static Ground open(QuintetConfig config, Path data) {
        LocalDisk disk = new LocalDisk(FORCE_THREADS);
        try {
            DataDirectory directory = directory(disk, data);
            try {
                return new Ground(disk, directory, config);
            } catch (RuntimeException refused) {
                directory.close();
                throw refused;
            }
        } catch (RuntimeException refused) {
            disk.close();
            throw refused;
        }
    }

    private static DataDirectory directory(LocalDisk disk, Path data) {
        try {
            return DataDirectory.open(
                    disk, data, new Ids(InstantSource.system(), new SecureRandom()));
        } catch (DiskFailed unusable) {
            throw new StartRefused(
                    "the data directory cannot be used: "
                            + unusable.getMessage()
                            + "; choose another one by --data",
                    unusable);
        }
    }

    private static MasterKey masterKey(
            Disk disk,
            DataDirectory directory,
            QuintetConfig config,
            boolean embedded,
            SecureRandom random) {
        if (config.security().masterKeyFile().isPresent()) {
            return MasterKey.read(disk, config.security().masterKeyFile().get());
        }
        // With the embedded database a missing key is a new directory, unless there is a cluster
        // that another key sealed.
        boolean mayMake = embedded && !disk.exists(directory.file("postgres").resolve("data"));
        return MasterKey.of(
                config.security().masterKey().map(secret -> secret.reveal()),
                disk,
                directory.file("master.key"),
                mayMake,
                random);
    }

    private PostgresProcess embedded() {
        String password = HexFormat.of().formatHex(keys.derive("postgres", 32));
        return PostgresProcess.start(
                        new PostgresProcess.Settings(
                                directory.file("postgres"),
                                unpacked("postgres"),
                                password,
                                Memory.ofThisProcess().postgresBuffers(),
                                EMBEDDED_CONNECTIONS))
                .keepAlive();
    }

    /** Where a program that comes in a jar is unpacked, once for all servers of this build. */
    static Path unpacked(String program) {
        String home = System.getProperty("quintet.home");
        if (home == null) {
            throw new StartRefused(
                    "start the server by ./quintet serve: it says where the programs are unpacked that it runs");
        }
        return Path.of(home).resolve(program);
    }

    @Override
    public void close() {
        postgres.ifPresent(PostgresProcess::close);
        directory.close();
        disk.close();
    }
}
