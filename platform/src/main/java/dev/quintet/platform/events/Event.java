package dev.quintet.platform.events;

import java.util.UUID;

/**
 * Something that happened, told to other systems: a public record in the past tense with ids and
 * small facts, marked with its {@link Wire} name.
 */
public interface Event {

    UUID organisation();

    /**
     * What orders it: events of one key arrive in the order in which their transactions held that
     * key's lock (a room, a person, an upload). At most 200 characters.
     */
    String key();
}
