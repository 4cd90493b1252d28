package dev.quintet.analytics;

import dev.quintet.platform.Ids;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import dev.quintet.platform.sql.Tx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The sources and their write keys. All are held in memory, so that taking events never waits for
 * PostgreSQL; {@link #refresh} looks whether another node has changed them. Any thread asks.
 */
final class Sources {

    /** They are all held in memory by every node. */
    static final int MOST = 10_000;

    private static final int KEY_BYTES = 24;

    private final AnalyticsStore store;
    private final Pepper pepper;
    private final Ids ids;
    private final SecureRandom random;
    private final InstantSource time;
    private volatile AnalyticsStore.Directory known;

    /** The version of the newest source that was made here; guarded by this. */
    private long newest;

    Sources(AnalyticsStore store, Keys keys, SecureRandom random, InstantSource time) {
        this.store = store;
        this.pepper = keys.pepper("analytics write key");
        this.ids = new Ids(time, random);
        this.random = random;
        this.time = time;
        this.known = store.directory();
    }

    /** A source that is just made; its key is shown this once. */
    record Created(Source source, String writeKey) {}

    Created create(Tx tx, UUID organisation, String name) {
        Source source = new Source(ids.next(), organisation, name);
        byte[] secret = new byte[KEY_BYTES];
        random.nextBytes(secret);
        String writeKey = "wk_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        byte[] hash = pepper.hash(writeKey.getBytes(StandardCharsets.UTF_8));
        long version = store.add(tx, source, hash, time.instant(), MOST);
        tx.afterCommit(() -> know(version, source, hash));
        return new Created(source, writeKey);
    }

    Optional<Source> byWriteKey(String writeKey) {
        AnalyticsStore.Directory now = known;
        return pepper.hashes(writeKey.getBytes(StandardCharsets.UTF_8)).stream()
                .map(hash -> Optional.ofNullable(now.sources().get(ByteBuffer.wrap(hash))))
                .flatMap(Optional::stream)
                .findFirst();
    }

    void refresh() {
        if (store.version() != known.version()) {
            know(store.directory());
        }
    }

    /** At once and without a question; the rest of its version comes with the next look. */
    private synchronized void know(long version, Source made, byte[] hash) {
        newest = Math.max(newest, version);
        Map<ByteBuffer, Source> sources = new HashMap<>(known.sources());
        sources.put(ByteBuffer.wrap(hash), made);
        known = new AnalyticsStore.Directory(known.version(), sources);
    }

    /** What was read before a source was made here must not hide it. */
    private synchronized void know(AnalyticsStore.Directory read) {
        if (read.version() >= Math.max(newest, known.version())) {
            known = read;
        }
    }
}
