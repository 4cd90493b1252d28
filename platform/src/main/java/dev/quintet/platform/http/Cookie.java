package dev.quintet.platform.http;

import java.time.Duration;

/**
 * A cookie that we set: {@code HttpOnly}, {@code SameSite=Lax}, path {@code /}; under https it is
 * {@code Secure} and its name starts with {@code __Host-}, so that no neighbour can plant it.
 */
public record Cookie(String name, String value, Duration maxAge) {

    static final String HOST = "__Host-";

    public Cookie {
        if (!name.matches("(__Host-)?[A-Za-z0-9_]+") || !value.matches("[A-Za-z0-9._~=+/-]*")) {
            throw new IllegalArgumentException("not a cookie name or value: " + name);
        }
    }

    /** For the scheme that the client sees. */
    public static Cookie of(String name, String value, Duration maxAge, boolean https) {
        return new Cookie(https ? HOST + name : name, value, maxAge);
    }

    /** Takes the cookie away. */
    public static Cookie gone(String name, boolean https) {
        return of(name, "", Duration.ZERO, https);
    }

    String render() {
        return name
                + '='
                + value
                + "; Path=/; Max-Age="
                + maxAge.toSeconds()
                + "; HttpOnly; SameSite=Lax"
                + (name.startsWith(HOST) ? "; Secure" : "");
    }
}
