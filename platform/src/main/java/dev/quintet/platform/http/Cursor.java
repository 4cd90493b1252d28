package dev.quintet.platform.http;

import dev.quintet.platform.Refusal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.UUID;

/** Where a page of a list, newest first, ended; on the wire the {@code next} of that page. */
public record Cursor(Instant at, UUID id) {

    private static final Cursor NEWEST =
            new Cursor(Instant.parse("9999-12-31T00:00:00Z"), new UUID(-1, -1));

    /** The request's {@code after}, or the beginning. */
    public static Cursor after(Request request, Refusal notOurs) {
        return request.query("after").map(text -> parse(text, notOurs)).orElse(NEWEST);
    }

    private static Cursor parse(String text, Refusal notOurs) {
        int border = Math.max(0, text.indexOf('_'));
        try {
            return new Cursor(
                    Instant.parse(text.substring(0, border)),
                    UUID.fromString(text.substring(border + 1)));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw notOurs.because();
        }
    }

    @Override
    public String toString() {
        return at + "_" + id;
    }
}
