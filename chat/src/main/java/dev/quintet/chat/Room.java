package dev.quintet.chat;

import dev.quintet.platform.IdKind;
import java.util.UUID;

/**
 * A room as it was at one moment.
 *
 * @param epoch random text that makes a position valid; a restore changes it
 * @param lastSeq the number of its newest message; 0 when it has none
 */
public record Room(
        UUID id, UUID organisation, RoomKind kind, String name, String epoch, long lastSeq) {

    public static final IdKind ID = new IdKind("room", "room");

    private static final String CHANNEL_PREFIX = "room:";

    /** Its name in the Centrifugo protocol. */
    public String channel() {
        return channel(id);
    }

    public static String channel(UUID room) {
        return CHANNEL_PREFIX + ID.show(room);
    }
}
