package dev.quintet.files;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** What files says no to. */
public enum FilesRefusal implements Refusal {
    NO_SUCH_FILE(404, "there is no file %s, or it is not yours"),
    NO_SUCH_BUCKET(404, "there is no bucket '%s'; make it over S3 first"),
    BUCKET_EXISTS(409, "the bucket '%s' exists already"),
    TOO_MANY_BUCKETS(409, "there are %d buckets, which is as many as an organisation may have"),
    KEY_TAKEN(409, "the key '%s' in bucket '%s' belongs to somebody else; choose another"),
    INVALID_KEY(400, "the key must be 1 to 1024 bytes of text without NUL"),
    CONDITION_FAILED(412, "the condition %s did not hold; nothing was stored"),
    UPLOAD_INCOMPLETE(409, "the file is still arriving: %d of %d bytes are here"),
    UPLOAD_EXPIRED(410, "the upload expired at %s; start a new one"),
    UPLOAD_TOO_LONG(413, "more bytes came than the %d that the upload was created with"),
    TOO_LARGE(413, "%d bytes are more than the %s that one file may have"),
    TOO_MANY_UPLOADS(
            429, "you have %d unfinished uploads; finish or delete one, or wait until they expire"),
    TOO_MANY_UNFINISHED_BYTES(
            429,
            "the unfinished uploads of your keys announce %d bytes, and %d more would pass the %s"
                    + " they may have; finish or delete some, or wait until they expire"),
    TOO_MANY_KEYS(409, "you have %d access keys; revoke one first"),
    NO_SUCH_ACCESS_KEY(404, "there is no access key '%s', or it is not yours"),
    UNSUPPORTED_VERSION(412, "Tus-Resumable must be 1.0.0, got '%s'"),
    EXTENSION_NOT_OFFERED(400, "'%s' belongs to a tus extension that is not offered here"),
    MISSING_HEADER(400, "the header %s is missing"),
    INVALID_HEADER(400, "the header %s is not valid: %s"),
    INVALID_METADATA(400, "Upload-Metadata is not valid: %s"),
    METADATA_TOO_LARGE(413, "Upload-Metadata has %d bytes, at most %d are taken"),
    INVALID_LINK(403, "the link is not one of ours, or was altered; ask for a new one"),
    LINK_EXPIRED(410, "the link was valid until %s; ask for a new one"),
    INVALID_EXPIRY(400, "expiresIn must be 1 to %d seconds, got %d");

    private final int status;
    private final String sentence;

    FilesRefusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "files#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
