package dev.quintet.files.http;

import static dev.quintet.files.FilesRefusal.INVALID_EXPIRY;
import static dev.quintet.files.FilesRefusal.INVALID_LINK;
import static dev.quintet.files.FilesRefusal.LINK_EXPIRED;
import static dev.quintet.files.FilesRefusal.NO_SUCH_ACCESS_KEY;
import static dev.quintet.files.FilesRefusal.NO_SUCH_FILE;
import static dev.quintet.files.FilesRefusal.TOO_MANY_KEYS;

import dev.quintet.files.AccessKey;
import dev.quintet.files.AccessKeys;
import dev.quintet.files.Files;
import dev.quintet.files.Links;
import dev.quintet.files.Reach;
import dev.quintet.files.StoredFile;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.SqlRefusal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Our own API of files, and the signed links that it gives out. */
public final class FilesRoutes {

    private static final String MATCHES = "[0-9]{1,18}";

    private final Files files;
    private final Delivery delivery;
    private final Idempotency idempotency;

    public FilesRoutes(Files files, Idempotency idempotency) {
        this.files = files;
        this.idempotency = idempotency;
        this.delivery = new Delivery(files);
    }

    public Routes routes() {
        return Routes.of(
                "files",
                Route.get("/api/v1/files")
                        .scope(Scope.FILES_READ)
                        .query("limit", "at most so many, 1 to 200")
                        .query("after", "the 'next' of the page before")
                        .gives(200, Listed.class)
                        .says("Stored files, the newest first.")
                        .by(this::list),
                Route.get("/api/v1/files/{id}")
                        .scope(Scope.FILES_READ)
                        .gives(200, Shown.class)
                        .refuses(NO_SUCH_FILE)
                        .says("What is known of a stored file.")
                        .by(this::show),
                Route.post("/api/v1/files/{id}/links")
                        .scope(Scope.FILES_READ)
                        .takes(LinkWish.class)
                        .gives(201, Link.class)
                        .refuses(NO_SUCH_FILE, INVALID_EXPIRY)
                        .says("An address that opens the file to whoever holds it, for a time.")
                        .by(this::link),
                Route.get("/f/{file}/{name}")
                        .open("the signature in the address stands for the right")
                        .lane(Lane.STREAMS)
                        .query("expires", "until when, in seconds since 1970")
                        .query("signature", "of the file and the time")
                        .refuses(NO_SUCH_FILE, INVALID_LINK, LINK_EXPIRED)
                        .says("The bytes behind a signed link.")
                        .by(this::deliver),
                Route.post("/api/v1/files/access-keys")
                        .scope(Scope.FILES_WRITE)
                        .takes(KeyWish.class)
                        .gives(201, MadeKey.class)
                        .refuses(TOO_MANY_KEYS, SqlRefusal.IDEMPOTENCY_KEY_REUSED)
                        .says(
                                "A key for S3 with the caller's rights on files; the secret is shown once.")
                        .by(this::makeKey),
                Route.get("/api/v1/files/access-keys")
                        .scope(Scope.FILES_WRITE)
                        .gives(200, ListedKeys.class)
                        .says("The S3 keys there are, without their secrets.")
                        .by(this::listKeys),
                Route.delete("/api/v1/files/access-keys/{accessKeyId}")
                        .scope(Scope.FILES_WRITE)
                        .gives(204)
                        .refuses(NO_SUCH_ACCESS_KEY)
                        .says("Revokes an S3 key, everywhere within a second.")
                        .by(this::revokeKey));
    }

    record Shown(
            String id,
            String name,
            long size,
            String contentType,
            String bucket,
            String key,
            String etag,
            Optional<String> user,
            Instant createdAt) {

        static Shown of(StoredFile file) {
            return new Shown(
                    Files.ID.show(file.id()),
                    file.name().text(),
                    file.size(),
                    file.mediaType(),
                    file.bucket(),
                    file.key(),
                    file.tag(),
                    file.person().map(IdKind.PERSON::show),
                    file.createdAt());
        }
    }

    record Listed(List<Shown> items, Optional<String> next) {}

    /**
     * @param expiresIn in seconds
     */
    record LinkWish(Optional<Long> expiresIn) {}

    record Link(String url, Instant expiresAt) {}

    record KeyWish() {}

    record MadeKey(String accessKeyId, String secretAccessKey) {}

    record ShownKey(
            String accessKeyId, List<String> scopes, Optional<String> user, Instant createdAt) {

        static ShownKey of(AccessKey key) {
            return new ShownKey(
                    key.id(),
                    key.scopes().stream().map(Scope::wire).sorted().toList(),
                    key.person().map(IdKind.PERSON::show),
                    key.createdAt());
        }
    }

    record ListedKeys(List<ShownKey> items, Optional<String> next) {}

    private Response list(Request request) {
        int limit = request.query("limit", 1, 200, 50);
        Optional<Long> after =
                request.query("after")
                        .map(text -> {
                            if (!text.matches(MATCHES)) {
                                throw HttpRefusal.INVALID_PARAMETER.because(
                                        "after", "give the 'next' of the page before");
                            }
                            return Long.parseLong(text);
                        });
        Files.Page page = files.list(Reach.of(request.caller()), after, limit);
        return Response.json(
                new Listed(
                        page.items().stream().map(Shown::of).toList(),
                        page.next().map(position -> Long.toString(position))));
    }

    private Response show(Request request) {
        return Response.json(Shown.of(file(request)));
    }

    private Response link(Request request) {
        LinkWish wish = request.json(LinkWish.class);
        StoredFile file = file(request);
        Links.Ticket ticket =
                files.links().issue(file.id(), wish.expiresIn().orElse(Links.USUAL.toSeconds()));
        String url =
                delivery.base(request.head())
                        + "/f/"
                        + Files.ID.show(file.id())
                        + '/'
                        + file.name().encoded()
                        + "?expires="
                        + ticket.expires()
                        + "&signature="
                        + ticket.signature();
        return Response.created(new Link(url, Instant.ofEpochSecond(ticket.expires())));
    }

    private Response deliver(Request request) {
        String expires =
                request.query("expires")
                        .filter(text -> text.matches(MATCHES))
                        .orElseThrow(INVALID_LINK::because);
        Links.Ticket ticket =
                new Links.Ticket(
                        request.path("file", Files.ID),
                        Long.parseLong(expires),
                        request.query("signature").orElseThrow(INVALID_LINK::because));
        return delivery.whole(files.linked(ticket), request.head());
    }

    private Response makeKey(Request request) {
        request.json(KeyWish.class);
        return idempotency
                .answer(
                        request,
                        201,
                        tx -> {
                            AccessKeys.Live made = files.accessKeys().make(tx, request.caller());
                            return new MadeKey(made.id(), made.secret());
                        })
                .header("Cache-Control", "no-store");
    }

    private Response listKeys(Request request) {
        List<AccessKey> keys = files.accessKeys().list(request.caller());
        return Response.json(
                new ListedKeys(keys.stream().map(ShownKey::of).toList(), Optional.empty()));
    }

    private Response revokeKey(Request request) {
        files.accessKeys().revoke(request.caller(), request.path("accessKeyId"));
        return Response.empty(204);
    }

    private StoredFile file(Request request) {
        return files.file(Reach.of(request.caller()), request.path("id", Files.ID));
    }
}
