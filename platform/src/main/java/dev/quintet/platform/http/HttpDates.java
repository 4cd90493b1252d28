package dev.quintet.platform.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/** Dates as RFC 9110 section 5.6.7 writes them: {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
public final class HttpDates {

    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private HttpDates() {}

    public static String show(Instant time) {
        return FORM.format(time);
    }

    public static Optional<Instant> parse(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, FORM).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
