package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.TOO_LARGE;
import static dev.quintet.files.FilesRefusal.TOO_MANY_UNFINISHED_BYTES;
import static dev.quintet.files.FilesRefusal.TOO_MANY_UPLOADS;
import static dev.quintet.files.FilesRefusal.UPLOAD_EXPIRED;
import static dev.quintet.files.FilesRefusal.UPLOAD_TOO_LONG;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.blobs.BlobRefusal;
import dev.quintet.platform.blobs.Blobs;
import dev.quintet.platform.blobs.Receiving;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Files that arrive piece by piece. The row knows length and owner; how much is here is asked of
 * the bytes themselves, so that no answer ever counts one that a crash could take.
 */
public final class Uploads {

    /** How long a request that has hung waits until the one before it has let go. */
    private static final Duration TAKEOVER = Duration.ofSeconds(1);

    private final UploadStore store = new UploadStore();
    private final Database db;
    private final Blobs blobs;
    private final Ids ids;
    private final InstantSource time;
    private final FilesConfig config;
    private final Files files;

    Uploads(
            Database db,
            Blobs blobs,
            Ids ids,
            InstantSource time,
            FilesConfig config,
            Files files) {
        this.db = db;
        this.blobs = blobs;
        this.ids = ids;
        this.time = time;
        this.config = config;
        this.files = files;
    }

    /**
     * How far an upload is.
     *
     * @param offset bytes that are durable
     * @param expiresAt empty when it is whole
     */
    public record Progress(
            UUID id, long offset, long length, String tusMetadata, Optional<Instant> expiresAt) {}

    /** Opens an upload of exactly {@code length} bytes; one of none is whole at once. */
    public Progress create(Caller caller, long length, UploadMetadata said) {
        if (length > config.maxSize().bytes()) {
            throw TOO_LARGE.because(length, config.maxSize());
        }
        UUID id = ids.next();
        FileDraft draft = FileDraft.ofTus(Files.ID.show(id), said);
        files.requireBucket(caller.organisation(), draft.bucket());
        Receiving receiving = blobs.begin();
        Instant now = time.instant().truncatedTo(ChronoUnit.MICROS);
        Upload upload =
                new Upload(
                        id,
                        caller.organisation(),
                        caller.person(),
                        caller.credential(),
                        draft,
                        length,
                        receiving.id(),
                        now,
                        aliveUntil(now, now));
        db.run(tx -> {
            requireRoom(tx, upload);
            store.insert(tx, upload);
        });
        return length == 0 ? finish(upload) : progress(upload, 0);
    }

    // A person's bound is his own. Behind a server key stand any number of people, so that the
    // abandoned uploads of some must not lock out the rest.
    private void requireRoom(Tx tx, Upload upload) {
        UploadStore.Open open =
                upload.person()
                        .map(person -> store.openOfPerson(tx, person))
                        .orElseGet(() -> store.openOfKeys(tx, upload.organisation()));
        boolean ofKeys = upload.person().isEmpty();
        int most = ofKeys ? config.maxOpenUploadsOfKeys() : config.maxOpenUploads();
        if (open.count() >= most) {
            throw TOO_MANY_UPLOADS.because(open.count());
        }
        BigDecimal bytes = open.bytes().add(BigDecimal.valueOf(upload.length()));
        DataSize room = config.maxOpenBytesOfKeys();
        if (ofKeys && bytes.compareTo(BigDecimal.valueOf(room.bytes())) > 0) {
            throw TOO_MANY_UNFINISHED_BYTES.because(
                    open.bytes().toBigInteger(), upload.length(), room);
        }
    }

    /**
     * How far an upload is, for a client that is about to resume: a request that still appends to
     * it is ended first, within a second.
     */
    public Progress progress(Reach reach, UUID id) {
        Optional<Upload> open = find(reach, id);
        if (open.isEmpty()) {
            return whole(files.file(reach, id));
        }
        Upload upload = live(open.get());
        long offset = takeOver(blobs.receive(upload.blob()));
        return offset == upload.length() ? finish(upload) : progress(upload, offset);
    }

    /**
     * Appends at {@code offset}, which must be where the upload is; what came before a break is
     * kept. The last byte makes it a file.
     *
     * @param announced how many bytes will come; -1 if the client does not say
     */
    public Progress append(Reach reach, UUID id, long offset, long announced, InputStream source)
            throws IOException {
        Optional<Upload> open = find(reach, id);
        if (open.isEmpty()) {
            return appendToWhole(files.file(reach, id), offset, announced, source);
        }
        Upload upload = live(open.get());
        if (offset <= upload.length() && announced > upload.length() - offset) {
            throw UPLOAD_TOO_LONG.because(upload.length());
        }
        Receiving receiving = blobs.receive(upload.blob());
        takeOver(receiving);
        Pulse pulse =
                new Pulse(
                        source,
                        time,
                        upload.expiresAt().minus(config.uploadExpiry()),
                        config.uploadExpiry().dividedBy(4),
                        () -> prolong(upload));
        InputStream most = new AtMost(pulse, upload.length() - offset, upload.length());
        long now;
        try {
            now = receiving.append(offset, most);
        } catch (IOException | RuntimeException cut) {
            pulse.last();
            throw cut;
        }
        return now == upload.length() ? finish(upload) : progress(prolong(upload), now);
    }

    /** Bytes came: it expires later, unless it was ended meanwhile. */
    private Upload prolong(Upload upload) {
        Instant until = aliveUntil(upload.createdAt(), time.instant());
        return db.tx(tx -> store.prolong(tx, upload.id(), until))
                ? upload.expiringAt(until)
                : upload;
    }

    /**
     * Keeps an expired upload of which a request under way may still bring bytes; false if there is
     * none, or if it has taken as long as any may.
     */
    boolean keepUnderWay(Upload upload) {
        Instant now = time.instant();
        Instant until = aliveUntil(upload.createdAt(), now);
        if (!until.isAfter(now) || !blobs.receive(upload.blob()).isUnderWay()) {
            return false;
        }
        return db.tx(tx -> store.prolong(tx, upload.id(), until));
    }

    private Instant aliveUntil(Instant createdAt, Instant now) {
        Instant end = createdAt.plus(config.maxUploadTime());
        Instant usual = now.plus(config.uploadExpiry());
        return (usual.isBefore(end) ? usual : end).truncatedTo(ChronoUnit.MICROS);
    }

    /** Ends an upload that is not whole; false if there is none. */
    public boolean terminate(Reach reach, UUID id) {
        Optional<Upload> open = find(reach, id);
        if (open.isEmpty()) {
            return false;
        }
        // Refused here, when who appends cannot be ended, it goes on as if nobody had asked.
        takeOver(blobs.receive(open.get().blob()));
        if (!db.tx(tx -> store.delete(tx, id))) {
            return false;
        }
        discard(open.get().blob());
        return true;
    }

    /** An upload that is not whole. */
    public Optional<Upload> find(Reach reach, UUID id) {
        return db.read(tx -> store.byId(tx, id))
                .filter(upload -> upload.organisation().equals(reach.organisation()))
                .filter(upload ->
                        reach.person().isEmpty() || reach.person().equals(upload.person()));
    }

    /** How many bytes of it are durable; a request that appends goes on. */
    public long durable(Upload upload) {
        return blobs.receive(upload.blob()).offset();
    }

    /**
     * Makes a file of an upload whose bytes are all here: the bytes first, then the row. A crash in
     * between is made good by whoever asks next.
     */
    Progress finish(Upload upload) {
        BlobId blob = blobs.receive(upload.blob()).commit();
        String tag = blob.uuid().toString().replace("-", "") + "-1";
        StoredFile file =
                files.file(
                        upload.id(),
                        upload.person(),
                        upload.organisation(),
                        upload.draft(),
                        new Files.Received(upload.length(), tag, Map.of()),
                        blob);
        Reach reach = new Reach(upload.organisation(), upload.person());
        db.run(tx -> {
            if (store.delete(tx, upload.id())) {
                files.place(tx, reach, file, new WriteCondition.Always());
                tx.announce(UploadStored.of(file));
            } else {
                files.requireFile(tx, upload.id());
            }
        });
        return whole(file);
    }

    /**
     * Ends whoever appends to these bytes, and forgets them. Who cannot be ended in time leaves
     * them to the sweep of orphans.
     */
    void discard(BlobId blob) {
        unlessUnderWay(() -> {
            Receiving receiving = blobs.receive(blob);
            takeOver(receiving);
            receiving.abort();
        });
    }

    /** Forgets bytes, but not under a request that still brings more. */
    void abandon(BlobId blob) {
        unlessUnderWay(() -> blobs.receive(blob).abort());
    }

    private static void unlessUnderWay(Runnable ending) {
        try {
            ending.run();
        } catch (Refused refused) {
            if (refused.refusal() != BlobRefusal.APPEND_IN_PROGRESS) {
                throw refused;
            }
        }
    }

    /**
     * Ends who still appends, and answers what is durable. A request that was cut may begin its
     * append only while we look: then it is ended again.
     */
    private static long takeOver(Receiving receiving) {
        Deadline deadline = Deadline.in(TAKEOVER);
        while (true) {
            try {
                return receiving.endOther(deadline.left());
            } catch (Refused refused) {
                if (refused.refusal() != BlobRefusal.APPEND_IN_PROGRESS || deadline.passed()) {
                    throw refused;
                }
            }
        }
    }

    private Progress appendToWhole(StoredFile file, long offset, long announced, InputStream source)
            throws IOException {
        boolean nothing = offset == file.size() && announced <= 0 && source.read() < 0;
        if (!nothing) {
            throw UPLOAD_TOO_LONG.because(file.size());
        }
        return whole(file);
    }

    private Upload live(Upload upload) {
        if (upload.hasExpired(time.instant())) {
            throw UPLOAD_EXPIRED.because(upload.expiresAt());
        }
        return upload;
    }

    private static Progress progress(Upload upload, long offset) {
        return new Progress(
                upload.id(),
                offset,
                upload.length(),
                upload.draft().tusMetadata(),
                Optional.of(upload.expiresAt()));
    }

    private static Progress whole(StoredFile file) {
        return new Progress(
                file.id(), file.size(), file.size(), file.tusMetadata(), Optional.empty());
    }
}
