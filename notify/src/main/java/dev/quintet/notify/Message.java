package dev.quintet.notify;

import java.time.Instant;
import java.util.Optional;

/** What a channel says: the content of a notification and when it was accepted. */
public record Message(Optional<String> category, String title, String body, Instant at) {}
