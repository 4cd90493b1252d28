package dev.quintet.chat;

import dev.quintet.platform.IdKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One numbered message. When its sender has been erased it is a tombstone: number, id and time
 * stay, sender and text are gone.
 */
public record Message(
        UUID room,
        long seq,
        UUID id,
        Optional<UUID> sender,
        String text,
        List<UUID> mentions,
        Instant at) {

    public static final IdKind ID = new IdKind("msg", "message");

    public Message {
        mentions = List.copyOf(mentions);
    }

    public boolean erased() {
        return sender.isEmpty();
    }
}
