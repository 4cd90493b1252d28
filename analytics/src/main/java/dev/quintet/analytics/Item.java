package dev.quintet.analytics;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One item of a request, or the request itself, as places in the text that was sent. Of a member
 * that comes twice the last one counts.
 */
final class Item {

    /** The members that mean something here. */
    enum Member {
        BATCH("batch"),
        WRITE_KEY("writeKey"),
        TYPE("type"),
        MESSAGE_ID("messageId"),
        USER_ID("userId"),
        ANONYMOUS_ID("anonymousId"),
        GROUP_ID("groupId"),
        PREVIOUS_ID("previousId"),
        EVENT("event"),
        NAME("name"),
        TIMESTAMP("timestamp"),
        ORIGINAL_TIMESTAMP("originalTimestamp"),
        SENT_AT("sentAt"),
        PROPERTIES("properties"),
        TRAITS("traits"),
        CONTEXT("context");

        private static final Map<String, Member> BY_NAME = new HashMap<>();

        static {
            for (Member member : values()) {
                BY_NAME.put(member.wire, member);
            }
        }

        private final String wire;

        Member(String wire) {
            this.wire = wire;
        }

        static @Nullable Member of(String name) {
            return BY_NAME.get(name);
        }

        String wire() {
            return wire;
        }

        /** As a JSON pointer (RFC 6901). */
        String path() {
            return "/" + wire;
        }
    }

    enum Kind {
        NONE,
        TEXT,
        NUMBER,
        OBJECT,
        OTHER
    }

    /**
     * A member, in characters of the text.
     *
     * @param repeats whether some object in it has two members of one name
     * @param flaw why it cannot be stored, though it is JSON
     */
    record Value(Kind kind, int begin, int end, boolean repeats, Optional<String> flaw) {}

    private static final Value NOTHING = new Value(Kind.NONE, 0, 0, false, Optional.empty());

    private final JsonText text;
    private final Kind kind;
    private final int from;
    private int to;
    private Map<Member, Value> values = Map.of();

    Item(JsonText text, Kind kind, int from) {
        this.text = text;
        this.kind = kind;
        this.from = from;
    }

    void endAt(int end) {
        to = end;
    }

    void put(Member member, Value value) {
        if (values.isEmpty()) {
            values = new EnumMap<>(Member.class);
        }
        values.put(member, value);
    }

    private Value value(Member member) {
        return values.getOrDefault(member, NOTHING);
    }

    /** The first member that cannot be stored. */
    Optional<Verdict.Bad> flaw() {
        for (Map.Entry<Member, Value> each : values.entrySet()) {
            Optional<String> flaw = each.getValue().flaw;
            if (flaw.isPresent()) {
                return Optional.of(new Verdict.Bad(flaw.get(), each.getKey().path()));
            }
        }
        return Optional.empty();
    }

    Optional<String> flaw(Member member) {
        return value(member).flaw;
    }

    /** Whether its text was changed, so that two texts may have become one. */
    boolean isMended() {
        return text.isMended();
    }

    boolean isObject() {
        return kind == Kind.OBJECT;
    }

    /** In characters, as it was sent. */
    int length() {
        return to - from;
    }

    /** In characters without needless blanks, each escape as what it stands for. */
    int unfoldedLength() {
        return text.unfoldedLength(from, to);
    }

    Kind kind(Member member) {
        return value(member).kind;
    }

    /** In characters, as it was sent; 0 of a member that is not there. */
    int length(Member member) {
        return value(member).end - value(member).begin;
    }

    /** The text of a text, or of a number as it was sent. */
    String text(Member member) {
        Value value = value(member);
        return value.kind == Kind.TEXT
                ? text.string(value.begin, value.end)
                : text.raw(value.begin, value.end);
    }

    /** An object without needless blanks. */
    String object(Member member) {
        Value value = value(member);
        return value.repeats
                ? text.rewritten(value.begin, value.end)
                : text.compact(value.begin, value.end);
    }

    /** All of it as it was sent. */
    String raw() {
        return text.raw(from, to);
    }
}
