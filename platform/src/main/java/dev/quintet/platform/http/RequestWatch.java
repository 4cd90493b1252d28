package dev.quintet.platform.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hatch to what the engine drops of HTTP/1.1 requests (trailer fields) or ends without a word
 * (chunks that are none, versions that it does not speak): looks at what passes on its way to the
 * engine's handler. Connections that were upgraded to HTTP/2 it ends. Owned by the connection's
 * event loop.
 */
final class RequestWatch extends ChannelInboundHandlerAdapter {

    private static final String NAME = "watch";
    private static final String UPGRADE = "h2c";

    /** How one request's body ended; known before the engine sees that end. */
    static final class Ending {

        private final @Nullable OpenConnection connection;
        private volatile Map<String, String> trailers = Map.of();

        // Owned by the event loop.
        private boolean malformed;
        private Runnable whenMalformed = () -> {};

        private Ending(@Nullable OpenConnection connection) {
            this.connection = connection;
        }

        Map<String, String> trailers() {
            return trailers;
        }

        /** On the event loop: runs once the body turns out to be none, now or later. */
        void onMalformed(Runnable told) {
            whenMalformed = told;
            if (malformed) {
                told.run();
            }
        }

        /** On any thread: the request has got all that it gets. */
        void answered() {
            if (connection != null) {
                connection.answered();
            }
        }

        private void malformed() {
            malformed = true;
            whenMalformed.run();
        }
    }

    /** A request line that names a protocol which is not spoken here. */
    static final class OtherVersion extends RuntimeException {

        private static final long serialVersionUID = 1;

        final String version;

        OtherVersion(String version) {
            super(version, null, false, false);
            this.version = version;
        }
    }

    // Requests whose head has passed and which the engine has not started; mostly one.
    private final ArrayDeque<Ending> heads = new ArrayDeque<>(2);
    private final OpenConnection open;
    private @Nullable Ending current;
    private boolean within;
    private boolean passed;

    private RequestWatch(OpenConnection open) {
        this.open = open;
    }

    static void watch(HttpConnection connection, HttpConfig config, Around.Backlogs backlogs) {
        if (connection instanceof ConnectionBase base) {
            ChannelPipeline pipeline = base.channelHandlerContext().pipeline();
            OpenConnection open = new OpenConnection(pipeline.channel(), config, backlogs);
            open.enter();
            if (pipeline.get(UPGRADE) != null && pipeline.get("httpEncoder") == null) {
                // It became HTTP/2 by an upgrade: what follows would walk past the rules of a proxy
                // that passed the upgrade on and sees no more than a tunnel.
                var _ = base.channelHandlerContext().close();
            } else if (pipeline.get("httpDecoder") != null && pipeline.get(NAME) == null) {
                open.expectHead();
                RequestWatch watch = new RequestWatch(open);
                pipeline.addFirst(watch.new Bytes());
                pipeline.addBefore(base.channelHandlerContext().name(), NAME, watch);
            }
        }
    }

    /** On the event loop, once for each request, in order. */
    static Ending of(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase base
                && base.channelHandlerContext().pipeline().get(NAME)
                        instanceof RequestWatch watch) {
            Ending ending = watch.heads.poll();
            return ending == null ? new Ending(null) : ending;
        }
        return new Ending(null);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        passed = true;
        if (message instanceof HttpRequest head) {
            open.headIsWhole();
            current = new Ending(open);
            heads.add(current);
            check(head);
        } else if (message instanceof HttpContent content
                && current != null
                && !content.decoderResult().isSuccess()) {
            // The engine would close the connection; what follows is dropped by the decoder.
            ReferenceCountUtil.release(message);
            current.malformed();
            return;
        } else if (message instanceof LastHttpContent last
                && current != null
                && !last.trailingHeaders().isEmpty()) {
            Map<String, String> fields = new LinkedHashMap<>();
            last.trailingHeaders()
                    .forEach(field ->
                            fields.put(field.getKey().toLowerCase(Locale.ROOT), field.getValue()));
            current.trailers = Map.copyOf(fields);
        }
        within = !(message instanceof LastHttpContent);
        ctx.fireChannelRead(message);
    }

    /** Before the decoder: bytes of which no message comes while none is under way begin a head. */
    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            passed = false;
            ctx.fireChannelRead(bytes);
            if (!passed && !within) {
                open.headBegins();
            }
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        open.handOver();
    }

    /** A later minor version is read as the latest known one (RFC 9110 section 2.5). */
    private static void check(HttpRequest head) {
        HttpVersion version = head.protocolVersion();
        boolean http = version.protocolName().equals("HTTP");
        if (http && version.majorVersion() == 1 && version.minorVersion() <= 1) {
            return;
        }
        head.setProtocolVersion(HttpVersion.HTTP_1_1);
        if (head.decoderResult().isSuccess() && !(http && version.majorVersion() == 1)) {
            head.setDecoderResult(
                    DecoderResult.failure(
                            http
                                    ? new OtherVersion(version.text())
                                    : new IllegalArgumentException(version.text())));
        }
    }
}
