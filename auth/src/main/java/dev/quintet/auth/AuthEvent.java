package dev.quintet.auth;

import java.time.Instant;
import java.util.UUID;

/** What others may react to. */
public sealed interface AuthEvent {

    /** A person signed in at an application, which has just got its tokens. */
    record SignedIn(UUID person, UUID organisation, String client, Instant at)
            implements AuthEvent {}

    /** A user was made. */
    record UserCreated(UUID person, UUID organisation, Instant at) implements AuthEvent {}
}
