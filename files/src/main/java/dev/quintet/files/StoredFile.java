package dev.quintet.files;

import dev.quintet.platform.blobs.BlobId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A file whose bytes are all here: what every door shows, each in its own words. It never changes;
 * another one may take its key.
 *
 * @param person in whose name it was stored
 * @param tag the entity tag without quotes: the MD5 of what came over S3, the id of what came by
 *     tus
 * @param checksum as S3 gives it back, e.g. {@code x-amz-checksum-crc32: base64}
 * @param metadata headers to give back over S3, by lower-case name
 * @param tusMetadata Upload-Metadata as the client sent it
 * @param position its place in lists, rising with every file stored
 */
public record StoredFile(
        UUID id,
        UUID organisation,
        Optional<UUID> person,
        String bucket,
        String key,
        FileName name,
        String mediaType,
        long size,
        String tag,
        Map<String, String> checksum,
        Map<String, String> metadata,
        String tusMetadata,
        BlobId blob,
        Instant createdAt,
        long position) {

    public StoredFile {
        checksum = Map.copyOf(checksum);
        metadata = Map.copyOf(metadata);
    }
}
