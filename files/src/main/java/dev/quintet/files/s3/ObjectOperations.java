package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.ENTITY_TOO_LARGE;
import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;
import static dev.quintet.files.s3.S3Refusal.KEY_TOO_LONG;
import static dev.quintet.files.s3.S3Refusal.METADATA_TOO_LARGE;
import static dev.quintet.files.s3.S3Refusal.NOT_IMPLEMENTED;
import static dev.quintet.files.s3.S3Refusal.NO_SUCH_KEY;

import dev.quintet.files.FileDraft;
import dev.quintet.files.FileName;
import dev.quintet.files.Files;
import dev.quintet.files.MediaTypes;
import dev.quintet.files.StoredFile;
import dev.quintet.files.WriteCondition;
import dev.quintet.files.http.Delivery;
import dev.quintet.platform.http.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** PutObject, GetObject, HeadObject and DeleteObject. */
final class ObjectOperations {

    private static final String META = "x-amz-meta-";
    private static final int MOST_META = 2048;
    private static final int LONGEST_KEY = 1024;
    private static final String FILE_ID = "x-quintet-file-id";
    private static final List<String> KEPT =
            List.of("cache-control", "content-disposition", "content-language", "expires");
    private static final List<String> OVERRIDES =
            List.of(
                    "cache-control",
                    "content-disposition",
                    "content-encoding",
                    "content-language",
                    "expires");

    private final Files files;

    ObjectOperations(Files files) {
        this.files = files;
    }

    Response put(S3Request asked) throws IOException {
        asked.requireKnown();
        FileDraft draft = draft(asked);
        WriteCondition condition = condition(asked);
        Expected expected = Expected.of(asked.wire(), asked.signed().payload());
        if (expected.length() > files.config().maxSize().bytes()) {
            throw ENTITY_TOO_LARGE.because(files.config().maxSize());
        }
        Payload payload = asked.payload(expected);
        StoredFile stored =
                files.store(
                        asked.caller(),
                        draft,
                        condition,
                        payload,
                        () -> received(payload, expected));
        return withChecksum(Response.empty(200), stored)
                .etag(stored.tag())
                .header(FILE_ID, Files.ID.show(stored.id()));
    }

    Response read(S3Request asked) {
        asked.requireKnown(
                "response-cache-control",
                "response-content-disposition",
                "response-content-encoding",
                "response-content-language",
                "response-content-type",
                "response-expires");
        StoredFile file = find(asked);
        String type =
                asked.parameter("response-content-type")
                        .map(MediaTypes::orUnknown)
                        .orElse(file.mediaType());
        Response answer = Response.ranged(files.content(file, type));
        for (Map.Entry<String, String> header : shown(asked, file).entrySet()) {
            answer = answer.header(header.getKey(), header.getValue());
        }
        boolean whole = asked.header("range").isEmpty();
        boolean wanted = asked.header("x-amz-checksum-mode").equals(Optional.of("ENABLED"));
        return (whole && wanted ? withChecksum(answer, file) : answer)
                .header("Content-Security-Policy", Delivery.SANDBOX)
                .header(FILE_ID, Files.ID.show(file.id()));
    }

    /** Deleting what is not there is no error in S3. */
    Response delete(S3Request asked) {
        asked.requireKnown();
        files.requireBucket(asked.caller().organisation(), asked.bucket());
        files.object(asked.reach(), asked.bucket(), asked.key())
                .ifPresent(file -> files.delete(asked.reach(), file));
        return Response.empty(204);
    }

    private StoredFile find(S3Request asked) {
        files.requireBucket(asked.caller().organisation(), asked.bucket());
        return files.object(asked.reach(), asked.bucket(), requireKey(asked))
                .orElseThrow(() -> NO_SUCH_KEY.because(asked.key()));
    }

    private static FileDraft draft(S3Request asked) {
        return new FileDraft(
                asked.bucket(),
                requireKey(asked),
                FileName.of(asked.key()),
                MediaTypes.orUnknown(asked.header("content-type").orElse(MediaTypes.UNKNOWN)),
                metadata(asked),
                "");
    }

    private static String requireKey(S3Request asked) {
        int bytes = asked.key().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_KEY) {
            throw KEY_TOO_LONG.because(bytes);
        }
        return asked.key();
    }

    private static Map<String, String> metadata(S3Request asked) {
        Map<String, String> kept = new LinkedHashMap<>();
        int bytes = 0;
        for (WireRequest.Field header : asked.wire().headers()) {
            if (header.name().startsWith(META)) {
                bytes += header.name().length() - META.length() + header.value().length();
                kept.merge(header.name(), header.value(), (one, other) -> one + "," + other);
            }
        }
        if (bytes > MOST_META) {
            throw METADATA_TOO_LARGE.because(bytes);
        }
        for (String name : KEPT) {
            asked.header(name).ifPresent(value -> kept.put(name, value));
        }
        asked.header("content-encoding")
                .map(ObjectOperations::withoutChunking)
                .filter(coding -> !coding.isEmpty())
                .ifPresent(coding -> kept.put("content-encoding", coding));
        return kept;
    }

    private static String withoutChunking(String codings) {
        return String.join(
                ",",
                Arrays.stream(codings.split(",", -1))
                        .map(String::strip)
                        .filter(coding -> !coding.equalsIgnoreCase("aws-chunked"))
                        .toList());
    }

    private static WriteCondition condition(S3Request asked) {
        Optional<String> none = asked.header("if-none-match");
        Optional<String> match = asked.header("if-match");
        if (none.isPresent()) {
            if (!none.get().strip().equals("*")) {
                throw NOT_IMPLEMENTED.because("If-None-Match with anything but *");
            }
            return new WriteCondition.Absent();
        }
        return match.<WriteCondition>map(tag -> new WriteCondition.Tagged(plain(tag)))
                .orElseGet(WriteCondition.Always::new);
    }

    private static Files.Received received(Payload payload, Expected expected) {
        Map<String, String> checksum =
                expected.checksum().isPresent() && payload.checksum().isPresent()
                        ? Map.of(
                                expected.checksum().get().algorithm().header(),
                                payload.checksum().get())
                        : Map.of();
        return new Files.Received(expected.length(), payload.md5(), checksum);
    }

    private static Map<String, String> shown(S3Request asked, StoredFile file) {
        Map<String, String> shown = new LinkedHashMap<>(file.metadata());
        for (String name : OVERRIDES) {
            asked.parameter("response-" + name).ifPresent(value -> shown.put(name, clean(value)));
        }
        // A browser must never show user bytes in place here, whatever the uploader or a link says.
        if (!shown.getOrDefault("content-disposition", "")
                .toLowerCase(Locale.ROOT)
                .startsWith("attachment")) {
            shown.put("content-disposition", file.name().disposition("attachment"));
        }
        return shown;
    }

    private static String clean(String value) {
        if (!value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw INVALID_ARGUMENT.because("a response-* parameter must be visible ASCII");
        }
        return value;
    }

    private static Response withChecksum(Response answer, StoredFile file) {
        Response with = answer;
        for (Map.Entry<String, String> sum : file.checksum().entrySet()) {
            with =
                    with.header(sum.getKey(), sum.getValue())
                            .header("x-amz-checksum-type", "FULL_OBJECT");
        }
        return with;
    }

    private static String plain(String tag) {
        String text = tag.strip();
        return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }
}
