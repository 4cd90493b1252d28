package dev.quintet.chat.centrifugo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * When a token says that it ends: the {@code exp} of a JWT (RFC 7519 section 4.1.4). Believed only
 * after the authenticator took the token; other tokens say nothing.
 */
final class Expiry {

    private static final JsonMapper JSON = JsonMapper.shared();

    private Expiry() {}

    static Optional<Instant> of(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            JsonNode claims =
                    JSON.readTree(new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8));
            JsonNode end = claims.path("exp");
            return end.isNumber()
                    ? Optional.of(Instant.ofEpochSecond(end.longValue()))
                    : Optional.empty();
        } catch (JacksonException | IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }
}
