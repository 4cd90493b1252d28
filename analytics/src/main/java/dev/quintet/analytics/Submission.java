package dev.quintet.analytics;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.log.LogRecord;
import dev.quintet.platform.log.LogSlice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request of events, as it lies in the log: the header says whose it is and how many items it
 * brought, the body is what was sent, without the write key (that is a secret).
 *
 * @param items counted when the request was taken; the loader's verdicts must come to the same
 */
record Submission(
        UUID organisation, UUID source, Call call, int items, Instant receivedAt, JsonNode body) {

    static final DataSize MAX_BYTES = DataSize.kibibytes(500);
    static final int MAX_ITEMS = 2_500;
    private static final DataSize MAX_WITH_CONTEXT = DataSize.mebibytes(8);

    /** Numbers stay as exact as they came. */
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    // Matched by code points, so a pair is none.
    private static final Pattern LONE_SURROGATE = Pattern.compile("[\\x{D800}-\\x{DFFF}]");

    private static final String WRITE_KEY = "writeKey";

    /** A request's body as JSON; refused where it is none. */
    static ObjectNode parse(byte[] body) {
        if (body.length > MAX_BYTES.bytes()) {
            throw AnalyticsRefusal.EVENTS_TOO_LARGE.because(MAX_BYTES);
        }
        JsonNode json;
        try {
            json = JSON.readTree(body);
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
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw AnalyticsRefusal.EVENTS_MALFORMED.because("the body is not a JSON object");
    }

    static Optional<String> writeKey(ObjectNode body) {
        JsonNode key = body.path(WRITE_KEY);
        return key.isString() ? Optional.of(key.stringValue()) : Optional.empty();
    }

    /** A request that may be stored; a single call whose event is none is refused. */
    static Submission of(Source source, Call call, ObjectNode body, Instant receivedAt) {
        body.remove(WRITE_KEY);
        Submission submission =
                new Submission(source.organisation(), source.id(), call, 0, receivedAt, body);
        List<JsonNode> items = submission.itemNodes();
        if (call == Call.BATCH) {
            if (!body.path("batch").isArray() || items.isEmpty()) {
                throw AnalyticsRefusal.EVENTS_MALFORMED.because(
                        "batch is a list of one event or more");
            }
            if (items.size() > MAX_ITEMS) {
                throw AnalyticsRefusal.EVENTS_TOO_MANY.because(MAX_ITEMS, items.size());
            }
            requireSmallWithContext(body, items.size());
            for (JsonNode item : items) {
                if (item instanceof ObjectNode object) {
                    object.remove(WRITE_KEY);
                }
            }
        } else if (EventRules.judge(body, submission.envelope("")) instanceof Verdict.Bad bad) {
            throw AnalyticsRefusal.EVENT_INVALID.because(
                    bad.reason(), bad.path().isEmpty() ? "/" : bad.path());
        }
        return new Submission(
                source.organisation(), source.id(), call, items.size(), receivedAt, body);
    }

    /** A batch's context is stored with each event that has none of its own. */
    private static void requireSmallWithContext(ObjectNode body, int items) {
        JsonNode context = body.path("context");
        if (context.isObject()
                && (long) context.toString().length() * items > MAX_WITH_CONTEXT.bytes()) {
            throw AnalyticsRefusal.EVENTS_TOO_LARGE.because(
                    MAX_WITH_CONTEXT + " with its context in each event");
        }
    }

    /** Events of the server itself, as a batch of the Segment API. */
    static Submission of(Source source, List<ServerEvent> events, Instant receivedAt) {
        ObjectNode body = JSON.createObjectNode();
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
            item.set("properties", JSON.valueToTree(event.properties()));
        }
        return of(source, Call.BATCH, body, receivedAt);
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
                JSON.readTree(bytes));
    }

    LogRecord record() {
        return new LogRecord(
                receivedAt,
                source,
                call.inLog(),
                new Header(organisation, items).bytes(),
                ByteBuffer.wrap(escaped(body.toString()).getBytes(StandardCharsets.UTF_8)));
    }

    /** UTF-8 has no half of a surrogate pair; JSON has an escape for it (RFC 8259 section 7). */
    private static String escaped(String json) {
        return LONE_SURROGATE
                .matcher(json)
                .replaceAll(half -> "\\\\u%04x".formatted((int) half.group().charAt(0)));
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

    List<JsonNode> itemNodes() {
        if (call != Call.BATCH) {
            return List.of(body);
        }
        List<JsonNode> items = new ArrayList<>();
        body.path("batch").forEach(items::add);
        return items;
    }

    /**
     * @param fallbackId the id of an event that brought none
     */
    EventRules.Envelope envelope(String fallbackId) {
        Optional<Instant> sentAt = Optional.empty();
        if (call == Call.BATCH && body.path("sentAt").isString()) {
            try {
                sentAt = Optional.of(EventRules.parse(body.path("sentAt").stringValue(), "sentAt"));
            } catch (EventRules.Unfit unreadable) {
                sentAt = Optional.empty();
            }
        }
        return new EventRules.Envelope(call, sentAt, body.path("context"), receivedAt, fallbackId);
    }
}
