package dev.quintet.platform.events;

import java.util.UUID;

/**
 * A reaction to an event. It sees an event at least once, perhaps again after a crash: its effect
 * is made single by the id. What it throws parks the event's key.
 */
@FunctionalInterface
public interface Handler<E extends Event> {

    void handle(UUID eventId, E event);
}
