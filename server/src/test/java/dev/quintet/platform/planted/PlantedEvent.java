package dev.quintet.platform.planted;

import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.util.UUID;

/** An event whose shapes nobody kept. */
@Wire("planted.done/2")
public record PlantedEvent(UUID organisation) implements Event {

    @Override
    public String key() {
        return organisation.toString();
    }
}
