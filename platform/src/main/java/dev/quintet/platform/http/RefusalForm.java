package dev.quintet.platform.http;

import dev.quintet.platform.Refused;

/**
 * How a group of routes tells a refusal; protocols have their own (S3's XML, OAuth's {@code
 * error}). It may not fail.
 */
@FunctionalInterface
public interface RefusalForm {

    /** The door adds the refusal's own headers afterwards. */
    Response render(Refused refused, String requestId);
}
