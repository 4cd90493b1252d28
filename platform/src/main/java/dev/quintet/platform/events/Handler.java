package dev.quintet.platform.events;

import java.util.List;
import java.util.UUID;

/**
 * A reaction to events. It sees an event at least once, perhaps again after a crash: its effect is
 * made single by the id. An event that it cannot take parks the event's key.
 */
@FunctionalInterface
public interface Handler<E extends Event> {

    /** An event as it was announced. */
    record Told<E extends Event>(UUID id, E event) {}

    /** Takes them all, in order; when it throws, each of them comes again alone. */
    void handle(List<Told<E>> events);

    /** A reaction to one event at a time. */
    @FunctionalInterface
    interface OfOne<E extends Event> {

        void handle(UUID eventId, E event);
    }
}
