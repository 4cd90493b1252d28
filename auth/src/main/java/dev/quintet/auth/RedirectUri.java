package dev.quintet.auth;

import static dev.quintet.auth.AuthRefusal.REDIRECT_REFUSED;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address that a client registered to be answered at. A request's address must equal it byte for
 * byte (RFC 9700 section 2.1); the one exception is the port of a native client's loopback address
 * (RFC 8252 section 7.3), which is claimed by registering that address without a port.
 */
record RedirectUri(String value) {

    private static final int LONGEST = 2_000;
    private static final Pattern LOOPBACK =
            Pattern.compile("http://(?:127\\.0\\.0\\.1|\\[::1])(?=[:/]|$)");
    private static final Pattern PORT = Pattern.compile(":[1-9][0-9]{0,4}(?=/|$)");

    /**
     * Checks an address that someone wants to register.
     *
     * @param ownOrigin this server's own scheme, host and port, where plain http is the operator's
     *     choice
     */
    static RedirectUri register(String value, boolean publicClient, String ownOrigin) {
        if (value.length() > LONGEST) {
            throw REDIRECT_REFUSED.because(value.substring(0, 60) + "...", "it is too long");
        }
        URI uri;
        try {
            uri = new URI(value);
        } catch (URISyntaxException e) {
            throw REDIRECT_REFUSED.because(value, "it is not an address");
        }
        String scheme = uri.getScheme();
        if (scheme == null || uri.isOpaque()) {
            throw REDIRECT_REFUSED.because(value, "it is not absolute");
        }
        if (uri.getRawFragment() != null) {
            throw REDIRECT_REFUSED.because(value, "it has a fragment");
        }
        if (uri.getRawUserInfo() != null || value.contains("@")) {
            throw REDIRECT_REFUSED.because(value, "it has an @");
        }
        if (value.contains("*")) {
            throw REDIRECT_REFUSED.because(value, "wildcards are not supported; register each one");
        }
        boolean web = scheme.equals("https") || scheme.equals("http");
        if (web && uri.getHost() == null) {
            throw REDIRECT_REFUSED.because(value, "it has no host");
        }
        if (scheme.equals("http") && !isLocal(uri) && !originOf(uri).equals(ownOrigin)) {
            throw REDIRECT_REFUSED.because(value, "http is for loopback addresses; use https");
        }
        // RFC 8252 section 7.1: a reversed domain name, which also keeps javascript: and data: out.
        if (!web && !(publicClient && scheme.contains("."))) {
            throw REDIRECT_REFUSED.because(
                    value,
                    "its scheme is neither https nor a public client's own (com.example.app:)");
        }
        return new RedirectUri(value);
    }

    /** Whether a request that names {@code asked} may be answered there. */
    boolean allows(String asked, boolean publicClient) {
        if (asked.equals(value)) {
            return true;
        }
        Matcher registered = LOOPBACK.matcher(value);
        if (!publicClient || !registered.lookingAt() || value.startsWith(":", registered.end())) {
            return false;
        }
        String host = value.substring(0, registered.end());
        if (!asked.startsWith(host)) {
            return false;
        }
        Matcher port = PORT.matcher(asked).region(host.length(), asked.length());
        return port.lookingAt()
                && asked.substring(port.end()).equals(value.substring(registered.end()));
    }

    /** Scheme, host and port, as the browser's form-action and CORS compare them. */
    static String originOf(URI uri) {
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return uri.getHost() == null
                ? uri.getScheme() + ":"
                : uri.getScheme() + "://" + uri.getHost() + port;
    }

    private static boolean isLocal(URI uri) {
        return switch (String.valueOf(uri.getHost())) {
            case "127.0.0.1", "[::1]", "localhost" -> true;
            default -> false;
        };
    }
}
