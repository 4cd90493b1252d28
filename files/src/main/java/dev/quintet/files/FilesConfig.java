package dev.quintet.files;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Setting;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Every setting of files, under {@code files}. */
public record FilesConfig(
        @Setting(
                        "The address of a host of its own that user content is served from; unset,"
                                + " every user byte goes out as attachment.")
                Optional<URI> contentUrl,
        @Setting(value = "The largest file.", byDefault = "5g", max = "5t") DataSize maxSize,
        @Setting(
                        value = "Buckets that one organisation may have.",
                        byDefault = "1000",
                        min = "1",
                        max = "10000")
                int maxBuckets,
        @Setting(
                        value = "Unfinished uploads that one person may have.",
                        byDefault = "100",
                        min = "1",
                        max = "10000")
                int maxOpenUploads,
        @Setting(
                        value =
                                "Unfinished uploads that the server keys of one organisation may"
                                        + " have together.",
                        byDefault = "10000",
                        min = "1",
                        max = "1000000")
                int maxOpenUploadsOfKeys,
        @Setting(
                        value = "How long these unfinished uploads of server keys may be together.",
                        byDefault = "10t",
                        max = "1000t")
                DataSize maxOpenBytesOfKeys,
        @Setting(
                        value =
                                "How long an unfinished upload can be resumed after its last bytes"
                                        + " came.",
                        byDefault = "24h",
                        min = "1s",
                        max = "30d")
                Duration uploadExpiry,
        @Setting(
                        value =
                                "How long an upload may take altogether, however active it is; then"
                                        + " it is ended, also in the middle of a request.",
                        byDefault = "30d",
                        min = "1s",
                        max = "365d")
                Duration maxUploadTime,
        @Setting(
                        value =
                                "How long the bytes of a deleted or replaced file stay on disk, so"
                                        + " that a backup of the database and then of the blobs is"
                                        + " consistent.",
                        byDefault = "6h",
                        min = "0s",
                        max = "30d")
                Duration keepDropped,
        @Setting(
                        value =
                                "How long no byte must have come to bytes without any row before"
                                        + " the sweep takes them for left over by a crash.",
                        byDefault = "24h",
                        min = "0s",
                        max = "30d")
                Duration orphanAge,
        S3 s3) {

    /** The S3 door, under {@code files.s3}. */
    public record S3(
            @Setting(
                            value = "The port of the S3 API; 0 = any free one.",
                            byDefault = "9000",
                            min = "0",
                            max = "65535")
                    int port,
            @Setting(value = "The region that S3 clients sign for.", byDefault = "us-east-1")
                    String region) {}

    public FilesConfig {
        if (contentUrl.isPresent() && contentUrl.get().getHost() == null) {
            throw new IllegalArgumentException(
                    "contentUrl must name a host, e.g. https://content.example.org");
        }
    }
}
