package dev.quintet.platform.http;

import java.util.Optional;

/** Adds to an answer what every answer carries. */
final class Dress {

    private Dress() {}

    static Response up(Response response, Head head, Optional<Routes> group) {
        Response dressed =
                response.header("X-Request-Id", head.requestId())
                        .header("X-Content-Type-Options", "nosniff")
                        .header("Referrer-Policy", "strict-origin-when-cross-origin");
        if (head.https()) {
            dressed = dressed.header("Strict-Transport-Security", "max-age=31536000");
        }
        if (response.header("Content-Security-Policy").isEmpty()) {
            dressed =
                    dressed.header(
                            "Content-Security-Policy",
                            group.map(Routes::contentSecurityPolicy).orElse(Routes.NOTHING));
        }
        return dressed;
    }
}
