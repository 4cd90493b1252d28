package dev.quintet.platform.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a request says before its body.
 *
 * @param method in upper case
 * @param rawPath still percent-encoded, e.g. for signatures
 * @param rawQuery still percent-encoded, without the question mark; empty if there is none
 * @param headers by lower-case name, in the order they came
 * @param client the client's address, after trusted proxies are taken off
 * @param https whether the client spoke https to us or to a trusted proxy
 * @param host the authority the client asked for
 */
public record Head(
        String method,
        String rawPath,
        String rawQuery,
        Map<String, List<String>> headers,
        String client,
        boolean https,
        String host,
        String requestId) {

    public Optional<String> header(String name) {
        List<String> values = headers.get(name.toLowerCase(java.util.Locale.ROOT));
        return values == null ? Optional.empty() : Optional.of(String.join(", ", values));
    }

    public Optional<String> query(String name) {
        List<String> values = queryAll().get(name);
        return values == null ? Optional.empty() : Optional.of(values.getFirst());
    }

    /** All query parameters, decoded, in order. */
    public Map<String, List<String>> queryAll() {
        return PercentCoding.form(rawQuery);
    }

    /** A cookie's value; under https only its {@code __Host-} form counts. */
    public Optional<String> cookie(String name) {
        String wanted = https ? Cookie.HOST + name : name;
        List<String> found = new ArrayList<>();
        for (String line : headers.getOrDefault("cookie", List.of())) {
            for (String pair : line.split(";", -1)) {
                int border = pair.indexOf('=');
                if (border > 0 && pair.substring(0, border).strip().equals(wanted)) {
                    found.add(pair.substring(border + 1).strip());
                }
            }
        }
        return found.stream().findFirst();
    }

    /** All cookies whose names go on after a beginning, by the rest of their names. */
    public Map<String, String> cookies(String beginning) {
        String wanted = https ? Cookie.HOST + beginning : beginning;
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : headers.getOrDefault("cookie", List.of())) {
            for (String pair : line.split(";", -1)) {
                int border = pair.indexOf('=');
                String name = border > 0 ? pair.substring(0, border).strip() : "";
                if (name.startsWith(wanted)) {
                    found.putIfAbsent(
                            name.substring(wanted.length()), pair.substring(border + 1).strip());
                }
            }
        }
        return found;
    }

    /** {@code https://host} as the client sees us. */
    public String origin() {
        return (https ? "https://" : "http://") + host;
    }

    /** The segments of the path, still encoded. */
    List<String> segments() {
        String below = rawPath.startsWith("/") ? rawPath.substring(1) : rawPath;
        return List.of(below.split("/", -1));
    }
}
