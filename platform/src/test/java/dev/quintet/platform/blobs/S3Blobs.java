package dev.quintet.platform.blobs;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Blobs in an S3 bucket, to prove that the interface carries them: whole parts lie in a multipart
 * upload, the tail that is too short for one lies in {@link LocalBlobs}, and the durable offset
 * counts both.
 */
final class S3Blobs implements Blobs {

    static final int PART = 5 << 20;

    final S3Client s3;
    final String bucket;
    final LocalBlobs tails;
    final ConcurrentHashMap<BlobId, Turn> turns = new ConcurrentHashMap<>();
    private final Disk disk;
    private final Path uploads;
    private final Ids ids;

    S3Blobs(S3Client s3, String bucket, Disk disk, Path folder, Ids ids) {
        this.s3 = s3;
        this.bucket = bucket;
        this.disk = disk;
        this.ids = ids;
        this.uploads = folder.resolve("uploads");
        disk.createFolders(uploads);
        DiskGuard guard = new DiskGuard(disk, folder, 1, 1);
        this.tails =
                new LocalBlobs(disk, folder.resolve("tails"), ids, guard, DataSize.mebibytes(5));
    }

    @Override
    public Receiving begin() {
        return receive(new BlobId(ids.next()));
    }

    @Override
    public Receiving receive(BlobId id) {
        return new S3Receiving(id, this);
    }

    @Override
    public OptionalLong size(BlobId id) {
        try {
            return OptionalLong.of(
                    s3.headObject(head -> head.bucket(bucket).key(id.toString())).contentLength());
        } catch (S3Exception failure) {
            if (failure.statusCode() == 404) {
                return OptionalLong.empty();
            }
            throw failure;
        }
    }

    @Override
    public BlobContent read(BlobId id, long from, long length) {
        long size = size(id).orElseThrow(() -> BlobRefusal.NO_SUCH_BLOB.because(id));
        if (from < 0 || length < 0 || from > size || length > size - from) {
            throw BlobRefusal.OUTSIDE_BLOB.because(from, from + length - 1, size);
        }
        if (length == 0) {
            return new Content(InputStream.nullInputStream(), 0);
        }
        String range = "bytes=%d-%d".formatted(from, from + length - 1);
        ResponseInputStream<GetObjectResponse> stream =
                s3.getObject(get -> get.bucket(bucket).key(id.toString()).range(range));
        return new Content(stream, length);
    }

    @Override
    public void drop(BlobId id) {
        s3.deleteObject(delete -> delete.bucket(bucket).key(id.toString()));
    }

    @Override
    public void eachStored(Consumer<Seen> seen) {
        s3.listObjectsV2Paginator(list -> list.bucket(bucket)).contents().stream()
                .map(object ->
                        new Seen(new BlobId(UUID.fromString(object.key())), object.lastModified()))
                .forEach(seen);
    }

    @Override
    public void eachReceiving(Consumer<Seen> seen) {
        for (Path file : disk.list(uploads)) {
            BlobId id = new BlobId(UUID.fromString(file.getFileName().toString()));
            seen.accept(new Seen(id, new S3Receiving(id, this).changedAt()));
        }
    }

    /** The multipart upload that was begun for a blob. */
    Optional<String> upload(BlobId id) {
        Path file = uploads.resolve(id.toString());
        return disk.exists(file)
                ? Optional.of(new String(disk.read(file), StandardCharsets.UTF_8))
                : Optional.empty();
    }

    /** Begins an upload and keeps its id; a cut between the two leaves S3 a part-less upload. */
    String beginUpload(BlobId id) {
        String upload =
                s3.createMultipartUpload(create -> create.bucket(bucket).key(id.toString()))
                        .uploadId();
        disk.replace(uploads.resolve(id.toString()), upload.getBytes(StandardCharsets.UTF_8));
        return upload;
    }

    /** When its first bytes were taken. */
    Optional<Instant> begunAt(BlobId id) {
        return disk.changedAt(uploads.resolve(id.toString()));
    }

    void forgetUpload(BlobId id) {
        disk.delete(uploads.resolve(id.toString()));
    }

    private record Content(InputStream stream, long length) implements BlobContent {

        @Override
        public Optional<Region> region() {
            return Optional.empty();
        }

        @Override
        public void close() {
            try {
                stream.close();
            } catch (IOException broken) {
                throw new java.io.UncheckedIOException(broken);
            }
        }
    }
}
