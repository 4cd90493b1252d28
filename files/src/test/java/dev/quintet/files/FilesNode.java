package dev.quintet.files;

import dev.quintet.files.http.FilesRoutes;
import dev.quintet.files.http.TusRoutes;
import dev.quintet.files.s3.S3Door;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.blobs.Blobs;
import dev.quintet.platform.blobs.LocalBlobs;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.http.Door;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.Database;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Files alone, behind real sockets: the main door and the S3 door, on a given database and disk.
 */
final class FilesNode implements AutoCloseable {

    static final UUID ADA = new UUID(0x7000, 0xA);
    static final UUID BOB = new UUID(0x7000, 0xB);
    static final UUID OTHER_ORGANISATION = new UUID(0x7000, 0xC);

    /** Bearers and whom they stand for. */
    static final Map<String, Caller> CALLERS =
            Map.of(
                    "server",
                            caller(
                                    "key:server",
                                    Caller.ROOT,
                                    Optional.empty(),
                                    Scope.FILES_READ,
                                    Scope.FILES_WRITE),
                    "ada",
                            caller(
                                    "session:ada",
                                    Caller.ROOT,
                                    Optional.of(ADA),
                                    Scope.FILES_READ,
                                    Scope.FILES_WRITE),
                    "bob",
                            caller(
                                    "session:bob",
                                    Caller.ROOT,
                                    Optional.of(BOB),
                                    Scope.FILES_READ,
                                    Scope.FILES_WRITE),
                    "reader", caller("key:reader", Caller.ROOT, Optional.empty(), Scope.FILES_READ),
                    "writer",
                            caller("key:writer", Caller.ROOT, Optional.empty(), Scope.FILES_WRITE),
                    "chatter",
                            caller("key:chatter", Caller.ROOT, Optional.empty(), Scope.CHAT_WRITE),
                    "foreign",
                            caller(
                                    "key:foreign",
                                    OTHER_ORGANISATION,
                                    Optional.empty(),
                                    Scope.ADMIN));

    private static final String MASTER =
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    final Blobs blobs;
    final Keys keys;
    final Files files;
    private final TestWeb web;
    final Door main;
    final Door s3;

    FilesNode(Database db, Blobs blobs, InstantSource time, FilesConfig config) {
        SecureRandom random = new SecureRandom();
        Ids ids = new Ids(time, random);
        this.blobs = blobs;
        keys = new Keys(MasterKey.parse(MASTER), List.of(), random);
        files = new Files(db, blobs, keys, ids, time, random, config);
        web =
                TestWeb.of(
                        bearer -> Optional.ofNullable(CALLERS.get(bearer)),
                        new TusRoutes(files).routes(),
                        new FilesRoutes(files).routes());
        main = web.door();
        s3 = web.web().open("127.0.0.1", 0, new S3Door(files, time).routes());
    }

    /**
     * @param stretch how many bytes lie between two forces
     */
    static LocalBlobs blobs(Disk disk, Path folder, DataSize stretch) {
        disk.createFolders(folder);
        Ids ids = new Ids(InstantSource.system(), new SecureRandom());
        return new LocalBlobs(disk, folder, ids, DiskGuard.of(disk, folder), stretch);
    }

    static FilesConfig config(String... settings) {
        Map<String, String> options = new java.util.HashMap<>();
        for (int at = 0; at < settings.length; at += 2) {
            options.put("files." + settings[at], settings[at + 1]);
        }
        return new Settings<>(Root.class, List.of()).load("", Map.of(), options).files();
    }

    /** The settings of a server that has only files. */
    public record Root(FilesConfig files) {}

    private static Caller caller(
            String name, UUID organisation, Optional<UUID> person, Scope... scopes) {
        return new Caller(name, organisation, person, Set.of(scopes));
    }

    static ManualTime now() {
        // S3 clients sign with the machine's clock.
        return new ManualTime(InstantSource.system().instant());
    }

    @Override
    public void close() {
        web.close();
    }
}
