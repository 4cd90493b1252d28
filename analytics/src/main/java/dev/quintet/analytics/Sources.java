package dev.quintet.analytics;

import static dev.quintet.analytics.AnalyticsRefusal.OLD_KEY_EXPIRY_INVALID;
import static dev.quintet.analytics.AnalyticsRefusal.SOURCES_FULL;
import static dev.quintet.analytics.AnalyticsRefusal.SOURCE_UNKNOWN;

import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.config.Secret;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.Pepper;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The sources and their write keys. All are held in memory, so that taking events never waits for
 * PostgreSQL; {@link #refresh} looks whether another node has changed them. Any thread asks.
 */
public final class Sources {

    /** They are all held in memory by every node. */
    static final int MOST = 10_000;

    /** How long a key goes on beside its successor unless the rotation says otherwise. */
    public static final Duration USUAL_GRACE = Duration.ofDays(1);

    // Apps that nobody updates for weeks hold the key.
    private static final Duration LONGEST_GRACE = Duration.ofDays(90);

    private static final int KEY_BYTES = 24;

    private final Database db;
    private final SourceStore store = new SourceStore();
    private final Audit audit = new Audit();
    private final Pepper pepper;
    private final Ids ids;
    private final SecureRandom random;
    private final InstantSource time;
    private volatile Directory known;

    /** The version of the newest change that was made here; guarded by this. */
    private long newest;

    Sources(Database db, Keys keys, SecureRandom random, InstantSource time) {
        this.db = db;
        this.pepper = keys.pepper("analytics write key");
        this.ids = new Ids(time, random);
        this.random = random;
        this.time = time;
        this.known = Directory.of(db.read(store::all));
    }

    /** A source with the only sight of its key. */
    public record Created(Source source, Secret writeKey) {}

    /**
     * A source with the only sight of its new key.
     *
     * @param oldKeyUntil empty where the old one is refused at once
     */
    public record Rotated(Source source, Secret writeKey, Optional<Instant> oldKeyUntil) {}

    /** What somebody wants otherwise; what is empty stays. */
    public record Change(Optional<String> name, Optional<AllowedOrigins> allowedOrigins) {}

    /**
     * @param oldKeyUntil until when the key before the last rotation is taken, if it still is
     */
    public record Shown(Source source, Instant createdAt, Optional<Instant> oldKeyUntil) {}

    public Created create(
            Tx tx, Caller by, String address, String name, AllowedOrigins allowedOrigins) {
        Source source = new Source(ids.next(), by.organisation(), name, allowedOrigins);
        long version = store.raiseVersion(tx);
        if (store.count(tx) >= MOST) {
            throw SOURCES_FULL.because(MOST);
        }
        Secret writeKey = newKey();
        store.insert(tx, source, hash(writeKey), time.instant());
        changed(tx, version, source);
        record(tx, by, address, "source.create", source);
        return new Created(source, writeKey);
    }

    /** The organisation's sources, oldest first. */
    public List<Shown> list(UUID organisation, Optional<UUID> after, int most) {
        return db.read(tx -> store.list(tx, organisation, after, most)).stream()
                .map(this::shown)
                .toList();
    }

    public Shown read(UUID organisation, UUID id) {
        return shown(db.read(tx -> find(tx, organisation, id)));
    }

    public Shown change(Tx tx, Caller by, String address, UUID id, Change change) {
        long version = store.raiseVersion(tx);
        Source before = find(tx, by.organisation(), id).source();
        Source after =
                new Source(
                        id,
                        before.organisation(),
                        change.name().orElse(before.name()),
                        change.allowedOrigins().orElse(before.allowedOrigins()));
        store.change(tx, after);
        changed(tx, version, after);
        record(tx, by, address, "source.change", after);
        return shown(find(tx, by.organisation(), id));
    }

    /**
     * Gives a source another key, which works at once. Of the keys before, only the last one goes
     * on.
     */
    public Rotated rotate(Tx tx, Caller by, String address, UUID id, Duration oldKeyFor) {
        if (oldKeyFor.isNegative() || oldKeyFor.compareTo(LONGEST_GRACE) > 0) {
            throw OLD_KEY_EXPIRY_INVALID.because(LONGEST_GRACE.toSeconds(), oldKeyFor.toSeconds());
        }
        long version = store.raiseVersion(tx);
        Source source = find(tx, by.organisation(), id).source();
        Optional<Instant> oldUntil =
                Optional.of(oldKeyFor).filter(Duration::isPositive).map(time.instant()::plus);
        Secret writeKey = newKey();
        store.rotate(tx, source, hash(writeKey), oldUntil);
        changed(tx, version, source);
        record(tx, by, address, "source.rotate", source);
        return new Rotated(source, writeKey, oldUntil);
    }

    /** Its keys are refused from now on; its events stay. */
    public void delete(Caller by, String address, UUID id) {
        db.run(tx -> {
            long version = store.raiseVersion(tx);
            Source gone = find(tx, by.organisation(), id).source();
            store.delete(tx, gone);
            tx.afterCommit(() -> know(version, sources -> sources.remove(id)));
            record(tx, by, address, "source.delete", gone);
        });
    }

    private SourceStore.Stored find(Tx tx, UUID organisation, UUID id) {
        return store.find(tx, organisation, id)
                .orElseThrow(() -> SOURCE_UNKNOWN.because(Source.KIND.show(id)));
    }

    private Shown shown(SourceStore.Stored stored) {
        return new Shown(
                stored.source(),
                stored.createdAt(),
                stored.oldKey()
                        .map(SourceStore.OldKey::until)
                        .filter(until -> time.instant().isBefore(until)));
    }

    /** As the table has it now, this node knows it once the transaction commits. */
    private void changed(Tx tx, long version, Source source) {
        SourceStore.Stored now = find(tx, source.organisation(), source.id());
        tx.afterCommit(() -> know(version, sources -> sources.put(source.id(), now)));
    }

    private void record(Tx tx, Caller by, String address, String action, Source source) {
        audit.record(
                tx,
                Act.done(by, address, action, Source.KIND.show(source.id()))
                        .with(
                                Map.of(
                                        "name",
                                        source.name(),
                                        "allowedOrigins",
                                        source.allowedOrigins().origins())));
    }

    private Secret newKey() {
        byte[] secret = new byte[KEY_BYTES];
        random.nextBytes(secret);
        return new Secret("wk_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    private byte[] hash(Secret writeKey) {
        return pepper.hash(writeKey.reveal().getBytes(StandardCharsets.UTF_8));
    }

    /** The source that takes this key now. */
    public Optional<Source> byWriteKey(String writeKey) {
        Directory now = known;
        return pepper.hashes(writeKey.getBytes(StandardCharsets.UTF_8)).stream()
                .map(hash -> Optional.ofNullable(now.keys().get(ByteBuffer.wrap(hash))))
                .flatMap(Optional::stream)
                .filter(key -> time.instant().isBefore(key.until()))
                .map(Key::source)
                .findFirst();
    }

    void refresh() {
        if (db.read(store::version) != known.version()) {
            know(db.read(store::all));
        }
    }

    /** At once and without a question; the rest of its version comes with the next look. */
    private synchronized void know(long version, Consumer<Map<UUID, SourceStore.Stored>> change) {
        if (version < newest || version <= known.version()) {
            // Something newer is known already; what else there is comes with the next look.
            return;
        }
        newest = version;
        Map<UUID, SourceStore.Stored> sources = new HashMap<>(known.sources());
        change.accept(sources);
        known = Directory.of(new SourceStore.Snapshot(known.version(), sources));
    }

    /** What was read before a change was made here must not hide it. */
    private synchronized void know(SourceStore.Snapshot read) {
        if (read.version() >= Math.max(newest, known.version())) {
            known = Directory.of(read);
        }
    }

    /** Whose key it is. */
    private record Key(Source source, Instant until) {}

    /** The sources as one version of them, and by the hash of each key that may still be taken. */
    private record Directory(
            long version, Map<UUID, SourceStore.Stored> sources, Map<ByteBuffer, Key> keys) {

        static Directory of(SourceStore.Snapshot read) {
            return new Directory(read.version(), read.sources(), keys(read.sources().values()));
        }

        private static Map<ByteBuffer, Key> keys(Collection<SourceStore.Stored> sources) {
            Map<ByteBuffer, Key> keys = new HashMap<>();
            for (SourceStore.Stored each : sources) {
                each.oldKey()
                        .ifPresent(
                                old -> keys.put(old.hash(), new Key(each.source(), old.until())));
                keys.put(each.keyHash(), new Key(each.source(), Instant.MAX));
            }
            return keys;
        }
    }
}
