package dev.quintet.platform.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses answers that are worth it. One with an entity tag goes out as it is: a strong tag
 * names the bytes, and a weak one could not be sent back in {@code If-Match}.
 */
final class Gzip {

    private static final int WORTH_IT = 1024;
    private static final Set<String> TYPES =
            Set.of(
                    "application/json",
                    "application/problem+json",
                    "application/xml",
                    "application/javascript",
                    "image/svg+xml");

    private Gzip() {}

    static Response maybe(Response answer, Head head) {
        return switch (answer.body()) {
            case Response.Body.Json(Object value) -> maybe(answer, head, Json.write(value));
            case Response.Body.Bytes(ByteBuffer bytes) -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                yield maybe(answer, head, copy);
            }
            case Response.Body.Empty empty -> answer;
            case Response.Body.Stream stream -> answer;
            case Response.Body.Ranged ranged -> answer;
            case Response.Body.Events events -> answer;
        };
    }

    private static Response maybe(Response answer, Head head, byte[] bytes) {
        if (bytes.length < WORTH_IT
                || answer.header("ETag").isPresent()
                || answer.header("Content-Encoding").isPresent()
                || !compressible(answer)) {
            return answer;
        }
        Response varying = answer.header("Vary", "Accept-Encoding");
        return accepted(head)
                ? varying.header("Content-Encoding", "gzip")
                        .body(new Response.Body.Bytes(ByteBuffer.wrap(pack(bytes))))
                : varying;
    }

    private static boolean compressible(Response answer) {
        String type = answer.header("Content-Type").orElse("").split(";", 2)[0];
        return TYPES.contains(type) || type.startsWith("text/");
    }

    private static boolean accepted(Head head) {
        return Arrays.stream(
                        head.header("accept-encoding")
                                .orElse("")
                                .toLowerCase(Locale.ROOT)
                                .split(",", -1))
                .map(each -> each.replace(" ", ""))
                .anyMatch(each ->
                        each.equals("gzip")
                                || (each.startsWith("gzip;q=")
                                        && !each.matches("gzip;q=0(\\.0*)?")));
    }

    private static byte[] pack(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(bytes.length / 3);
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
