package dev.quintet.files;

import java.time.Instant;

/** A named room for keys, one per name in an organisation. */
public record Bucket(String name, Instant createdAt) {}
