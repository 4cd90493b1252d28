package dev.quintet.platform.blobs;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.OpenFile;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Blobs in a folder of the local disk, one file each. */
public final class LocalBlobs implements Blobs {

    /** A longer body is forced this often: more dirty pages would delay everybody's commits. */
    public static final DataSize STRETCH = DataSize.mebibytes(16);

    private final Disk disk;
    private final Places places;
    private final Ids ids;
    private final DiskGuard guard;
    private final int stretch;

    // The one append, commit or abort under way for a blob; as many as there are such requests.
    private final ConcurrentHashMap<BlobId, Turn> turns = new ConcurrentHashMap<>();

    public LocalBlobs(Disk disk, Path root, Ids ids, DiskGuard guard, DataSize stretch) {
        this.disk = disk;
        this.places = new Places(disk, root);
        this.ids = ids;
        this.guard = guard;
        this.stretch = Math.toIntExact(stretch.bytes());
    }

    @Override
    public Receiving begin() {
        guard.admit();
        return receive(new BlobId(ids.next()));
    }

    @Override
    public Receiving receive(BlobId id) {
        return new LocalReceiving(id, disk, places, guard, turns, stretch);
    }

    @Override
    public OptionalLong size(BlobId id) {
        Path file = places.stored(id);
        if (!disk.exists(file)) {
            return OptionalLong.empty();
        }
        try (OpenFile open = disk.open(file)) {
            return OptionalLong.of(open.size());
        }
    }

    @Override
    public BlobContent read(BlobId id, long from, long length) {
        Path path = places.stored(id);
        if (!disk.exists(path)) {
            throw BlobRefusal.NO_SUCH_BLOB.because(id);
        }
        OpenFile file = disk.open(path);
        long size = file.size();
        if (from < 0 || length < 0 || from > size || length > size - from) {
            file.close();
            throw BlobRefusal.OUTSIDE_BLOB.because(from, from + length - 1, size);
        }
        return new LocalContent(file, from, length);
    }

    @Override
    public void drop(BlobId id) {
        disk.delete(places.stored(id));
    }

    @Override
    public void eachStored(Consumer<Seen> seen) {
        places.eachStored(seen);
    }

    @Override
    public void eachReceiving(Consumer<Seen> seen) {
        places.eachReceiving(seen);
    }
}
