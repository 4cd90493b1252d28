package dev.quintet.platform.audit;

import java.time.Instant;

/**
 * An act as it is kept.
 *
 * @param position the order in which an organisation's acts were committed
 */
public record Entry(long position, Instant at, Act act) {}
