package dev.quintet.platform.events;

import java.util.UUID;

/** An event as it lies in the outbox: what happened, where it stands in the order, not yet read. */
record Announced(
        long id,
        UUID eventId,
        UUID organisation,
        String name,
        int version,
        String key,
        String body) {}
