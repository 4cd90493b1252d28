package dev.quintet.platform.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.List;

/**
 * The hatch to interim answers (1xx) that the engine has no method for, such as 104 of resumable
 * uploads. On HTTP/2 it sends none: an interim answer may always be left out.
 */
final class InterimAnswer {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private InterimAnswer() {}

    static void send(
            HttpServerRequest request, Context loop, int status, List<Response.Header> headers) {
        if (status < 103 || status > 199) {
            throw new IllegalArgumentException("not an interim status: " + status);
        }
        if (request.version() != io.vertx.core.http.HttpVersion.HTTP_1_1) {
            return;
        }
        DefaultFullHttpResponse interim =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(status, reason(status)),
                        Unpooled.EMPTY_BUFFER);
        headers.forEach(header -> interim.headers().add(header.name(), header.value()));
        ChannelHandlerContext engine =
                ((ConnectionBase) request.connection()).channelHandlerContext();
        // The handler goes on when it is on its way: else the final answer could overtake it.
        Promise<Void> sent = Promise.promise();
        loop.runOnContext(v -> {
            if (!request.response().headWritten()) {
                var _ = engine.writeAndFlush(interim);
            }
            sent.complete();
        });
        Waiting.on(sent.future(), LONGEST);
    }

    private static String reason(int status) {
        return status == 104 ? "Upload Resumption Supported" : "Interim";
    }
}
