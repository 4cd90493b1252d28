package dev.quintet.server;

import dev.quintet.analytics.Analytics;
import dev.quintet.platform.StartRefused;
import dev.quintet.platform.caller.ApiKeys;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.caller.Versions;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.log.Gap;
import dev.quintet.platform.sql.Database;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the command line does beside the server. */
final class Offline {

    private Offline() {}

    /**
     * Makes a key with all rights; the server must be stopped when PostgreSQL is embedded, for it
     * holds the data directory.
     */
    static String adminKey(QuintetConfig config, Path data) {
        try (Ground ground = Ground.open(config, data);
                Database db =
                        Database.open(
                                ground.database, Database.Limits.DEFAULT, (tx, events) -> {});
                Versions versions = new Versions(db, Versions.OFTEN_ENOUGH)) {
            ApiKeys keys = new ApiKeys(db, ground.keys, versions, ground.ids, ground.random);
            return db.tx(tx ->
                            keys.make(
                                    tx,
                                    Caller.ROOT,
                                    "admin key made on the command line",
                                    Set.of(Scope.ADMIN)))
                    .secret();
        }
    }

    /** Signs a link with the master key alone, so that it works while the server runs. */
    static String consoleLink(QuintetConfig config, Path data) {
        SecureRandom random = new SecureRandom();
        try (LocalDisk disk = new LocalDisk(1)) {
            Path kept = config.security().masterKeyFile().orElse(data.resolve("master.key"));
            MasterKey key =
                    MasterKey.of(
                            config.security().masterKey().map(secret -> secret.reveal()),
                            disk,
                            kept,
                            false,
                            random);
            String link =
                    new ConsoleLinks(
                                    new Keys(key, List.of(), random),
                                    random,
                                    InstantSource.system())
                            .make();
            Optional<URI> url = config.url();
            return url.map(URI::toString).orElse("http://127.0.0.1:" + config.http().port())
                    + "/console#link="
                    + link;
        }
    }

    /** Changes the public address that is fixed in the database. */
    static void changeUrl(QuintetConfig config, Path data, URI url) {
        if (url.getHost() == null
                || !("https".equals(url.getScheme()) || "http".equals(url.getScheme()))) {
            throw new StartRefused("'" + url + "' is not a base address; write https://host");
        }
        try (Ground ground = Ground.open(config, data);
                Database db =
                        Database.open(
                                ground.database, Database.Limits.DEFAULT, (tx, events) -> {})) {
            Admission.changeUrl(db, url);
        }
    }

    /** Sets aside what is damaged in the event log; what was done, in sentences. */
    static List<String> setEventsAside(QuintetConfig config, Path data) {
        try (Ground ground = Ground.open(config, data)) {
            Path log = ground.directory.folder("log");
            List<Gap> gaps =
                    Analytics.setDamageAside(
                            ground.disk,
                            log,
                            ground.directory.folder("lake"),
                            ground.time,
                            ground.database);
            return gaps.isEmpty()
                    ? List.of("the event log in " + log + " is whole; nothing was set aside")
                    : gaps.stream()
                            .map(gap ->
                                    "set aside %d bytes from %s to %s; they are kept in %s"
                                            .formatted(gap.bytes(), gap.from(), gap.to(), log))
                            .toList();
        }
    }
}
