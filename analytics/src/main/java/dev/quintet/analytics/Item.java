package dev.quintet.analytics;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
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

    private static final int MEMBERS = Member.values().length;

    private final JsonText text;
    private final Kind kind;
    private final int from;
    private int to;
    private final Kind[] kinds = new Kind[MEMBERS];
    private final int[] begins = new int[MEMBERS];
    private final int[] ends = new int[MEMBERS];
    private final Map<Member, String> flaws = new EnumMap<>(Member.class);
    private int repeating;

    Item(JsonText text, Kind kind, int from) {
        this.text = text;
        this.kind = kind;
        this.from = from;
        Arrays.fill(kinds, Kind.NONE);
    }

    void endAt(int end) {
        to = end;
    }

    void put(Member member, Kind kindOfIt, int begin, int end) {
        kinds[member.ordinal()] = kindOfIt;
        begins[member.ordinal()] = begin;
        ends[member.ordinal()] = end;
        flaws.remove(member);
        repeating &= ~(1 << member.ordinal());
    }

    /** The member cannot be stored, though it is JSON. */
    void flaw(Member member, String reason) {
        flaws.put(member, reason);
    }

    /** What cannot be stored, and why. */
    Map<Member, String> flaws() {
        return flaws;
    }

    /** Some object in the member has two members of one name. */
    void repeats(Member member) {
        repeating |= 1 << member.ordinal();
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

    Kind kind(Member member) {
        return kinds[member.ordinal()];
    }

    /** In characters, as it was sent; 0 of a member that is not there. */
    int length(Member member) {
        return ends[member.ordinal()] - begins[member.ordinal()];
    }

    /** The text of a text, or of a number as it was sent. */
    String text(Member member) {
        int at = member.ordinal();
        return kinds[at] == Kind.TEXT
                ? text.string(begins[at], ends[at])
                : text.raw(begins[at], ends[at]);
    }

    /** An object without needless blanks. */
    String object(Member member) {
        int at = member.ordinal();
        return (repeating & 1 << at) == 0
                ? text.compact(begins[at], ends[at])
                : text.rewritten(begins[at], ends[at]);
    }

    /** All of it as it was sent. */
    String raw() {
        return text.raw(from, to);
    }
}
