package dev.quintet.chat;

import java.time.Instant;
import java.util.UUID;

/** A room as a list shows it. */
public record RoomListed(
        UUID id, RoomKind kind, String name, int memberCount, long lastSeq, Instant createdAt) {}
