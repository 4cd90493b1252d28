package dev.quintet.platform.http;

import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * Writes one answer to its connection, on the request's thread, which waits while a client lags.
 */
final class Answer {

    private static final int CHUNK = 64 * 1024;

    // A file goes out by the kernel; how far it has come is not seen.
    private static final Duration LONGEST = Duration.ofHours(12);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Head head;
    private final Taking taking;
    private final OpenWork work;
    private final BooleanSupplier admitted;
    private Future<Void> last = Future.succeededFuture();
    private int lastSize;
    private int status;

    /**
     * How the client may take the answer.
     *
     * @param patience the longest time in which it takes nothing
     * @param untaken where bytes count that wait for it
     */
    record Taking(Duration patience, ClientWait waiting, Backlog.Share untaken) {

        void await(Future<?> taken) throws IOException {
            await(taken, patience);
        }

        void await(Future<?> taken, Duration limit) throws IOException {
            waiting.begin();
            try {
                Waiting.forIo(taken, limit);
            } finally {
                waiting.end();
            }
        }

        void hold(int bytes) throws IOException {
            if (!untaken.hold(bytes, Duration.ZERO)) {
                throw new IOException("no memory for answers that slow clients do not take");
            }
        }
    }

    /**
     * @param admitted whether who asked still may, for an answer that lasts
     */
    Answer(
            HttpServerRequest request,
            Head head,
            Taking taking,
            OpenWork work,
            BooleanSupplier admitted) {
        this.request = request;
        this.response = request.response();
        this.head = head;
        this.taking = taking;
        this.work = work;
        this.admitted = admitted;
    }

    int status() {
        return status;
    }

    /** For the event loop, which cannot wait: a short refusal, the last of its connection. */
    Future<Void> writeAndForget(Response refusal) {
        start(Streams.last(request, refusal));
        return refusal.body() instanceof Response.Body.Bytes(ByteBuffer bytes)
                ? response.end(Buffer.buffer(array(bytes)))
                : response.end();
    }

    void write(Response answer) throws IOException {
        try {
            switch (answer.body()) {
                case Response.Body.Empty empty -> whole(answer, new byte[0]);
                case Response.Body.Bytes(ByteBuffer bytes) -> whole(answer, array(bytes));
                case Response.Body.Json(Object value) -> whole(answer, Json.write(value));
                case Response.Body.Stream(OptionalLong length, Response.Writer writer) ->
                        stream(answer, length, writer);
                case Response.Body.Ranged(Content content) -> part(answer, content);
                case Response.Body.Events(Response.EventWriter writer) ->
                        stream(answer, OptionalLong.empty(), out -> tell(writer, out));
            }
        } catch (IOException | RuntimeException e) {
            Streams.cut(request);
            throw e;
        }
    }

    private void start(Response answer) {
        status = answer.status();
        response.setStatusCode(status);
        for (Response.Header header : answer.headers()) {
            response.headers().add(header.name(), header.value());
        }
    }

    private void whole(Response answer, byte[] bytes) throws IOException {
        start(answer);
        if (bodiless(status)) {
            taking.await(response.end());
            return;
        }
        response.putHeader("Content-Length", Integer.toString(bytes.length));
        if (isHead()) {
            taking.await(response.end());
        } else if (bytes.length <= CHUNK) {
            taking.hold(bytes.length);
            taking.await(response.end(Buffer.buffer(bytes)));
        } else {
            new ToSocket().write(ByteBuffer.wrap(bytes));
            taking.await(response.end());
        }
    }

    private void stream(Response answer, OptionalLong length, Response.Writer writer)
            throws IOException {
        start(answer);
        if (length.isPresent()) {
            response.putHeader("Content-Length", Long.toString(length.getAsLong()));
        } else {
            response.setChunked(true);
        }
        if (!isHead()) {
            try (OutputStream out = new BufferedOutputStream(new ToClient(), CHUNK)) {
                writer.write(out);
            }
        }
        taking.await(response.end());
    }

    private void tell(Response.EventWriter writer, OutputStream out) throws IOException {
        EventStream events = new EventStream(out, admitted);
        OpenWork.Lasting lasting = events::leave;
        response.closeHandler(gone -> events.leave());
        work.begin(lasting);
        try {
            events.tell(writer);
        } finally {
            work.end(lasting);
        }
    }

    private void part(Response answer, Content content) throws IOException {
        Response checked = Conditions.apply(answer, head);
        if (checked.status() == 304) {
            whole(checked, new byte[0]);
            return;
        }
        Ranges.Part part = Ranges.choose(answer, content, head);
        start(part.head());
        response.putHeader("Content-Length", Long.toString(part.length()));
        if (!isHead() && part.length() > 0) {
            content.source().write(part.offset(), part.length(), new ToSocket());
        }
        if (!response.ended()) {
            taking.await(response.end());
        }
    }

    private boolean isHead() {
        return head.method().equals("HEAD");
    }

    private static byte[] array(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private static boolean bodiless(int status) {
        return status == 204 || status == 304;
    }

    /** At most two chunks are on their way to the socket. */
    private void send(Buffer chunk) throws IOException {
        settle();
        taking.hold(chunk.length());
        lastSize = chunk.length();
        last = response.write(chunk);
    }

    private void settle() throws IOException {
        taking.await(last);
        taking.waiting.took(lastSize);
        taking.untaken.release(lastSize);
        lastSize = 0;
    }

    private final class ToClient extends OutputStream {

        @Override
        public void write(int one) throws IOException {
            send(Buffer.buffer(new byte[] {(byte) one}));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            send(Buffer.buffer(java.util.Arrays.copyOfRange(bytes, offset, offset + length)));
        }

        @Override
        public void flush() throws IOException {
            settle();
        }
    }

    private final class ToSocket implements Content.Sink {

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                byte[] chunk = new byte[Math.min(CHUNK, bytes.remaining())];
                bytes.get(chunk);
                send(BufferInternal.buffer(Unpooled.wrappedBuffer(chunk)));
            }
        }

        @Override
        public void shared(ByteBuffer bytes) throws IOException {
            List<Future<Void>> parts = new ArrayList<>();
            for (int at = bytes.position(); at < bytes.limit(); at += CHUNK) {
                ByteBuffer part = bytes.slice(at, Math.min(CHUNK, bytes.limit() - at));
                parts.add(response.write(BufferInternal.buffer(Unpooled.wrappedBuffer(part))));
            }
            // One after another: each may take its client as long as any chunk.
            for (Future<Void> part : parts) {
                taking.await(part);
                taking.waiting.took(CHUNK);
            }
        }

        /** On HTTP/2 the bytes go in frames of a stream, which sendfile cannot make. */
        private void copy(FileChannel channel, long offset, long length) throws IOException {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            for (long at = offset; at < offset + length; at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(CHUNK, offset + length - at));
                while (chunk.hasRemaining()) {
                    if (channel.read(chunk, at + chunk.position()) < 0) {
                        throw new EOFException("the file ended before its part did");
                    }
                }
                write(chunk.flip());
            }
        }

        @Override
        public void file(Path file, long offset, long length) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                if (Streams.shared(request)) {
                    copy(channel, offset, length);
                    return;
                }
                taking.await(response.sendFile(channel, offset, length), LONGEST);
            }
        }
    }
}
