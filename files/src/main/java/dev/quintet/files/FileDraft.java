package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.INVALID_KEY;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What is known of a file before its bytes are.
 *
 * @param key 1 to 1024 bytes; a name in PostgreSQL, never one on disk
 */
public record FileDraft(
        String bucket,
        String key,
        FileName name,
        String mediaType,
        Map<String, String> metadata,
        String tusMetadata) {

    /** Where files go whose owner names no bucket; every organisation has it. */
    public static final String UPLOADS = "uploads";

    private static final int LONGEST_KEY = 1024;

    public FileDraft {
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > LONGEST_KEY || key.indexOf('\0') >= 0) {
            throw INVALID_KEY.because();
        }
        metadata = Map.copyOf(metadata);
    }

    /** The draft of a tus upload: bucket {@code uploads} and {@code <file id>/<filename>}. */
    static FileDraft ofTus(String shownId, UploadMetadata said) {
        FileName name = FileName.of(said.text("filename", "name").orElse(""));
        return new FileDraft(
                said.text("bucket").orElse(UPLOADS),
                said.text("key").orElse(shownId + "/" + name.text()),
                name,
                MediaTypes.orUnknown(
                        said.text("filetype", "contentType", "type").orElse(MediaTypes.UNKNOWN)),
                Map.of(),
                said.raw());
    }
}
