package dev.quintet.files;

import dev.quintet.platform.Refused;
import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.blobs.Blobs;
import dev.quintet.platform.sql.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away what nobody needs any more. Every step may run twice, on any node, and be cut at any
 * point.
 */
public final class Sweep {

    private static final Logger log = LoggerFactory.getLogger(Sweep.class);
    private static final int BATCH = 500;

    private final FilesStore store = new FilesStore();
    private final UploadStore uploadStore = new UploadStore();
    private final Database db;
    private final Blobs blobs;
    private final InstantSource time;
    private final FilesConfig config;
    private final Uploads uploads;
    private final Predicate<BlobId> arriving;

    /**
     * @param arriving whether bytes are on their way here, or here and not yet named by their row
     */
    Sweep(
            Database db,
            Blobs blobs,
            InstantSource time,
            FilesConfig config,
            Uploads uploads,
            Predicate<BlobId> arriving) {
        this.db = db;
        this.blobs = blobs;
        this.time = time;
        this.config = config;
        this.uploads = uploads;
        this.arriving = arriving;
    }

    /** Ends uploads that nobody resumed in time; one whose last byte is here becomes a file. */
    public void endExpired() {
        boolean more = true;
        while (more) {
            List<Upload> expired = db.read(tx -> uploadStore.expired(tx, time.instant(), BATCH));
            more = !each(expired, this::end).isEmpty() && expired.size() == BATCH;
        }
    }

    /** Drops the bytes of files that were deleted or replaced long enough ago. */
    public void dropDue() {
        boolean more = true;
        while (more) {
            List<BlobId> due = db.read(tx -> store.due(tx, time.instant(), BATCH));
            List<BlobId> dropped = each(due, blobs::drop);
            db.run(tx -> store.forgetDropped(tx, dropped));
            more = !dropped.isEmpty() && due.size() == BATCH;
        }
    }

    /** Those with which it worked: one that is broken must not keep the others. */
    private static <T> List<T> each(List<T> all, Consumer<T> work) {
        List<T> done = new ArrayList<>();
        for (T one : all) {
            try {
                work.accept(one);
                done.add(one);
            } catch (Refused notNow) {
                throw notNow;
            } catch (RuntimeException broken) {
                log.error("{} could not be taken away and is left: {}", one, broken.toString());
            }
        }
        return done;
    }

    /** Drops bytes that no row names: a crash came between them and their row. */
    public void dropOrphans() {
        try (Batches stored = new Batches(this::dropUnknown)) {
            blobs.eachStored(stored::add);
        }
        try (Batches receiving = new Batches(this::abortUnknown)) {
            blobs.eachReceiving(receiving::add);
        }
    }

    private void end(Upload upload) {
        if (uploads.keepUnderWay(upload)) {
            return;
        }
        boolean finished = uploads.durable(upload) == upload.length() && finish(upload);
        if (!finished && db.tx(tx -> uploadStore.deleteExpired(tx, upload.id(), time.instant()))) {
            uploads.discard(upload.blob());
        }
    }

    private boolean finish(Upload upload) {
        try {
            uploads.finish(upload);
            return true;
        } catch (Refused refused) {
            log.info(
                    "upload {} is whole and could not be stored: {}",
                    upload.id(),
                    refused.detail());
            return false;
        }
    }

    private void dropUnknown(List<BlobId> candidates) {
        each(
                db.read(tx -> store.unknown(tx, candidates)),
                orphan -> {
                    log.info(
                            "blob {} has no row and is older than {}: dropped",
                            orphan,
                            config.orphanAge());
                    blobs.drop(orphan);
                });
    }

    private void abortUnknown(List<BlobId> candidates) {
        each(db.read(tx -> store.unknown(tx, candidates)), uploads::abandon);
    }

    /**
     * Collects blobs that are old enough to be asked about, a batch at a time. Whether one is
     * arriving is asked before its row: else the row could be written in between.
     */
    private final class Batches implements AutoCloseable {

        private final Consumer<List<BlobId>> full;
        private final Instant newest = time.instant().minus(config.orphanAge());
        private final List<BlobId> waiting = new ArrayList<>(BATCH);

        Batches(Consumer<List<BlobId>> full) {
            this.full = full;
        }

        void add(Blobs.Seen seen) {
            if (seen.changedAt().isBefore(newest) && !arriving.test(seen.id())) {
                waiting.add(seen.id());
            }
            if (waiting.size() == BATCH) {
                close();
            }
        }

        @Override
        public void close() {
            if (!waiting.isEmpty()) {
                full.accept(List.copyOf(waiting));
                waiting.clear();
            }
        }
    }
}
