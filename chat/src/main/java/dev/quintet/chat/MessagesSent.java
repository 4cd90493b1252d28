package dev.quintet.chat;

import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.util.List;
import java.util.UUID;

/**
 * A batch of messages is stored in a room, numbered {@code firstSeq} to {@code lastSeq}.
 *
 * @param missed who was mentioned and, when the batch was written, had no socket on any node
 */
@Wire("chat.messages_sent/1")
public record MessagesSent(
        UUID organisation, UUID room, long firstSeq, long lastSeq, int count, List<Missed> missed)
        implements Event {

    /** One person mentioned in one message. Its text is asked for by number, not carried. */
    public record Missed(UUID person, UUID sender, long seq) {}

    public MessagesSent {
        missed = List.copyOf(missed);
    }

    @Override
    public String key() {
        return Room.channel(room);
    }
}
