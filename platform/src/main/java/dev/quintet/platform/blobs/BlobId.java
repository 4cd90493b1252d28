package dev.quintet.platform.blobs;

import java.util.UUID;

/** The generated name of a blob, from its first byte on; a UUIDv7, so that it tells its age. */
public record BlobId(UUID uuid) {

    @Override
    public String toString() {
        return uuid.toString();
    }
}
