package dev.quintet.server;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Nodes;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Whether this node may run on this database: with this master key, at this address, beside these
 * other nodes.
 */
final class Admission {

    private static final String KEY_CHECK = "key.check";
    private static final String URL = "url";

    private final Database db;
    private final Keys keys;
    private final ServerStore store = new ServerStore();

    Admission(Database db, Keys keys) {
        this.db = db;
        this.keys = keys;
    }

    /** Refuses, or returns the public base address. */
    URI admit(QuintetConfig config, UUID node, Set<Systems> systems, Duration alive, int port) {
        keys.requireCheck(db.tx(tx -> store.fix(tx, KEY_CHECK, keys.check())));
        List<Nodes.Node> others =
                Nodes.live(db, alive).stream().filter(live -> !live.id().equals(node)).toList();
        if (!others.isEmpty()) {
            requireShared(config, systems, others);
        }
        Optional<String> known = db.read(tx -> store.fact(tx, URL));
        if (config.url().isEmpty()) {
            if (known.isPresent()) {
                throw new StartRefused(
                        "this database was set up for url "
                                + known.get()
                                + ", and tokens name it; set 'url' to it");
            }
            return URI.create("http://127.0.0.1:" + port);
        }
        URI wanted = config.url().get();
        if (known.isEmpty() && !others.isEmpty()) {
            throw new StartRefused(
                    "another node is live on this database ("
                            + ids(others)
                            + ") without a 'url', so its tokens name another issuer; stop it, and start it again with url "
                            + wanted);
        }
        String fixed = db.tx(tx -> store.fix(tx, URL, wanted.toString()));
        if (!fixed.equals(wanted.toString())) {
            throw new StartRefused(
                    "this database was set up for url "
                            + fixed
                            + ", and tokens name it; start with that, or change it for good with: ./quintet change-url "
                            + wanted);
        }
        return wanted;
    }

    private static void requireShared(
            QuintetConfig config, Set<Systems> systems, List<Nodes.Node> others) {
        if (config.url().isEmpty()) {
            throw new StartRefused(
                    "another node is live on this database ("
                            + ids(others)
                            + "); set the same 'url' on both, it is their issuer");
        }
        boolean local = systems.contains(Systems.FILES) || systems.contains(Systems.ANALYTICS);
        List<Nodes.Node> otherLocal =
                others.stream()
                        .filter(live ->
                                live.systems().contains("files")
                                        || live.systems().contains("analytics"))
                        .toList();
        if (local && !otherLocal.isEmpty()) {
            throw new StartRefused(
                    "another node with files or analytics is live on this database ("
                            + ids(otherLocal)
                            + "), and both keep bytes on their own disk; start this one with --only auth,notify,chat"
                            + " (shared storage by 'blobs.s3' and 'kafka.servers' is not in this version)");
        }
    }

    private static String ids(List<Nodes.Node> nodes) {
        return nodes.stream().map(live -> live.id().toString()).collect(Collectors.joining(", "));
    }

    /** Changes the public address; tokens and links of the old one end. */
    static void changeUrl(Database db, URI url) {
        db.run(tx -> new ServerStore().change(tx, URL, url.toString()));
    }
}
