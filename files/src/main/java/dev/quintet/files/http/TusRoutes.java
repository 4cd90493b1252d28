package dev.quintet.files.http;

import static dev.quintet.files.FilesRefusal.EXTENSION_NOT_OFFERED;
import static dev.quintet.files.FilesRefusal.INVALID_HEADER;
import static dev.quintet.files.FilesRefusal.MISSING_HEADER;
import static dev.quintet.files.FilesRefusal.NO_SUCH_FILE;
import static dev.quintet.files.FilesRefusal.TOO_LARGE;
import static dev.quintet.files.FilesRefusal.UNSUPPORTED_VERSION;
import static dev.quintet.files.FilesRefusal.UPLOAD_INCOMPLETE;
import static dev.quintet.platform.http.HttpRefusal.METHOD_NOT_ALLOWED;
import static dev.quintet.platform.http.HttpRefusal.MISSING_SCOPE;
import static dev.quintet.platform.http.HttpRefusal.WRONG_MEDIA_TYPE;

import dev.quintet.files.Files;
import dev.quintet.files.FilesRefusal;
import dev.quintet.files.Reach;
import dev.quintet.files.Upload;
import dev.quintet.files.UploadMetadata;
import dev.quintet.files.Uploads.Progress;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.blobs.BlobRefusal;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.disk.DiskRefusal;
import dev.quintet.platform.http.HttpDates;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * tus 1.0 at {@code /files}: core, creation, creation-with-upload, expiration, termination. A file
 * that is whole is read at the same address.
 */
public final class TusRoutes {

    private static final String VERSION = "1.0.0";
    private static final String EXTENSIONS = "creation,creation-with-upload,expiration,termination";
    private static final String BODY_TYPE = "application/offset+octet-stream";
    private static final List<String> FOREIGN =
            List.of("upload-defer-length", "upload-concat", "upload-checksum");

    // PATCH may also come as POST.
    private static final Refusal[] APPENDING = {
        NO_SUCH_FILE,
        UNSUPPORTED_VERSION,
        MISSING_HEADER,
        INVALID_HEADER,
        EXTENSION_NOT_OFFERED,
        BlobRefusal.ALREADY_COMMITTED,
        BlobRefusal.APPEND_ENDED,
        BlobRefusal.APPEND_IN_PROGRESS,
        BlobRefusal.WRONG_OFFSET,
        DiskRefusal.DISK_FULL,
        FilesRefusal.KEY_TAKEN,
        FilesRefusal.UPLOAD_EXPIRED,
        FilesRefusal.UPLOAD_TOO_LONG
    };

    private final Files files;
    private final Delivery delivery;

    public TusRoutes(Files files) {
        this.files = files;
        this.delivery = new Delivery(files);
    }

    public Routes routes() {
        Routes plain =
                Routes.of(
                        "files",
                        Route.method("OPTIONS", "/files")
                                .open("tus clients ask what there is before they have a credential")
                                .gives(204)
                                .says("Tells version, extensions and the largest upload.")
                                .by(this::options),
                        Route.post("/files")
                                .scope(Scope.FILES_WRITE)
                                .lane(Lane.STREAMS)
                                .takesBytes(files.config().maxSize())
                                .gives(201)
                                .refuses(
                                        UNSUPPORTED_VERSION,
                                        MISSING_HEADER,
                                        INVALID_HEADER,
                                        EXTENSION_NOT_OFFERED,
                                        FilesRefusal.INVALID_METADATA,
                                        FilesRefusal.METADATA_TOO_LARGE,
                                        FilesRefusal.INVALID_KEY,
                                        TOO_LARGE,
                                        FilesRefusal.TOO_MANY_UPLOADS,
                                        FilesRefusal.TOO_MANY_UNFINISHED_BYTES,
                                        FilesRefusal.NO_SUCH_BUCKET,
                                        FilesRefusal.KEY_TAKEN,
                                        FilesRefusal.UPLOAD_TOO_LONG,
                                        DiskRefusal.DISK_FULL)
                                .says("Opens an upload, with its first bytes if they come along.")
                                .by(this::create),
                        Route.method("HEAD", "/files/{id}")
                                .open("either of files:read and files:write; the handler asks")
                                .refuses(
                                        NO_SUCH_FILE,
                                        UNSUPPORTED_VERSION,
                                        BlobRefusal.APPEND_IN_PROGRESS,
                                        FilesRefusal.UPLOAD_EXPIRED)
                                .says("How far an upload is, or the head of a stored file.")
                                .by(this::head),
                        Route.get("/files/{id}")
                                .scope(Scope.FILES_READ)
                                .lane(Lane.STREAMS)
                                .refuses(NO_SUCH_FILE, UPLOAD_INCOMPLETE)
                                .says("The bytes of a stored file, or a range of them.")
                                .by(this::read),
                        Route.patch("/files/{id}")
                                .scope(Scope.FILES_WRITE)
                                .lane(Lane.STREAMS)
                                .takesBytes(files.config().maxSize(), BODY_TYPE)
                                .gives(204)
                                .refuses(APPENDING)
                                .says("Appends to an upload; the last byte makes it a file.")
                                .by(this::append),
                        Route.post("/files/{id}")
                                .scope(Scope.FILES_WRITE)
                                .lane(Lane.STREAMS)
                                .takesBytes(files.config().maxSize())
                                .gives(204)
                                .refuses(APPENDING)
                                .says(
                                        "PATCH or DELETE for clients that cannot, by X-HTTP-Method-Override.")
                                .by(this::overridden),
                        Route.delete("/files/{id}")
                                .scope(Scope.FILES_WRITE)
                                .gives(204)
                                .refuses(
                                        NO_SUCH_FILE,
                                        UNSUPPORTED_VERSION,
                                        BlobRefusal.APPEND_IN_PROGRESS)
                                .says("Ends an upload or deletes a file.")
                                .by(this::delete));
        var usual = plain.refusalForm();
        return plain.refusingBy((refused, id) -> tus(usual.render(refused, id)))
                .withPolicy(Delivery.SANDBOX);
    }

    private Response options(Request request) {
        return tus(Response.empty(204))
                .header("Tus-Version", VERSION)
                .header("Tus-Extension", EXTENSIONS)
                .header("Tus-Max-Size", Long.toString(files.config().maxSize().bytes()));
    }

    private Response create(Request request) throws IOException {
        requireVersion(request);
        refuseForeign(request);
        long length = length(request);
        UploadMetadata said =
                request.header("Upload-Metadata")
                        .filter(text -> !text.isBlank())
                        .map(UploadMetadata::parse)
                        .orElse(UploadMetadata.NONE);
        boolean withUpload = isBodyType(request);
        if (!withUpload && request.body().declaredLength() > 0) {
            throw WRONG_MEDIA_TYPE.because(
                    request.header("Content-Type").orElse("none"), BODY_TYPE);
        }
        Progress made = files.uploads().create(request.caller(), length, said);
        if (withUpload) {
            made = append(request, made.id(), 0);
        }
        Response answer =
                expiring(tus(Response.empty(201)), made)
                        .header("Location", "/files/" + Files.ID.show(made.id()));
        return withUpload ? answer.header("Upload-Offset", Long.toString(made.offset())) : answer;
    }

    private Response head(Request request) {
        Caller caller = request.caller();
        if (!caller.may(Scope.FILES_WRITE) && !caller.may(Scope.FILES_READ)) {
            throw MISSING_SCOPE.because(Scope.FILES_READ.wire());
        }
        Reach reach = Reach.of(caller);
        boolean tus = request.header("Tus-Resumable").isPresent();
        if (!tus && files.uploads().find(reach, id(request)).isEmpty()) {
            return read(request);
        }
        requireVersion(request);
        Progress progress = files.uploads().progress(reach, id(request));
        Response answer =
                expiring(tus(Response.empty(200)), progress)
                        .header("Upload-Offset", Long.toString(progress.offset()))
                        .header("Upload-Length", Long.toString(progress.length()))
                        .header("Cache-Control", "no-store");
        return progress.tusMetadata().isEmpty()
                ? answer
                : answer.header("Upload-Metadata", progress.tusMetadata());
    }

    private Response read(Request request) {
        Reach reach = Reach.of(request.caller());
        UUID id = id(request);
        Optional<Upload> open = files.uploads().find(reach, id);
        if (open.isPresent()) {
            throw UPLOAD_INCOMPLETE.because(
                    files.uploads().durable(open.get()), open.get().length());
        }
        return tus(delivery.whole(files.file(reach, id), request.head()));
    }

    private Response append(Request request) throws IOException {
        requireVersion(request);
        refuseForeign(request);
        Progress progress = append(request, id(request), offset(request));
        return expiring(tus(Response.empty(204)), progress)
                .header("Upload-Offset", Long.toString(progress.offset()));
    }

    private Progress append(Request request, UUID id, long offset) throws IOException {
        Reach reach = Reach.of(request.caller());
        try {
            return files.uploads()
                    .append(
                            reach,
                            id,
                            offset,
                            request.body().declaredLength(),
                            request.body().stream());
        } catch (Refused refused) {
            throw refused.refusal() == BlobRefusal.WRONG_OFFSET
                    ? withOffset(refused, reach, id)
                    : refused;
        }
    }

    /** Spares the client the HEAD that it would ask next. */
    private Refused withOffset(Refused refused, Reach reach, UUID id) {
        return files.uploads()
                .find(reach, id)
                .map(open ->
                        refused.header(
                                "Upload-Offset", Long.toString(files.uploads().durable(open))))
                .orElse(refused);
    }

    private Response overridden(Request request) throws IOException {
        String method = request.header("X-HTTP-Method-Override").orElse("POST");
        return switch (method) {
            case "PATCH" -> {
                if (!isBodyType(request)) {
                    String type = request.header("Content-Type").orElse("none");
                    throw WRONG_MEDIA_TYPE.because(type, BODY_TYPE);
                }
                yield append(request);
            }
            case "DELETE" -> delete(request);
            case "HEAD" -> head(request);
            default ->
                    throw METHOD_NOT_ALLOWED
                            .because(method, "GET, HEAD, PATCH, DELETE")
                            .header("Allow", "GET, HEAD, PATCH, DELETE");
        };
    }

    private Response delete(Request request) {
        if (request.header("Tus-Resumable").isPresent()) {
            requireVersion(request);
        }
        Reach reach = Reach.of(request.caller());
        UUID id = id(request);
        if (!files.uploads().terminate(reach, id)) {
            files.delete(reach, files.file(reach, id));
        }
        return tus(Response.empty(204));
    }

    private static void requireVersion(Request request) {
        String version = request.header("Tus-Resumable").orElse("none");
        if (!version.equals(VERSION)) {
            throw UNSUPPORTED_VERSION.because(version).header("Tus-Version", VERSION);
        }
    }

    // What is not offered must not be ignored: the client would believe that it was done.
    private static void refuseForeign(Request request) {
        for (String header : FOREIGN) {
            if (request.header(header).isPresent()) {
                throw EXTENSION_NOT_OFFERED.because(header);
            }
        }
    }

    private long length(Request request) {
        BigInteger said = number(request, "Upload-Length");
        if (said.bitLength() > 63) {
            throw TOO_LARGE.because(said, files.config().maxSize());
        }
        return said.longValueExact();
    }

    private long offset(Request request) {
        BigInteger said = number(request, "Upload-Offset");
        if (said.bitLength() > 63) {
            throw INVALID_HEADER.because(
                    "Upload-Offset", "no upload is longer than " + files.config().maxSize());
        }
        return said.longValueExact();
    }

    private static BigInteger number(Request request, String header) {
        String text = request.header(header).orElseThrow(() -> MISSING_HEADER.because(header));
        if (!text.matches("[0-9]{1,40}")) {
            throw INVALID_HEADER.because(
                    header, "it must be a whole number of bytes, not negative");
        }
        return new BigInteger(text);
    }

    private static boolean isBodyType(Request request) {
        return request.header("Content-Type")
                .filter(type -> type.strip().equalsIgnoreCase(BODY_TYPE))
                .isPresent();
    }

    // A client that kept an address of another server starts anew at 404 or 410, not at 400.
    private static UUID id(Request request) {
        String shown = request.path("id");
        return Files.ID.read(shown).orElseThrow(() -> NO_SUCH_FILE.because(shown));
    }

    private static Response tus(Response response) {
        return response.header("Tus-Resumable", VERSION);
    }

    private static Response expiring(Response response, Progress progress) {
        return progress.expiresAt()
                .map(end -> response.header("Upload-Expires", HttpDates.show(end)))
                .orElse(response);
    }
}
