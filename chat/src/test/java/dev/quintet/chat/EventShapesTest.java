package dev.quintet.chat;

import dev.quintet.platform.events.EventFixtures;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** That what earlier versions announced is still read. */
final class EventShapesTest {

    private static final UUID SOME = new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0001L);

    @Test
    void every_released_shape_of_chats_events_is_read() {
        EventFixtures.stayReadable(
                new MessagesSent(SOME, SOME, 1, 1, 1),
                new MentionMissed(SOME, SOME, 1, SOME, SOME));
    }
}
