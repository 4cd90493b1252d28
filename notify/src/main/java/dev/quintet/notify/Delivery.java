package dev.quintet.notify;

import java.util.UUID;

/**
 * One notification on its way to one address.
 *
 * @param address a mail address, or the uuid of a webhook endpoint
 * @param attempt this attempt's number, from 1
 */
public record Delivery(
        UUID id,
        UUID notification,
        UUID organisation,
        Priority priority,
        ChannelKind channel,
        String address,
        int attempt) {}
