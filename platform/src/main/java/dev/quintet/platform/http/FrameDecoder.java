package dev.quintet.platform.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;

/** Netty's decoder, which tells its socket what it keeps of a frame that is not whole. */
final class FrameDecoder extends WebSocket13FrameDecoder {

    private final LiveSocket socket;

    FrameDecoder(LiveSocket socket, int maxFrame) {
        super(
                WebSocketDecoderConfig.newBuilder()
                        .expectMaskedFrames(true)
                        .allowMaskMismatch(false)
                        .allowExtensions(false)
                        .closeOnProtocolViolation(false)
                        .maxFramePayloadLength(maxFrame)
                        .build());
        this.socket = socket;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        super.channelRead(ctx, message);
        if (socket.takes(actualReadableBytes())) {
            socket.keeps(internalBuffer().capacity());
        } else if (!ctx.isRemoved()) {
            // Whatever else it sends reaches the socket as bytes, which it drops.
            ctx.pipeline().remove(this);
            socket.keeps(0);
        }
    }
}
