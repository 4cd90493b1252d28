package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.BUCKET_EXISTS;
import static dev.quintet.files.FilesRefusal.KEY_TAKEN;
import static dev.quintet.files.FilesRefusal.NO_SUCH_BUCKET;
import static dev.quintet.files.FilesRefusal.NO_SUCH_FILE;
import static dev.quintet.files.FilesRefusal.TOO_MANY_BUCKETS;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import dev.quintet.platform.blobs.BlobContent;
import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.blobs.Blobs;
import dev.quintet.platform.blobs.Receiving;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.Content;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The front door of files: stores, finds, lists, reads and deletes whole files. What a caller
 * cannot reach does not exist for it.
 */
public final class Files {

    /** How ids of files are shown. */
    public static final IdKind ID = new IdKind("file", "file");

    private static final int BUFFER = 64 * 1024;

    private final FilesStore store = new FilesStore();
    private final ObjectStore objects = new ObjectStore();
    private final UploadStore uploadStore = new UploadStore();
    private final Database db;
    private final Blobs blobs;
    private final Ids ids;
    private final InstantSource time;
    private final FilesConfig config;
    private final Uploads uploads;
    private final AccessKeys accessKeys;
    private final Links links;

    // Bytes on their way here whose row is not written: as many as there are such requests.
    private final Set<BlobId> arriving = ConcurrentHashMap.newKeySet();

    public Files(
            Database db,
            Blobs blobs,
            Keys keys,
            Ids ids,
            InstantSource time,
            SecureRandom random,
            FilesConfig config) {
        this.db = db;
        this.blobs = blobs;
        this.ids = ids;
        this.time = time;
        this.config = config;
        this.uploads = new Uploads(db, blobs, ids, time, config, this);
        this.accessKeys = new AccessKeys(db, keys, time, random);
        this.links = new Links(keys, time);
    }

    /** What a body turned out to be, known when all of it was read. */
    public record Received(long size, String tag, Map<String, String> checksum) {

        public Received {
            checksum = Map.copyOf(checksum);
        }
    }

    /** A page of files, the newest first; {@code next} is the position to go on after. */
    public record Page(List<StoredFile> items, Optional<Long> next) {}

    public Uploads uploads() {
        return uploads;
    }

    public AccessKeys accessKeys() {
        return accessKeys;
    }

    public Links links() {
        return links;
    }

    public FilesConfig config() {
        return config;
    }

    /** Work that no request waits for: what expired, what was dropped, what a crash left. */
    public Sweep sweep() {
        return new Sweep(db.background(), blobs, time, config, uploads, arriving::contains);
    }

    /**
     * Stores a whole body under its key, in place of what was there. Durable and visible when this
     * returns; nothing is visible when it throws.
     *
     * @param received asked when {@code source} has ended
     */
    public StoredFile store(
            Caller caller,
            FileDraft draft,
            WriteCondition condition,
            InputStream source,
            Supplier<Received> received)
            throws IOException {
        requireBucket(caller.organisation(), draft.bucket());
        Receiving receiving = blobs.begin();
        arriving.add(receiving.id());
        try {
            BlobId blob = receiving.store(source);
            Received what = received.get();
            StoredFile file =
                    file(ids.next(), caller.person(), caller.organisation(), draft, what, blob);
            return putOrDrop(Reach.of(caller), file, condition);
        } finally {
            arriving.remove(receiving.id());
        }
    }

    private StoredFile putOrDrop(Reach reach, StoredFile file, WriteCondition condition) {
        try {
            return put(reach, file, condition);
        } catch (Refused refused) {
            // Only where it is certain that no row names them; else the sweep decides.
            if (refused.refusal() instanceof FilesRefusal) {
                blobs.drop(file.blob());
            }
            throw refused;
        }
    }

    /** A file by its id. */
    public StoredFile file(Reach reach, UUID id) {
        return find(reach, id).orElseThrow(() -> NO_SUCH_FILE.because(ID.show(id)));
    }

    public Optional<StoredFile> find(Reach reach, UUID id) {
        return db.read(tx -> store.fileById(tx, id)).filter(file -> reaches(reach, file));
    }

    /** The file that a signed link names; the signature stands for the right. */
    public StoredFile linked(Links.Ticket ticket) {
        links.require(ticket);
        return db.read(tx -> store.fileById(tx, ticket.file()))
                .orElseThrow(() -> NO_SUCH_FILE.because(ID.show(ticket.file())));
    }

    /** The file that a key names now. */
    public Optional<StoredFile> object(Reach reach, String bucket, String key) {
        return db.read(tx -> store.fileByKey(tx, reach.organisation(), bucket, key))
                .filter(file -> reaches(reach, file));
    }

    /** Files of all buckets, the newest first, behind a position of an earlier page. */
    public Page list(Reach reach, Optional<Long> after, int limit) {
        List<StoredFile> found =
                db.read(tx -> store.list(tx, reach, after.orElse(Long.MAX_VALUE), limit + 1));
        if (found.size() <= limit) {
            return new Page(found, Optional.empty());
        }
        List<StoredFile> page = List.copyOf(found.subList(0, limit));
        return new Page(page, Optional.of(page.getLast().position()));
    }

    public ObjectPage objects(Reach reach, ObjectQuery query) {
        requireBucket(reach.organisation(), query.bucket());
        return db.read(tx -> objects.list(tx, reach, query));
    }

    /** A file's bytes for the door, which sends the part that is asked for. */
    public Content content(StoredFile file, String mediaType) {
        return new Content(
                file.size(),
                mediaType,
                Optional.of(file.tag()),
                Optional.of(file.createdAt().truncatedTo(ChronoUnit.SECONDS)),
                (offset, length, sink) -> send(file, offset, length, sink));
    }

    /** Deletes a file: gone for everyone at once, its bytes hours later. */
    public void delete(Reach reach, StoredFile file) {
        if (!reaches(reach, file)) {
            throw NO_SUCH_FILE.because(ID.show(file.id()));
        }
        db.run(tx -> store.delete(tx, file.id(), time.instant().plus(config.keepDropped())));
    }

    public void createBucket(UUID organisation, String name) {
        Instant now = time.instant();
        db.run(tx -> {
            int there = store.countBucketsLocked(tx, organisation);
            if (there >= config.maxBuckets() && !store.hasBucket(tx, organisation, name)) {
                throw TOO_MANY_BUCKETS.because(there);
            }
            if (!store.insertBucket(tx, organisation, name, now)) {
                throw BUCKET_EXISTS.because(name);
            }
        });
    }

    /** Every organisation has the bucket of its uploads, from before the first one on. */
    public List<Bucket> buckets(UUID organisation) {
        return db.tx(tx -> {
            store.insertBucket(tx, organisation, FileDraft.UPLOADS, time.instant());
            return store.buckets(tx, organisation);
        });
    }

    public void requireBucket(UUID organisation, String name) {
        if (!name.equals(FileDraft.UPLOADS)
                && !db.read(tx -> store.hasBucket(tx, organisation, name))) {
            throw NO_SUCH_BUCKET.because(name);
        }
    }

    /**
     * Forgets a person: files, open uploads and access keys at once, then their bytes. Again if it
     * is told again.
     */
    public void erase(UUID person) {
        Instant now = time.instant();
        List<BlobId> open =
                db.tx(tx -> {
                    store.eraseFiles(tx, person, now);
                    new AccessKeyStore().erase(tx, person);
                    return uploadStore.erase(tx, person);
                });
        open.forEach(uploads::discard);
        sweep().dropDue();
    }

    /** Refuses if another request has ended the upload that would have become this file. */
    void requireFile(Tx tx, UUID id) {
        if (store.fileById(tx, id).isEmpty()) {
            throw NO_SUCH_FILE.because(ID.show(id));
        }
    }

    /** The last step of every door: the row, and the news of it, in one transaction. */
    StoredFile put(Reach reach, StoredFile file, WriteCondition condition) {
        return db.tx(tx -> {
            place(tx, reach, file, condition);
            tx.announce(UploadStored.of(file));
            return file;
        });
    }

    /** Puts a file in the place of the one whose key it takes. */
    void place(Tx tx, Reach reach, StoredFile file, WriteCondition condition) {
        if (file.bucket().equals(FileDraft.UPLOADS)) {
            store.insertBucket(tx, file.organisation(), file.bucket(), file.createdAt());
        }
        store.lockKey(tx, file.organisation(), file.bucket(), file.key());
        Optional<StoredFile> there =
                store.fileByKey(tx, file.organisation(), file.bucket(), file.key());
        if (there.isPresent() && !reaches(reach, there.get())) {
            throw KEY_TAKEN.because(file.key(), file.bucket());
        }
        condition.require(there);
        there.ifPresent(
                old -> store.delete(tx, old.id(), time.instant().plus(config.keepDropped())));
        store.insert(tx, file);
    }

    StoredFile file(
            UUID id,
            Optional<UUID> person,
            UUID organisation,
            FileDraft draft,
            Received what,
            BlobId blob) {
        return new StoredFile(
                id,
                organisation,
                person,
                draft.bucket(),
                draft.key(),
                draft.name(),
                draft.mediaType(),
                what.size(),
                what.tag(),
                what.checksum(),
                draft.metadata(),
                draft.tusMetadata(),
                blob,
                // PostgreSQL keeps microseconds.
                time.instant().truncatedTo(ChronoUnit.MICROS),
                0);
    }

    private void send(StoredFile file, long offset, long length, Content.Sink sink)
            throws IOException {
        try (BlobContent part = blobs.read(file.blob(), offset, length)) {
            Optional<BlobContent.Region> region = part.region();
            if (region.isPresent()) {
                sink.file(region.get().file(), region.get().offset(), region.get().length());
                return;
            }
            byte[] buffer = new byte[BUFFER];
            InputStream bytes = part.stream();
            for (int read; (read = bytes.read(buffer)) >= 0; ) {
                sink.write(ByteBuffer.wrap(buffer, 0, read));
            }
        }
    }

    private static boolean reaches(Reach reach, StoredFile file) {
        return file.organisation().equals(reach.organisation())
                && (reach.person().isEmpty() || reach.person().equals(file.person()));
    }

    /** Figures of an organisation for the overview. */
    public Map<String, Long> figures(UUID organisation) {
        return db.read(tx -> store.figures(tx, organisation));
    }
}
