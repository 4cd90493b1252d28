package dev.quintet.platform.events;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * An event that a subscriber could not take, or that waits behind such a one of its key.
 *
 * @param error missing when it waits behind another one and was not tried itself
 * @param retryAt missing when it is not tried by itself any more: somebody has to look, and then
 *     {@link Events#retry}
 */
public record Parked(
        long position,
        String subscriber,
        UUID eventId,
        String name,
        String key,
        int attempts,
        Optional<String> error,
        Instant parkedAt,
        Optional<Instant> retryAt) {}
