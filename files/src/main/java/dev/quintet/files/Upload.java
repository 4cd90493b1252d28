package dev.quintet.files;

import dev.quintet.platform.blobs.BlobId;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A file that is still arriving. How far it is lies with its bytes, not here: only what is durable
 * counts.
 *
 * @param id of the upload, and later of the file
 * @param credential who opened it
 * @param expiresAt moves with each request that brings bytes
 */
public record Upload(
        UUID id,
        UUID organisation,
        Optional<UUID> person,
        String credential,
        FileDraft draft,
        long length,
        BlobId blob,
        Instant createdAt,
        Instant expiresAt) {

    Upload expiringAt(Instant until) {
        return new Upload(
                id, organisation, person, credential, draft, length, blob, createdAt, until);
    }

    boolean hasExpired(Instant now) {
        return !now.isBefore(expiresAt);
    }
}
