package dev.quintet.platform.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.RejectedExecutionException;

/**
 * What one exchange may do to its connection: on HTTP/1 it has it for itself, on HTTP/2 others use
 * it too.
 */
final class Streams {

    // RFC 9113 section 7.
    private static final long NO_ERROR = 0;
    private static final long INTERNAL_ERROR = 2;

    private Streams() {}

    static boolean shared(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_2;
    }

    /**
     * Says that nothing follows this answer; HTTP/2 has no such header (RFC 9113 section 8.2.2).
     */
    static Response last(HttpServerRequest request, Response answer) {
        return shared(request) ? answer : answer.header("Connection", "close");
    }

    /**
     * How far the kernel has come with the answer, in a number that changes as long as it moves.
     */
    static long taken(HttpServerRequest request) {
        long written = request.response().bytesWritten();
        if (shared(request)) {
            return written;
        }
        // A file is written as a whole; the channel knows how much of its current piece is gone.
        ChannelOutboundBuffer waiting = engine(request).channel().unsafe().outboundBuffer();
        return waiting == null
                ? written
                : written + waiting.currentProgress() - waiting.totalPendingWriteBytes();
    }

    /** Breaks off, so that half an answer does not look like a whole one. */
    static void cut(HttpServerRequest request) {
        try {
            if (shared(request)) {
                var _ = request.response().reset(INTERNAL_ERROR);
            } else {
                // The engine would close behind what its client does not read.
                var _ = engine(request).close();
            }
        } catch (RejectedExecutionException e) {
            // The loops have ended, and the connection with them.
        }
    }

    private static ChannelHandlerContext engine(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channelHandlerContext();
    }

    /** Ends what was answered in full. */
    static void end(HttpServerRequest request) {
        if (!shared(request)) {
            var _ = request.connection().close();
        } else if (!request.isEnded()) {
            var _ = request.response().reset(NO_ERROR);
        }
    }
}
