package dev.quintet.platform.egress;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** One request to a foreign server. Only GET and HEAD follow redirects. */
public record EgressRequest(
        String method, URI url, Map<String, String> headers, Optional<byte[]> body) {

    public EgressRequest {
        headers = Map.copyOf(headers);
        headers.forEach((name, value) -> {
            if (hasControl(name) || hasControl(value)) {
                throw new IllegalArgumentException("header " + name + " has a line break");
            }
        });
    }

    public static EgressRequest get(URI url) {
        return new EgressRequest("GET", url, Map.of(), Optional.empty());
    }

    public static EgressRequest post(URI url, Map<String, String> headers, byte[] body) {
        return new EgressRequest("POST", url, headers, Optional.of(body));
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(letter -> letter < ' ' && letter != '\t');
    }
}
