package dev.quintet.chat;

import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.util.UUID;

/**
 * Somebody was mentioned in a message and no socket of theirs showed a sign of life after it. The
 * message's text is asked for by number, not carried.
 */
@Wire("chat.mention_missed/1")
public record MentionMissed(UUID organisation, UUID room, long seq, UUID sender, UUID person)
        implements Event {

    @Override
    public String key() {
        return Room.channel(room);
    }
}
