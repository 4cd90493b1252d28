package dev.quintet.analytics;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that another system of this server did.
 *
 * @param id the same one again within a day changes nothing
 */
public record ServerEvent(
        UUID id,
        UUID organisation,
        Optional<UUID> person,
        String name,
        Map<String, ?> properties) {}
