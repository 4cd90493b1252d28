package dev.quintet.platform.people;

import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.util.UUID;

/** A person is gone, with the row that named them; every system forgets its part. */
@Wire("people.person_erased/1")
public record PersonErased(UUID organisation, UUID person) implements Event {

    @Override
    public String key() {
        return person.toString();
    }
}
