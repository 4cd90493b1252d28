package dev.quintet.platform.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hatch to trailer fields of HTTP/1.1 requests, which the engine drops: looks at what passes on
 * its way to the engine's handler. Owned by the connection's event loop.
 */
final class RequestTrailers extends ChannelInboundHandlerAdapter {

    private static final String NAME = "trailers";

    /** The trailers of one request; filled before the engine sees the end of its body. */
    static final class Fields {

        private volatile Map<String, String> fields = Map.of();

        Map<String, String> all() {
            return fields;
        }
    }

    // Requests whose head has passed and which the engine has not started; mostly one.
    private final ArrayDeque<Fields> heads = new ArrayDeque<>(2);
    private @Nullable Fields current;

    static void watch(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelPipeline pipeline = base.channelHandlerContext().pipeline();
            if (pipeline.get("httpDecoder") != null && pipeline.get(NAME) == null) {
                pipeline.addBefore(
                        base.channelHandlerContext().name(), NAME, new RequestTrailers());
            }
        }
    }

    /** On the event loop, once for each request, in order. */
    static Fields of(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase base
                && base.channelHandlerContext().pipeline().get(NAME)
                        instanceof RequestTrailers watcher) {
            Fields fields = watcher.heads.poll();
            return fields == null ? new Fields() : fields;
        }
        return new Fields();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest) {
            current = new Fields();
            heads.add(current);
        } else if (message instanceof LastHttpContent last
                && current != null
                && !last.trailingHeaders().isEmpty()) {
            Map<String, String> fields = new LinkedHashMap<>();
            last.trailingHeaders()
                    .forEach(field ->
                            fields.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue()));
            current.fields = Map.copyOf(fields);
        }
        ctx.fireChannelRead(message);
    }
}
