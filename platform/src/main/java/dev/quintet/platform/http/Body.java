package dev.quintet.platform.http;

import static dev.quintet.platform.PlatformRefusal.BUSY;
import static dev.quintet.platform.http.HttpRefusal.BODY_INCOMPLETE;
import static dev.quintet.platform.http.HttpRefusal.BODY_TOO_LARGE;
import static dev.quintet.platform.http.HttpRefusal.BODY_TOO_SLOW;
import static dev.quintet.platform.http.HttpRefusal.MALFORMED_REQUEST;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.Refused;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a request as it comes from the socket. The event loop puts at most {@link #WAITING}
 * buffers aside; after that the socket is not read until the handler has taken some, so a slow
 * handler slows its client and holds no memory. For one reading thread.
 */
public final class Body implements ReadableByteChannel {

    private static final int WAITING = 8;

    // Bytes of a body that count nowhere: what requests in work may hold in any case.
    private static final int FREE = 16 * 1024;
    private static final Duration LINGER = Duration.ofSeconds(2);

    private sealed interface Piece {
        record Bytes(ByteBuf bytes) implements Piece {}

        record End() implements Piece {}

        record Broken() implements Piece {}

        record Malformed() implements Piece {}

        record Cut() implements Piece {}
    }

    private final HttpServerRequest request;
    private final Context loop;
    private final Patience patience;
    private final ClientWait waiting;
    private final long declared;
    // Three slots more than buffers: for how it ends, for who gives up, and for who cuts it.
    private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(WAITING + 3);

    // Owned by the reading thread.
    private ByteBuffer current = ByteBuffer.allocate(0);
    private DataSize limit = new DataSize(Long.MAX_VALUE);
    private long count;
    private int taken;
    private boolean ended;
    private boolean started;
    private long waited;

    /**
     * How long a client may take.
     *
     * @param pause the longest time without a byte
     * @param leastRate bytes a second, on average over the time that the server waits for them;
     *     asked once it has waited for {@code pause}
     */
    record Patience(Duration pause, DataSize leastRate) {}

    /** On the event loop, before the request goes to its thread. */
    Body(
            HttpServerRequest request,
            Context loop,
            Patience patience,
            ClientWait waiting,
            long declared) {
        this.request = request;
        this.loop = loop;
        this.patience = patience;
        this.waiting = waiting;
        this.declared = declared;
        request.handler(this::arrived);
        request.endHandler(v -> pieces.add(new Piece.End()));
        request.exceptionHandler(e -> pieces.offer(new Piece.Broken()));
        request.pause();
        request.fetch(WAITING);
    }

    private void arrived(Buffer buffer) {
        pieces.add(new Piece.Bytes(((BufferInternal) buffer).getByteBuf()));
    }

    /** On any thread: what came is no body, and nothing comes behind it. */
    void malformed() {
        pieces.offer(new Piece.Malformed());
    }

    /** On any thread: other clients need what this one keeps waiting; the reader is refused. */
    void cut() {
        pieces.offer(new Piece.Cut());
    }

    /** Refuses the body as soon as more than this has come or is announced. */
    void limit(DataSize most) {
        limit = most;
        if (declared > most.bytes()) {
            throw BODY_TOO_LARGE.because(most);
        }
    }

    /** The announced length in bytes; -1 if the client sends in chunks. */
    public long declaredLength() {
        return declared;
    }

    /**
     * The next bytes as the socket gave them, for writing them straight on; empty at the end. They
     * are valid until the next read.
     */
    public ByteBuffer next() {
        return next(Deadline.NONE);
    }

    private ByteBuffer next(Deadline deadline) {
        if (!current.hasRemaining() && !ended) {
            advance(deadline);
        }
        ByteBuffer bytes = current;
        current = ByteBuffer.allocate(0);
        return bytes;
    }

    @Override
    public int read(ByteBuffer to) {
        if (!current.hasRemaining()) {
            if (ended) {
                return -1;
            }
            advance(Deadline.NONE);
            if (ended) {
                return -1;
            }
        }
        int length = Math.min(to.remaining(), current.remaining());
        to.put(current.slice().limit(length));
        current.position(current.position() + length);
        return length;
    }

    public InputStream stream() {
        return new InputStream() {
            @Override
            public int read() {
                ByteBuffer one = ByteBuffer.allocate(1);
                return Body.this.read(one) < 0 ? -1 : one.get(0) & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                return length == 0 ? 0 : Body.this.read(ByteBuffer.wrap(bytes, offset, length));
            }

            @Override
            public void close() {
                Body.this.close();
            }
        };
    }

    /**
     * All of it, when the route's limit is one that fits in memory.
     *
     * @param deadline by which it must be there
     * @param memory where bytes above {@link #FREE} are counted while more is waited for
     */
    byte[] whole(Deadline deadline, Backlog.Share memory) {
        ByteArrayOutputStream all =
                new ByteArrayOutputStream((int) Math.min(Math.max(declared, 32), FREE));
        for (ByteBuffer bytes = next(deadline); bytes.hasRemaining(); bytes = next(deadline)) {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            if (all.size() + part.length > FREE && !memory.hold(part.length, Duration.ZERO)) {
                throw BUSY.because("the memory for bodies").retryAfter(Duration.ofSeconds(1));
            }
            all.writeBytes(part);
        }
        memory.end();
        return all.toByteArray();
    }

    /** Blocks until bytes or the end have come. */
    private void advance(Deadline deadline) {
        if (!started) {
            started = true;
            askForIt();
        }
        switch (take(deadline)) {
            case Piece.Bytes(ByteBuf bytes) -> {
                tookOne();
                count += bytes.readableBytes();
                waiting.took(bytes.readableBytes());
                current = bytes.nioBuffer();
                if (count > limit.bytes()) {
                    throw BODY_TOO_LARGE.because(limit);
                }
                if (!current.hasRemaining()) {
                    advance(deadline);
                }
            }
            case Piece.End() -> ended = true;
            case Piece.Broken() -> throw BODY_INCOMPLETE.because();
            case Piece.Malformed() ->
                    throw MALFORMED_REQUEST.because(
                            "a chunk of the body breaks RFC 9112 section 7.1");
            case Piece.Cut() -> throw BUSY.because("the server").retryAfter(Duration.ofSeconds(1));
        }
    }

    /** Has the socket read on for what was taken, for a few buffers at once. */
    private void tookOne() {
        if (++taken < WAITING / 2) {
            return;
        }
        int more = taken;
        taken = 0;
        loop.runOnContext(v -> {
            if (!request.isEnded()) {
                request.fetch(more);
            }
        });
    }

    /** A client that waits for leave to send gets it only now, when somebody wants the body. */
    private void askForIt() {
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            loop.runOnContext(v -> request.response().writeContinue());
        }
    }

    private Piece take(Deadline deadline) {
        Piece ready = pieces.poll();
        return ready == null ? await(deadline) : ready;
    }

    private Piece await(Deadline deadline) {
        long start = System.nanoTime();
        long most = Math.min(patience.pause.toNanos(), deadline.left().toNanos());
        waiting.begin();
        try {
            Piece piece = pieces.poll(most, TimeUnit.NANOSECONDS);
            waited += System.nanoTime() - start;
            if (piece == null) {
                throw tooSlow(deadline.passed() ? "was not whole in time" : "stopped coming");
            }
            if (waited > patience.pause.toNanos() && count < leastAfter(waited)) {
                throw tooSlow("came with less than " + patience.leastRate + " a second");
            }
            return piece;
        } catch (InterruptedException e) {
            throw new IllegalStateException("request threads are never interrupted", e);
        } finally {
            waiting.end();
        }
    }

    private static Refused tooSlow(String how) {
        return BODY_TOO_SLOW.because(how);
    }

    private double leastAfter(long nanos) {
        return (double) patience.leastRate.bytes() * nanos / 1e9;
    }

    /**
     * Whether all has come, read or not; what waits is dropped. Otherwise the connection cannot be
     * used again after the answer.
     */
    boolean complete() {
        while (!ended) {
            switch (pieces.poll()) {
                case Piece.Bytes(ByteBuf dropped) -> tookOne();
                case Piece.End() -> ended = true;
                case Piece.Broken() -> ended = true;
                case Piece.Cut() -> {
                    // The answer has been made all the same.
                }
                case Piece.Malformed() -> {
                    return false;
                }
                case null -> {
                    return declared == 0;
                }
            }
        }
        return true;
    }

    /**
     * Ends a connection whose client may still send: closing at once would reset it, and the client
     * would never read its answer (RFC 9112 section 9.6).
     */
    void abandon() {
        loop.runOnContext(v -> {
            if (request.isEnded()) {
                Streams.end(request);
                return;
            }
            request.handler(dropped -> {});
            request.endHandler(end -> Streams.end(request));
            request.resume();
            loop.owner().setTimer(LINGER.toMillis(), late -> Streams.end(request));
        });
    }

    @Override
    public boolean isOpen() {
        return !ended;
    }

    /**
     * Gives up on the rest, from any thread: a reader that waits sees a broken body. What was not
     * read is dropped when the answer ends.
     */
    @Override
    public void close() {
        pieces.offer(new Piece.Broken());
    }
}
