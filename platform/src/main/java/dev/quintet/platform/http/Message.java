package dev.quintet.platform.http;

import java.nio.ByteBuffer;

/** One whole message from a client. */
public sealed interface Message {

    record Text(String text) implements Message {}

    /**
     * @param bytes the receiver's own
     */
    record Binary(ByteBuffer bytes) implements Message {}
}
