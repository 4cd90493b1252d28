package dev.quintet.platform.planted;

import io.netty.buffer.ByteBuf;

/** Breaks the HTTP engine's border on purpose. */
public final class PlantedNetty {

    public int size(ByteBuf buffer) {
        return buffer.readableBytes();
    }
}
