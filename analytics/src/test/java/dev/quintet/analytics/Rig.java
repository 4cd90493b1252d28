package dev.quintet.analytics;

import dev.quintet.analytics.lake.Doubling;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeWriter;
import dev.quintet.analytics.lake.Subject;
import dev.quintet.analytics.lake.TestEngine;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.sql.TestDatabase;
import dev.quintet.platform.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Analytics on real parts over a folder and a database that outlive it, so that it can be killed.
 */
final class Rig implements ClientList.Api, AutoCloseable {

    static final UUID OTHER = new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0002L);

    static final Caller US =
            new Caller("key:us", Caller.ROOT, Optional.empty(), Set.of(Scope.ADMIN));
    static final Caller THEM = new Caller("key:them", OTHER, Optional.empty(), Set.of(Scope.ADMIN));

    final Path folder;
    final Database database;
    final DatabaseUrl url;
    final InstantSource time;
    final LocalDisk disk = new LocalDisk(2);
    final EventLog log;
    final Analytics analytics;
    private final AtomicInteger loaders = new AtomicInteger();

    Rig(Path folder, TestDatabase database, InstantSource time) {
        this(folder, database, time, LocalEventLog.Bounds.DEFAULT);
    }

    Rig(Path folder, Database database, DatabaseUrl url, InstantSource time) {
        this(
                folder,
                database,
                url,
                time,
                LocalEventLog.Bounds.DEFAULT,
                UnaryOperator.identity(),
                Settings.defaults(AnalyticsConfig.class));
    }

    Rig(Path folder, TestDatabase database, InstantSource time, LocalEventLog.Bounds bounds) {
        this(
                folder,
                database,
                time,
                bounds,
                UnaryOperator.identity(),
                Settings.defaults(AnalyticsConfig.class));
    }

    /**
     * @param trouble makes the log's disk of a good one
     */
    Rig(
            Path folder,
            TestDatabase database,
            InstantSource time,
            LocalEventLog.Bounds bounds,
            UnaryOperator<Disk> trouble,
            AnalyticsConfig config) {
        this(folder, database.database(), database.url(), time, bounds, trouble, config);
    }

    private Rig(
            Path folder,
            Database database,
            DatabaseUrl url,
            InstantSource time,
            LocalEventLog.Bounds bounds,
            UnaryOperator<Disk> trouble,
            AnalyticsConfig config) {
        this(
                folder,
                database,
                url,
                time,
                config,
                disk -> {
                    Disk under = trouble.apply(disk);
                    return new LocalEventLog(
                            under, folder.resolve("log"), bounds, DiskGuard.of(under, folder));
                });
    }

    /** Over a log of another engine. */
    Rig(Path folder, TestDatabase database, InstantSource time, EventLog log) {
        this(
                folder,
                database.database(),
                database.url(),
                time,
                Settings.defaults(AnalyticsConfig.class),
                disk -> log);
    }

    private Rig(
            Path folder,
            Database database,
            DatabaseUrl url,
            InstantSource time,
            AnalyticsConfig config,
            Function<Disk, EventLog> engine) {
        this.folder = folder;
        this.database = database;
        this.url = url;
        this.time = time;
        this.log = engine.apply(disk);
        this.analytics =
                new Analytics(
                        database,
                        log,
                        disk,
                        folder.resolve("lake"),
                        TestEngine.FILES,
                        keys(),
                        new SecureRandom(),
                        time,
                        config,
                        DataSize.mebibytes(256));
    }

    /** The write key of a new source of ours. */
    String source(String name) {
        return source(US, name);
    }

    String source(Caller whose, String name) {
        return database.tx(tx -> made(tx, whose, name)).writeKey().reveal();
    }

    private Sources.Created made(Tx tx, Caller whose, String name) {
        return analytics.sources().create(tx, whose, "", name, AllowedOrigins.ALL_PAGES);
    }

    /** Takes a batch, as a request of that source. */
    void take(String writeKey, byte[] batch) {
        analytics.take(Call.BATCH, Optional.of(writeKey), batch, anybody -> {});
    }

    void take(String writeKey, String batch) {
        take(writeKey, batch.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public long number(String sql) {
        return analytics.query(US, sql, Optional.empty()).rows().getFirst().getFirst().longValue();
    }

    @Override
    public Balance ledger() {
        return analytics.ledger(US);
    }

    Idempotency idempotency() {
        return new Idempotency(database, new Once(database, keys()));
    }

    /** A loader whose steps a test drives; it takes over from any other. */
    Loader loader() {
        AnalyticsStore store = new AnalyticsStore(database);
        Lake lake = lake();
        LakeWriter writer =
                new LakeWriter(
                        lake,
                        TestEngine.FILES,
                        folder.resolve("loader-" + loaders.incrementAndGet()),
                        DataSize.mebibytes(128),
                        new Doubling(Duration.ofMinutes(1), Duration.ofMinutes(1)));
        return new Loader(log, lake, writer, store, new SeenIds(100_000), time.instant());
    }

    /** All steps of an erasure, each as small as can be. */
    static void erase(Loader loader, UUID organisation, String user) {
        Set<Subject> subjects = Set.of(new Subject(Subject.Kind.USER, user));
        boolean done = false;
        while (!done) {
            done = loader.erase(organisation, subjects, new DataSize(1));
        }
    }

    Lake lake() {
        return new Lake(disk, folder.resolve("lake"), time, url);
    }

    static Keys keys() {
        return new Keys(MasterKey.parse("0".repeat(64)), List.of(), new SecureRandom());
    }

    @Override
    public void close() {
        analytics.close();
        log.close();
        disk.close();
        SecretWatch.search(folder);
    }
}
