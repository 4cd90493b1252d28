package dev.quintet.analytics;

import dev.quintet.platform.IdKind;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Somebody is to be found in no event any more. It does not say who, so that it can be kept.
 *
 * @param doneAt empty while it waits
 */
public record Erasure(UUID id, Instant requestedAt, Optional<Instant> doneAt) {

    public static final IdKind KIND = new IdKind("era", "erasure");
}
