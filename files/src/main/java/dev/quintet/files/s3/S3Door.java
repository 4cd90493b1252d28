package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.METHOD_NOT_ALLOWED;
import static dev.quintet.files.s3.S3Refusal.NOT_IMPLEMENTED;

import dev.quintet.files.Files;
import dev.quintet.files.FilesRefusal;
import dev.quintet.files.http.Delivery;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.disk.DiskRefusal;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import java.io.IOException;
import java.time.InstantSource;

/**
 * The S3 API, path style, at the root of its own port. One way in: no operation runs before the
 * signature was believed and the key's scope asked.
 */
public final class S3Door {

    private final Files files;
    private final SignatureCheck check;
    private final BucketOperations buckets;
    private final ObjectOperations objects;

    public S3Door(Files files, InstantSource time) {
        this.files = files;
        String region = files.config().s3().region();
        this.check =
                new SignatureCheck(
                        region,
                        time,
                        id ->
                                files.accessKeys()
                                        .find(id)
                                        .map(key ->
                                                new SignatureCheck.Key(
                                                        key.secret(), key.caller())));
        this.buckets = new BucketOperations(files, region);
        this.objects = new ObjectOperations(files);
    }

    public Routes routes() {
        return Routes.of(
                        "files",
                        Route.any("/{path...}")
                                .open("SigV4: the access key carries the scopes")
                                .lane(Lane.STREAMS)
                                .takesBytes(largestBody())
                                .refuses(S3Refusal.values())
                                .refuses(
                                        FilesRefusal.BUCKET_EXISTS,
                                        FilesRefusal.CONDITION_FAILED,
                                        FilesRefusal.KEY_TAKEN,
                                        FilesRefusal.TOO_MANY_BUCKETS,
                                        DiskRefusal.DISK_FULL)
                                .says("The S3 API.")
                                .by(this::answer))
                .refusingBy(S3RefusalForm::render)
                .withPolicy(Delivery.SANDBOX);
    }

    // Signatures of the smallest chunks that S3 allows (8 KiB) add about a hundredth.
    private DataSize largestBody() {
        long most = files.config().maxSize().bytes();
        return new DataSize(most + most / 64 + DataSize.mebibytes(1).bytes());
    }

    private Response answer(Request request) throws IOException {
        S3Request asked = S3Request.of(request, check);
        boolean reads = asked.wire().method().equals("GET") || asked.wire().method().equals("HEAD");
        request.provenBy(asked.caller().organisation(), asked.caller().credential());
        asked.require(reads ? Scope.FILES_READ : Scope.FILES_WRITE);
        return route(asked).header("x-amz-request-id", request.id());
    }

    private Response route(S3Request asked) throws IOException {
        if (asked.bucket().isEmpty()) {
            return ofService(asked);
        }
        return asked.key().isEmpty() ? ofBucket(asked) : ofObject(asked);
    }

    private Response ofService(S3Request asked) {
        if (asked.wire().method().equals("GET")) {
            return buckets.list(asked);
        }
        throw METHOD_NOT_ALLOWED.because(asked.wire().method());
    }

    private Response ofBucket(S3Request asked) throws IOException {
        return switch (asked.wire().method()) {
            case "PUT" -> buckets.create(asked);
            case "HEAD" -> buckets.head(asked);
            case "GET" -> buckets.objects(asked);
            case "POST", "DELETE" ->
                    throw NOT_IMPLEMENTED.because(asked.wire().method() + " of a bucket");
            default -> throw METHOD_NOT_ALLOWED.because(asked.wire().method());
        };
    }

    private Response ofObject(S3Request asked) throws IOException {
        return switch (asked.wire().method()) {
            case "PUT" -> objects.put(asked);
            case "HEAD", "GET" -> objects.read(asked);
            case "DELETE" -> objects.delete(asked);
            case "POST" -> throw NOT_IMPLEMENTED.because("POST of an object");
            default -> throw METHOD_NOT_ALLOWED.because(asked.wire().method());
        };
    }
}
