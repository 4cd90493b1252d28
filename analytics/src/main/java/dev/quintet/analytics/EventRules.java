package dev.quintet.analytics;

import dev.quintet.analytics.Item.Kind;
import dev.quintet.analytics.Item.Member;
import dev.quintet.platform.DataSize;
import java.math.BigDecimal;
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
import tools.jackson.core.JacksonException;

/**
 * Which items are events, and what their columns hold (Segment's spec: common fields and the six
 * calls). The same item, envelope and time of receipt always get the same verdict, so that a range
 * of the log can be judged again after a crash.
 */
final class EventRules {

    static final DataSize MAX_ITEM = DataSize.kibibytes(32);

    private static final char REPLACEMENT = '\uFFFD';
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
    // Of milliseconds: what surely fits into a long.
    private static final int MOST_DIGITS = 18;
    private static final int LONGEST_NUMBER = 40;
    private static final Pattern LEAP_SECOND = Pattern.compile("(T\\d\\d:\\d\\d):60");

    private EventRules() {}

    /**
     * What an item shares with the others of its request.
     *
     * @param call the call it came by; a single call gives its type
     * @param sentAt by the sender's clock
     * @param context the request, when it has one for items without their own
     */
    record Envelope(
            Call call, Optional<Instant> sentAt, Optional<Item> context, Instant receivedAt) {}

    /**
     * @param ownId the id of an event that brought none
     */
    static Verdict judge(Item item, Envelope envelope, String ownId) {
        try {
            return accept(item, envelope, ownId);
        } catch (Unfit unfit) {
            return new Verdict.Bad(unfit.reason, unfit.path);
        }
    }

    private static Verdict accept(Item item, Envelope envelope, String ownId) {
        if (!item.isObject()) {
            throw new Unfit("an event is a JSON object", "");
        }
        int length = item.length() <= MAX_ITEM.bytes() ? 0 : item.unfoldedLength();
        if (length > MAX_ITEM.bytes()) {
            throw new Unfit(
                    "an event takes at most "
                            + MAX_ITEM
                            + ", this one has "
                            + length
                            + " characters",
                    "");
        }
        Optional<Verdict.Bad> flaw = item.flaw();
        if (flaw.isPresent()) {
            throw new Unfit(flaw.get().reason(), flaw.get().path());
        }
        Call call = type(item, envelope.call());
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        requireWhole(item);
        String messageId = text(item, Member.MESSAGE_ID).filter(id -> !id.isBlank()).orElse(ownId);
        row.put("message_id", messageId);
        row.put("type", call.wire());
        row.put("user_id", text(item, Member.USER_ID).orElse(null));
        row.put("anonymous_id", text(item, Member.ANONYMOUS_ID).orElse(null));
        row.put("group_id", text(item, Member.GROUP_ID).orElse(null));
        row.put("previous_id", text(item, Member.PREVIOUS_ID).orElse(null));
        row.put("event", text(item, Member.EVENT).orElse(null));
        row.put("name", text(item, Member.NAME).orElse(null));
        requireIds(call, row);
        times(item, envelope, row);
        row.put("properties", object(item, Member.PROPERTIES));
        row.put("traits", object(item, Member.TRAITS));
        String context = object(item, Member.CONTEXT);
        row.put("context", context == null ? sharedContext(envelope) : context);
        return new Verdict.Good(messageId, row);
    }

    private static @Nullable String sharedContext(Envelope envelope) {
        if (envelope.context().isEmpty()) {
            return null;
        }
        Item request = envelope.context().get();
        request.flaw(Member.CONTEXT)
                .ifPresent(flaw -> {
                    throw new Unfit(flaw, Member.CONTEXT.path());
                });
        return stored(request, Member.CONTEXT);
    }

    /** Cleaned, two ids could become one, and the second event would be dropped as the first. */
    private static void requireWhole(Item item) {
        if (item.kind(Member.MESSAGE_ID) != Kind.TEXT) {
            return;
        }
        String messageId = item.text(Member.MESSAGE_ID);
        if (!clean(messageId).equals(messageId)
                || (item.isMended() && messageId.indexOf(REPLACEMENT) >= 0)) {
            throw new Unfit(
                    "messageId holds no NUL character and no half of a surrogate pair",
                    Member.MESSAGE_ID.path());
        }
    }

    private static Call type(Item item, Call call) {
        if (call != Call.BATCH) {
            return call;
        }
        String wire = text(item, Member.TYPE).orElse("");
        return Call.ofEvent(wire)
                .orElseThrow(() ->
                        new Unfit(
                                "type is one of track, identify, page, screen, group and alias, not '"
                                        + wire
                                        + "'",
                                Member.TYPE.path()));
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

    private static void times(Item item, Envelope envelope, Map<String, @Nullable Object> row) {
        Optional<Instant> original =
                time(item, Member.TIMESTAMP).or(() -> time(item, Member.ORIGINAL_TIMESTAMP));
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
    static Optional<Instant> sentAt(Item item) {
        try {
            return time(item, Member.SENT_AT);
        } catch (Unfit unreadable) {
            return Optional.empty();
        }
    }

    static long micros(Instant time) {
        return Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
    }

    private static Optional<Instant> time(Item item, Member member) {
        return switch (item.kind(member)) {
            case NONE -> Optional.empty();
            case TEXT -> Optional.of(parse(item.text(member), member.wire()));
            case NUMBER -> Optional.of(millis(item.text(member), member.wire()));
            case OBJECT, OTHER ->
                    throw new Unfit(
                            member.wire()
                                    + " is a text like 2026-11-21T10:00:00.000Z, or milliseconds since"
                                    + " 1970",
                            member.path());
        };
    }

    /** A number of any notation; it may be long, and its exponent huge. */
    private static Instant millis(String number, String member) {
        if (number.length() > LONGEST_NUMBER) {
            throw unreadable(member, number);
        }
        BigDecimal millis;
        try {
            millis = new BigDecimal(number);
        } catch (NumberFormatException hugeExponent) {
            throw unreadable(member, number);
        }
        if (Math.abs((long) millis.precision() - millis.scale()) > MOST_DIGITS) {
            throw unreadable(member, number);
        }
        return writable(Instant.ofEpochMilli(millis.longValue()), member, number);
    }

    /**
     * ISO 8601 with a date, extended or with a basic offset; without an offset it is UTC, without a
     * time the day's beginning. 24:00 is the next day's beginning, a leap second the one before.
     */
    static Instant parse(String text, String member) {
        try {
            Instant time;
            if (UsualTime.fits(text)) {
                time = UsualTime.parse(text);
            } else if (text.length() <= 10) {
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
    private static Optional<String> text(Item item, Member member) {
        Kind kind = item.kind(member);
        if (kind == Kind.NONE) {
            return Optional.empty();
        }
        if (kind != Kind.TEXT && kind != Kind.NUMBER) {
            throw new Unfit(member.wire() + " is a text", member.path());
        }
        String text = clean(item.text(member));
        if (text.length() > MAX_TEXT) {
            throw new Unfit(
                    member.wire()
                            + " has at most "
                            + MAX_TEXT
                            + " characters, not "
                            + text.length(),
                    member.path());
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static @Nullable String object(Item item, Member member) {
        return switch (item.kind(member)) {
            case NONE -> null;
            case OBJECT -> stored(item, member);
            case TEXT, NUMBER, OTHER ->
                    throw new Unfit(member.wire() + " is a JSON object", member.path());
        };
    }

    private static String stored(Item item, Member member) {
        try {
            return item.object(member);
        } catch (JacksonException | NumberFormatException unwritable) {
            // Only what has to be written again, and then a number with an exponent beyond all.
            throw new Unfit(member.wire() + " holds a number that nobody reads", member.path());
        }
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
                cleaned.setCharAt(at, REPLACEMENT);
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
