package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_REQUEST;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters of a query or form, each at most once and never empty: an empty one counts as
 * omitted, a repeated one is refused (RFC 6749 section 3.1).
 */
public record Parameters(Map<String, String> values, Set<String> repeated) {

    private static final int MOST = 60;

    public Parameters {
        values = Map.copyOf(values);
        repeated = Set.copyOf(repeated);
    }

    /** Reads {@code application/x-www-form-urlencoded} text. */
    public static Parameters parse(String encoded) {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> repeated = new LinkedHashSet<>();
        String[] pairs = encoded.isEmpty() ? new String[0] : encoded.split("&", MOST + 1);
        if (pairs.length > MOST) {
            throw INVALID_REQUEST.because("there are more than " + MOST + " parameters");
        }
        for (String pair : pairs) {
            int border = pair.indexOf('=');
            String name = decode(border < 0 ? pair : pair.substring(0, border));
            String value = border < 0 ? "" : decode(pair.substring(border + 1));
            if (!value.isEmpty() && values.put(name, value) != null) {
                repeated.add(name);
            }
        }
        return new Parameters(values, repeated);
    }

    public Optional<String> optional(String name) {
        if (repeated.contains(name)) {
            throw INVALID_REQUEST.because("the parameter " + name + " comes more than once");
        }
        return Optional.ofNullable(values.get(name));
    }

    public String required(String name) {
        return optional(name)
                .orElseThrow(() -> INVALID_REQUEST.because("the parameter " + name + " is missing"));
    }

    /** A space-separated list (RFC 6749 section 3.3), in its order. */
    Set<String> words(String name) {
        Set<String> words = new LinkedHashSet<>();
        optional(name).ifPresent(text -> words.addAll(java.util.List.of(text.trim().split(" +"))));
        return words;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw INVALID_REQUEST.because("a parameter is not well percent-encoded");
        }
    }
}
