package dev.quintet.platform.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The hatch to small WebSockets: after the handshake the engine's handlers leave the channel, and a
 * {@link FrameDecoder} and a {@link LiveSocket} take their place. The engine's own WebSocket holds
 * two queues of 1,024 slots each.
 */
final class Takeover {

    private static final String DECODER = "httpDecoder";

    private Takeover() {}

    /** What the engine gives up: the request's connection, its loop, and who counts it. */
    record Taken(
            HttpServerRequest request, Context loop, OpenWork work, Around.Backlogs backlogs) {}

    /** On any thread; the switch itself happens on the channel's loop. */
    static void of(
            Taken taken, Response answer, LiveSocket.Terms terms, String id, Listener listener) {
        ChannelHandlerContext engine =
                ((ConnectionBase) taken.request.connection()).channelHandlerContext();
        StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
        for (Response.Header header : answer.headers()) {
            head.append(header.name()).append(": ").append(header.value()).append("\r\n");
        }
        byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        LiveSocket socket =
                new LiveSocket(engine.channel(), id, terms, listener, taken.work, taken.backlogs);
        taken.loop.runOnContext(v -> replace(engine.channel(), bytes, terms, socket));
    }

    private static void replace(
            Channel channel, byte[] answer, LiveSocket.Terms terms, LiveSocket socket) {
        if (!channel.isActive()) {
            return;
        }
        ChannelPipeline pipeline = channel.pipeline();
        List<String> old = new ArrayList<>(pipeline.toMap().keySet());
        pipeline.addLast(new FrameDecoder(socket, (int) terms.maxMessage()));
        pipeline.addLast(socket);
        old.stream().filter(name -> !name.equals(DECODER)).forEach(pipeline::remove);
        var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(answer));
        // Last: what it has already read goes on to the frame decoder.
        pipeline.remove(DECODER);
        socket.open();
        channel.config().setAutoRead(true);
    }
}
