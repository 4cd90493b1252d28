package dev.quintet.files.http;

import dev.quintet.files.Files;
import dev.quintet.files.MediaTypes;
import dev.quintet.files.StoredFile;
import dev.quintet.platform.http.Head;
import dev.quintet.platform.http.Response;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * How user bytes leave the server: never so that a browser runs them with our origin's rights.
 * Everything is an attachment in a sandbox; on a host of its own, what cannot run is shown in
 * place.
 */
public final class Delivery {

    public static final String SANDBOX = "sandbox; default-src 'none'";

    private final Files files;
    private final Optional<URI> contentUrl;

    public Delivery(Files files) {
        this.files = files;
        this.contentUrl = files.config().contentUrl();
    }

    /** The file, or the part or condition that the request asks for. */
    Response whole(StoredFile file, Head head) {
        boolean inPlace = isContentHost(head) && MediaTypes.mayShowInPlace(file.mediaType());
        return Response.ranged(files.content(file, file.mediaType()))
                .header(
                        "Content-Disposition",
                        file.name().disposition(inPlace ? "inline" : "attachment"))
                .header("Content-Security-Policy", SANDBOX)
                .header("Cache-Control", "private, no-cache");
    }

    /** Where signed links begin: the content host, or else the host that was asked. */
    String base(Head head) {
        return contentUrl
                .map(URI::toASCIIString)
                .map(text -> text.endsWith("/") ? text.substring(0, text.length() - 1) : text)
                .orElseGet(head::origin);
    }

    private boolean isContentHost(Head head) {
        return contentUrl
                .map(URI::getAuthority)
                .filter(authority ->
                        authority
                                .toLowerCase(Locale.ROOT)
                                .equals(head.host().toLowerCase(Locale.ROOT)))
                .isPresent();
    }
}
