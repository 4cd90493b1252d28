package dev.quintet.platform.log;

/**
 * A damaged piece of the log that was set aside: no reader sees it, reading goes on at {@code to}.
 *
 * @param bytes that are kept beside the log; none of a file that was missing
 */
public record Gap(Position from, Position to, long bytes) {}
