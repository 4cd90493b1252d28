package dev.quintet.files.s3;

import dev.quintet.files.FilesRefusal;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Response;

/** Tells every refusal in S3's words (S3 API reference, "Error responses"). */
final class S3RefusalForm {

    private S3RefusalForm() {}

    private record Code(String text, int status) {}

    static Response render(Refused refused, String requestId) {
        Code code = code(refused.refusal());
        byte[] xml =
                new Xml()
                        .open("Error")
                        .element("Code", code.text())
                        .element("Message", refused.detail())
                        .element("RequestId", requestId)
                        .close("Error")
                        .bytes();
        return Response.bytes(Xml.TYPE, xml)
                .status(code.status())
                .header("x-amz-request-id", requestId);
    }

    private static Code code(Refusal refusal) {
        return switch (refusal) {
            case S3Refusal own -> new Code(own.code(), own.status());
            case FilesRefusal files -> ofFiles(files);
            case HttpRefusal http -> ofHttp(http);
            default -> ofStatus(refusal.status());
        };
    }

    // Only these enums have constants with a code of their own in S3; the rest goes by status.
    private static Code ofFiles(FilesRefusal refusal) {
        if (refusal == FilesRefusal.NO_SUCH_BUCKET) {
            return new Code("NoSuchBucket", 404);
        }
        if (refusal == FilesRefusal.NO_SUCH_FILE) {
            return new Code("NoSuchKey", 404);
        }
        if (refusal == FilesRefusal.BUCKET_EXISTS) {
            return new Code("BucketAlreadyOwnedByYou", 409);
        }
        if (refusal == FilesRefusal.TOO_MANY_BUCKETS) {
            return new Code("TooManyBuckets", 400);
        }
        if (refusal == FilesRefusal.KEY_TAKEN) {
            return new Code("AccessDenied", 403);
        }
        return ofStatus(refusal.status());
    }

    private static Code ofHttp(HttpRefusal refusal) {
        if (refusal == HttpRefusal.BODY_INCOMPLETE) {
            return new Code("IncompleteBody", 400);
        }
        if (refusal == HttpRefusal.BODY_TOO_SLOW) {
            return new Code("RequestTimeout", 400);
        }
        if (refusal == HttpRefusal.MALFORMED_REQUEST || refusal == HttpRefusal.URI_TOO_LONG) {
            return new Code("InvalidURI", 400);
        }
        if (refusal == HttpRefusal.OTHER_HTTP_VERSION) {
            return new Code("InvalidRequest", 505);
        }
        return ofStatus(refusal.status());
    }

    private static Code ofStatus(int status) {
        return switch (status) {
            case 401, 403 -> new Code("AccessDenied", 403);
            case 404 -> new Code("NoSuchKey", 404);
            case 405 -> new Code("MethodNotAllowed", 405);
            case 412 -> new Code("PreconditionFailed", 412);
            case 413 -> new Code("EntityTooLarge", 400);
            case 416 -> new Code("InvalidRange", 416);
            case 429, 503 -> new Code("SlowDown", 503);
            default ->
                    status < 500 ? new Code("InvalidRequest", 400) : new Code("InternalError", 500);
        };
    }
}
