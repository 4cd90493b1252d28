package dev.quintet.auth;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Wire;
import java.time.Instant;
import java.util.UUID;

/** What others may react to. */
public sealed interface AuthEvent extends Event {

    UUID person();

    @Override
    default String key() {
        return IdKind.PERSON.show(person());
    }

    /** A person signed in at an application, which has just got its tokens. */
    @Wire("auth.signed_in/1")
    record SignedIn(UUID organisation, UUID person, String client, Instant at)
            implements AuthEvent {}
}
