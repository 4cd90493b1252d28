package dev.quintet.analytics;

/**
 * Where every item of an organisation's events went.
 *
 * @param received in requests that were taken
 * @param pending durable, but not loaded yet
 */
public record Balance(long received, long stored, long duplicate, long rejected, long pending) {}
