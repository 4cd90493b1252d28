package dev.quintet.platform.events;

import java.time.Instant;
import java.util.UUID;

/**
 * An event that a subscriber could not take, or that waits behind such a one of its key.
 *
 * @param dead no longer tried by itself: somebody has to look, and then {@link Events#retry}
 */
public record Parked(
        String subscriber,
        UUID eventId,
        String name,
        String key,
        int attempts,
        String error,
        Instant retryAt,
        boolean dead) {}
