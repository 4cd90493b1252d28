package dev.quintet.chat;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Every reason for which chat says no. */
public enum ChatRefusal implements Refusal {
    ROOM_UNKNOWN(404, "there is no room %s"),
    NOT_A_MEMBER(403, "you are not a member of room %s; a member can add you"),
    PERSON_NEEDED(
            403,
            "this credential acts in nobody's name; use a person's access token to send or read"),
    CHANNEL_NEEDS_ADMIN(403, "only a caller with chat:admin opens channels; make a group instead"),
    PERSON_UNKNOWN(404, "there is no person %s; nobody was added"),
    BAD_ROOM_NAME(400, "a %s needs a name of 1 to %d characters"),
    DIRECT_NEEDS_TWO(400, "a direct room is between exactly two people, got %d; make a group"),
    DIRECT_IS_FIXED(409, "a direct room keeps its two people; make a group"),
    TOO_MANY_MEMBERS_AT_ONCE(400, "%d members in one call, at most %d; split the call"),
    ROOM_FULL(409, "room %s may hold %d members; nobody was added"),
    BAD_CLIENT_ID(400, "clientId is 1 to %d printable characters of the sender's choice"),
    CLIENT_ID_TWICE(
            400, "the Idempotency-Key is the clientId; send one of them or make them equal"),
    CLIENT_ID_REUSED(
            409,
            "the clientId '%s' named another text or other mentions in this room, message %d; nothing was changed, use a new one for a new message"),
    BAD_CURSOR(400, "'after' is not the 'next' of a page of rooms; leave it out to begin"),
    EMPTY_TEXT(400, "a message needs text other than blanks and NUL"),
    TEXT_TOO_LONG(400, "the text has %d bytes in UTF-8, at most %d; send a file instead"),
    TOO_MANY_MENTIONS(400, "%d mentions in one message, at most %d"),
    MENTION_NOT_A_MEMBER(400, "%s is mentioned and is not a member of this room"),
    ROOM_BUSY(503, "room %s has %d messages waiting; this one was not stored, try again shortly");

    private final int status;
    private final String sentence;

    ChatRefusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "chat#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
