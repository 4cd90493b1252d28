package dev.quintet.auth;

import java.time.Instant;
import java.util.UUID;

/** A browser in which someone is signed in. */
record Session(UUID id, User user, Instant signedInAt) {}
