package dev.quintet.analytics;

import dev.quintet.platform.DataSize;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which items are events, and what their columns hold (Segment's spec: common fields and the six
 * calls). The same item, envelope and time of receipt always get the same verdict, so that a range
 * of the log can be judged again after a crash.
 */
final class EventRules {

    static final DataSize MAX_ITEM = DataSize.kibibytes(32);

    private static final int MAX_TEXT = 1_000;
    private static final Instant FIRST_WRITABLE = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST_WRITABLE = Instant.parse("9999-12-31T00:00:00Z");
    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Duration AHEAD = Duration.ofDays(1);

    /** What the way of a request explains; more than that is a wrong clock. */
    private static final Duration TRANSIT = Duration.ofMinutes(5);

    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                    .optionalStart()
                    .appendOffset("+HH:MM:ss", "Z")
                    .optionalEnd()
                    .optionalStart()
                    .appendOffset("+HHmm", "Z")
                    .optionalEnd()
                    .toFormatter(Locale.ROOT)
                    .withResolverStyle(ResolverStyle.SMART);
    private static final Pattern LEAP_SECOND = Pattern.compile("(T\\d\\d:\\d\\d):60");

    private EventRules() {}

    /**
     * What an item shares with the others of its request.
     *
     * @param call the call it came by; a single call gives its type
     * @param sentAt by the sender's clock
     */
    record Envelope(
            Call call,
            Optional<Instant> sentAt,
            JsonNode context,
            Instant receivedAt,
            String fallbackId) {}

    static Verdict judge(JsonNode item, Envelope envelope) {
        try {
            return accept(item, envelope);
        } catch (Unfit unfit) {
            return new Verdict.Bad(unfit.reason, unfit.path);
        }
    }

    private static Verdict accept(JsonNode item, Envelope envelope) {
        if (!item.isObject()) {
            throw new Unfit("an event is a JSON object", "");
        }
        int length = item.toString().length();
        if (length > MAX_ITEM.bytes()) {
            throw new Unfit(
                    "an event takes at most "
                            + MAX_ITEM
                            + ", this one has "
                            + length
                            + " characters",
                    "");
        }
        Call call = type(item, envelope.call());
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        requireWhole(item.path("messageId"));
        Optional<String> given = text(item, "messageId");
        String messageId =
                given.isPresent() && !given.get().isBlank() ? given.get() : envelope.fallbackId();
        row.put("message_id", messageId);
        row.put("type", call.wire());
        row.put("user_id", text(item, "userId").orElse(null));
        row.put("anonymous_id", text(item, "anonymousId").orElse(null));
        row.put("group_id", text(item, "groupId").orElse(null));
        row.put("previous_id", text(item, "previousId").orElse(null));
        row.put("event", text(item, "event").orElse(null));
        row.put("name", text(item, "name").orElse(null));
        requireIds(call, row);
        times(item, envelope, row);
        row.put("properties", object(item, "properties"));
        row.put("traits", object(item, "traits"));
        String context = object(item, "context");
        row.put(
                "context",
                context == null && envelope.context().isObject()
                        ? clean(envelope.context().toString())
                        : context);
        return new Verdict.Good(messageId, row);
    }

    /** Cleaned, two ids could become one, and the second event would be dropped as the first. */
    private static void requireWhole(JsonNode messageId) {
        if (messageId.isString()
                && !clean(messageId.stringValue()).equals(messageId.stringValue())) {
            throw new Unfit(
                    "messageId holds no NUL character and no half of a surrogate pair",
                    "/messageId");
        }
    }

    private static Call type(JsonNode item, Call call) {
        if (call != Call.BATCH) {
            return call;
        }
        String wire = text(item, "type").orElse("");
        return Call.ofEvent(wire)
                .orElseThrow(() ->
                        new Unfit(
                                "type is one of track, identify, page, screen, group and alias, not '"
                                        + wire
                                        + "'",
                                "/type"));
    }

    private static void requireIds(Call call, Map<String, @Nullable Object> row) {
        if (row.get("user_id") == null && row.get("anonymous_id") == null) {
            throw new Unfit("userId or anonymousId is required", "/userId");
        }
        switch (call) {
            case TRACK -> require(row, "event", "/event");
            case GROUP -> require(row, "group_id", "/groupId");
            case ALIAS -> require(row, "previous_id", "/previousId");
            case IDENTIFY, PAGE, SCREEN, BATCH -> {}
        }
    }

    private static void require(Map<String, @Nullable Object> row, String column, String path) {
        if (row.get(column) == null) {
            throw new Unfit(path.substring(1) + " is required for this type", path);
        }
    }

    private static void times(JsonNode item, Envelope envelope, Map<String, @Nullable Object> row) {
        Optional<Instant> original =
                time(item, "timestamp").or(() -> time(item, "originalTimestamp"));
        Optional<Instant> sent = sentAt(item).or(envelope::sentAt);
        Instant received = envelope.receivedAt();
        row.put(
                "timestamp",
                micros(original.map(by -> happened(by, sent, received)).orElse(received)));
        row.put("original_timestamp", original.map(EventRules::micros).orElse(null));
        row.put("sent_at", sent.map(EventRules::micros).orElse(null));
    }

    /**
     * A clock that shows another time than ours at the sending is wrong: then only how long before
     * the sending it happened counts, and nothing if that makes no sense either. What the clock
     * said is kept beside it.
     */
    private static Instant happened(Instant original, Optional<Instant> sent, Instant received) {
        Instant happened = original;
        if (sent.isPresent()
                && Duration.between(sent.get(), received).abs().compareTo(TRANSIT) > 0) {
            happened =
                    original.isAfter(sent.get())
                            ? received
                            : received.minus(Duration.between(original, sent.get()));
        }
        return happened.isBefore(EARLIEST) || happened.isAfter(received.plus(AHEAD))
                ? received
                : happened;
    }

    /** Only repairs a clock: one that cannot be read repairs none. */
    private static Optional<Instant> sentAt(JsonNode item) {
        try {
            return time(item, "sentAt");
        } catch (Unfit unreadable) {
            return Optional.empty();
        }
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static Optional<Instant> time(JsonNode item, String member) {
        JsonNode value = item.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (value.isNumber() && value.canConvertToLong()) {
            return Optional.of(writable(Instant.ofEpochMilli(value.longValue()), member, value));
        }
        if (!value.isString()) {
            throw new Unfit(
                    member + " is a text like 2026-11-21T10:00:00.000Z, or milliseconds since 1970",
                    "/" + member);
        }
        return Optional.of(parse(value.stringValue(), member));
    }

    /**
     * ISO 8601 with a date, extended or with a basic offset; without an offset it is UTC, without a
     * time the day's beginning. 24:00 is the next day's beginning, a leap second the one before.
     */
    static Instant parse(String text, String member) {
        try {
            Instant time;
            if (text.length() <= 10) {
                time = LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            } else {
                var parsed =
                        TIME.parseBest(
                                LEAP_SECOND.matcher(text.replace(' ', 'T')).replaceFirst("$1:59"),
                                OffsetDateTime::from,
                                LocalDateTime::from);
                time =
                        parsed instanceof OffsetDateTime exact
                                ? exact.toInstant()
                                : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
            }
            return writable(time, member, text);
        } catch (DateTimeException unreadable) {
            throw unreadable(member, text);
        }
    }

    private static Instant writable(Instant time, String member, Object given) {
        if (time.isAfter(LAST_WRITABLE) || time.isBefore(FIRST_WRITABLE)) {
            throw unreadable(member, given.toString());
        }
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    private static Unfit unreadable(String member, String text) {
        return new Unfit(
                member + " is a time like 2026-11-21T10:00:00.000Z, not '" + cut(text) + "'",
                "/" + member);
    }

    /** Some libraries send ids as numbers; they mean the same text. */
    private static Optional<String> text(JsonNode item, String member) {
        JsonNode value = item.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString() && !value.isNumber()) {
            throw new Unfit(member + " is a text", "/" + member);
        }
        String text = clean(value.asString());
        if (text.length() > MAX_TEXT) {
            throw new Unfit(
                    member + " has at most " + MAX_TEXT + " characters, not " + text.length(),
                    "/" + member);
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static @Nullable String object(JsonNode item, String member) {
        JsonNode value = item.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isObject()) {
            throw new Unfit(member + " is a JSON object", "/" + member);
        }
        return clean(value.toString());
    }

    /** What no UTF-8 column can hold: half a surrogate pair, and the zero that ends C texts. */
    static String clean(String text) {
        StringBuilder cleaned = null;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean paired =
                    Character.isHighSurrogate(c)
                            && at + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(at + 1));
            if (paired) {
                at++;
                continue;
            }
            if (c == 0 || Character.isSurrogate(c)) {
                cleaned = cleaned == null ? new StringBuilder(text) : cleaned;
                cleaned.setCharAt(at, '\uFFFD');
            }
        }
        return cleaned == null ? text : cleaned.toString();
    }

    private static String cut(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }

    static final class Unfit extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String reason;
        private final String path;

        Unfit(String reason, String path) {
            super(reason, null, false, false);
            this.reason = reason;
            this.path = path;
        }
    }
}
