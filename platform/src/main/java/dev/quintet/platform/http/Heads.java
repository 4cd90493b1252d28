package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.MALFORMED_REQUEST;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Reads a {@link Head} off the engine's request. */
final class Heads {

    private static final Pattern SANE_ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    private Heads() {}

    static Head of(HttpServerRequest request, TrustedProxies proxies, Supplier<String> newId) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : request.headers()) {
            headers.computeIfAbsent(
                            field.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
                    .add(field.getValue());
        }
        String uri = request.uri();
        if (!uri.startsWith("/") && uri.contains("://")) {
            int path = uri.indexOf('/', uri.indexOf("://") + 3);
            uri = path < 0 ? "/" : uri.substring(path);
        }
        int border = uri.indexOf('?');
        String id = request.getHeader("X-Request-Id");
        SocketAddress socket = request.connection().remoteAddress();
        String peer =
                socket == null || socket.hostAddress() == null ? "unknown" : socket.hostAddress();
        TrustedProxies.Client client = proxies.client(peer, request.isSSL(), headers);
        var authority = request.authority();
        return new Head(
                request.method().name(),
                border < 0 ? uri : uri.substring(0, border),
                border < 0 ? "" : uri.substring(border + 1),
                headers,
                client.address(),
                client.https(),
                authority == null ? "localhost" : authority.toString(),
                id != null && SANE_ID.matcher(id).matches() ? id : newId.get());
    }

    /** The announced bytes of the body; -1 if it comes in chunks or, on HTTP/2, unannounced. */
    static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        if (request.headers().contains("Transfer-Encoding")
                || (length == null && Streams.shared(request))) {
            return -1;
        }
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** What the engine lets through and we do not. */
    static void check(Head head, HttpServerRequest request) {
        List<String> hosts = head.headers().getOrDefault("host", List.of());
        // RFC 9112 section 3.2; HTTP/2 has it as a pseudo-header, which the engine checks.
        if (hosts.size() > 1 || (hosts.isEmpty() && request.version() == HttpVersion.HTTP_1_1)) {
            throw MALFORMED_REQUEST.because("a request names one Host");
        }
        if (!hosts.isEmpty() && !hosts.getFirst().isEmpty() && request.authority() == null) {
            throw MALFORMED_REQUEST.because("Host is a host name and maybe a port");
        }
        // What another coding than chunked holds would be taken for the content itself.
        if (!head.header("transfer-encoding").orElse("chunked").equalsIgnoreCase("chunked")) {
            throw MALFORMED_REQUEST.because("of Transfer-Encoding only 'chunked' is taken");
        }
        if (!head.rawPath().startsWith("/")) {
            throw MALFORMED_REQUEST.because("the address must start with '/'");
        }
    }
}
