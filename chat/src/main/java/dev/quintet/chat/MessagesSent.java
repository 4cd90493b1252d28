package dev.quintet.chat;

import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.util.UUID;

/** A batch of messages is stored in a room, numbered {@code firstSeq} to {@code lastSeq}. */
@Wire("chat.messages_sent/2")
public record MessagesSent(UUID organisation, UUID room, long firstSeq, long lastSeq, int count)
        implements Event {

    @Override
    public String key() {
        return Room.channel(room);
    }
}
