package dev.quintet.chat;

import java.util.UUID;

/** The number and id that a message got; a retry gets the first ones again. */
public record Sent(long seq, UUID id) {}
