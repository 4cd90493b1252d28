package dev.quintet.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.analytics.Item.Kind;
import dev.quintet.analytics.Item.Member;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.log.LogRecord;
import dev.quintet.platform.log.LogSlice;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request of events, as it lies in the log: the header says whose it is and how many items it
 * brought, the body is what was sent, with null for the write key (that is a secret).
 *
 * @param items counted when the request was taken; the loader's verdicts must come to the same
 */
record Submission(
        UUID organisation, UUID source, Call call, int items, Instant receivedAt, Sent sent) {

    static final DataSize MAX_BYTES = DataSize.kibibytes(500);
    static final int MAX_ITEMS = 2_500;
    private static final DataSize MAX_WITH_CONTEXT = DataSize.mebibytes(8);
    private static final String NO_KEY = "null";

    // What a String has in place of bytes that are not UTF-8, unless it was sent.
    private static final char REPLACEMENT = '\uFFFD';

    /**
     * A request's body, read once.
     *
     * @param json without the write key where it is about to be stored
     */
    record Sent(String json, ItemScan.Scanned scanned) {

        static Sent of(String json) {
            return new Sent(json, ItemScan.scan(json));
        }

        Optional<String> writeKey() {
            Item request = scanned.request();
            return request.kind(Member.WRITE_KEY) == Kind.TEXT
                    ? Optional.of(request.text(Member.WRITE_KEY))
                    : Optional.empty();
        }

        /** The text without any write key. */
        private String open() {
            StringBuilder open = new StringBuilder(json.length());
            int at = 0;
            for (ItemScan.Span key : scanned.writeKeys()) {
                if (key.end() - key.begin() <= NO_KEY.length()) {
                    // No secret, and the item must not grow.
                    continue;
                }
                open.append(json, at, key.begin()).append(NO_KEY);
                at = key.end();
            }
            return open.append(json, at, json.length()).toString();
        }

        private List<Item> items(Call call) {
            return call == Call.BATCH ? scanned.batch() : List.of(scanned.request());
        }
    }

    /** A request's body as JSON; refused where it is none. */
    static Sent parse(byte[] body) {
        if (body.length > MAX_BYTES.bytes()) {
            throw AnalyticsRefusal.EVENTS_TOO_LARGE.because(MAX_BYTES);
        }
        Sent sent;
        try {
            sent = Sent.of(text(body));
        } catch (JacksonException malformed) {
            var at = malformed.getLocation();
            throw AnalyticsRefusal.EVENTS_MALFORMED.because(
                    malformed.getOriginalMessage().lines().findFirst().orElse("not JSON")
                            + (at == null
                                    ? ""
                                    : " (line "
                                            + at.getLineNr()
                                            + ", column "
                                            + at.getColumnNr()
                                            + ")"));
        }
        if (!sent.scanned.request().isObject()) {
            throw AnalyticsRefusal.EVENTS_MALFORMED.because("the body is not a JSON object");
        }
        return sent;
    }

    /** No JSON begins with a byte outside ASCII but by a mark, or with a zero but in UTF-16. */
    private static String text(byte[] body) {
        if (body.length > 1 && (body[0] <= 0 || body[1] == 0)) {
            try {
                return JsonText.rewritten(body);
            } catch (NumberFormatException hugeExponent) {
                throw AnalyticsRefusal.EVENTS_MALFORMED.because(
                        "a number in it has an exponent that nobody reads");
            }
        }
        String text = new String(body, UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0 && !isUtf8(body)) {
            throw AnalyticsRefusal.EVENTS_MALFORMED.because("it is not UTF-8");
        }
        return text;
    }

    private static boolean isUtf8(byte[] body) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            return true;
        } catch (CharacterCodingException other) {
            return false;
        }
    }

    /** A request that may be stored; a single call whose event is none is refused. */
    static Submission of(Source source, Call call, Sent sent, Instant receivedAt) {
        Submission submission =
                new Submission(
                        source.organisation(),
                        source.id(),
                        call,
                        sent.items(call).size(),
                        receivedAt,
                        sent);
        if (call == Call.BATCH) {
            requireBatch(sent);
        } else if (EventRules.judge(sent.scanned.request(), submission.envelope(), "")
                instanceof Verdict.Bad bad) {
            throw AnalyticsRefusal.EVENT_INVALID.because(
                    bad.reason(), bad.path().isEmpty() ? "/" : bad.path());
        }
        return submission;
    }

    private static void requireBatch(Sent sent) {
        int items = sent.scanned.items();
        if (!sent.scanned.hasBatch() || items == 0) {
            throw AnalyticsRefusal.EVENTS_MALFORMED.because("batch is a list of one event or more");
        }
        if (items > MAX_ITEMS) {
            throw AnalyticsRefusal.EVENTS_TOO_MANY.because(MAX_ITEMS, items);
        }
        // It is stored with each event that has none of its own.
        Item request = sent.scanned.request();
        if (request.kind(Member.CONTEXT) == Kind.OBJECT
                && (long) request.length(Member.CONTEXT) * items > MAX_WITH_CONTEXT.bytes()) {
            throw AnalyticsRefusal.EVENTS_TOO_LARGE.because(
                    MAX_WITH_CONTEXT + " with its context in each event");
        }
    }

    /** Events of the server itself, as a batch of the Segment API. */
    static Submission of(Source source, List<ServerEvent> events, Instant receivedAt) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        ArrayNode batch = body.putArray("batch");
        for (ServerEvent event : events) {
            ObjectNode item = batch.addObject();
            item.put("type", Call.TRACK.wire());
            item.put("messageId", event.id().toString());
            item.put("event", event.name());
            event.person()
                    .ifPresentOrElse(
                            person -> item.put("userId", IdKind.PERSON.show(person)),
                            () -> item.put("anonymousId", "server"));
            item.set("properties", JsonMapper.shared().valueToTree(event.properties()));
        }
        return of(source, Call.BATCH, Sent.of(EventRules.clean(body.toString())), receivedAt);
    }

    /** A request as the log gave it back. */
    static Submission read(LogRecord record) {
        Header header = Header.of(record);
        ByteBuffer body = record.body();
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return new Submission(
                header.organisation(),
                record.source(),
                Call.logged(record.flags()),
                header.items(),
                record.receivedAt(),
                Sent.of(new String(bytes, UTF_8)));
    }

    LogRecord record() {
        return new LogRecord(
                receivedAt,
                source,
                call.inLog(),
                new Header(organisation, items).bytes(),
                ByteBuffer.wrap(sent.open().getBytes(UTF_8)));
    }

    /** What the ledger needs of a request, without reading its body. */
    record Header(UUID organisation, int items) {

        static Header of(LogSlice.Entry entry) {
            return of(entry.record());
        }

        private static Header of(LogRecord record) {
            ByteBuffer meta = record.meta();
            return new Header(new UUID(meta.getLong(), meta.getLong()), meta.getInt());
        }

        private ByteBuffer bytes() {
            return ByteBuffer.allocate(20)
                    .putLong(organisation.getMostSignificantBits())
                    .putLong(organisation.getLeastSignificantBits())
                    .putInt(items)
                    .flip();
        }
    }

    List<Item> sentItems() {
        return sent.items(call);
    }

    EventRules.Envelope envelope() {
        Item request = sent.scanned.request();
        boolean batch = call == Call.BATCH;
        return new EventRules.Envelope(
                call,
                batch ? EventRules.sentAt(request) : Optional.empty(),
                batch && request.kind(Member.CONTEXT) == Kind.OBJECT
                        ? Optional.of(request)
                        : Optional.empty(),
                receivedAt);
    }
}
