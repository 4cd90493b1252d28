package dev.quintet.files;

import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.util.Optional;
import java.util.UUID;

/** A file is whole, durable and visible, whichever door it came through. */
@Wire("files.upload_stored/1")
public record UploadStored(
        UUID organisation,
        UUID file,
        Optional<UUID> person,
        String bucket,
        String objectKey,
        String name,
        String mediaType,
        long size)
        implements Event {

    @Override
    public String key() {
        return "file:" + file;
    }

    static UploadStored of(StoredFile file) {
        return new UploadStored(
                file.organisation(),
                file.id(),
                file.person(),
                file.bucket(),
                file.key(),
                file.name().text(),
                file.mediaType(),
                file.size());
    }
}
