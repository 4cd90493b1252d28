package dev.quintet.platform.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.net.impl.ShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket as the last handler of its channel; together with Netty's frame decoder it is all
 * that is left of the connection after the handshake. An idle one holds no queue and no thread.
 *
 * <p>Fields marked "loop" belong to the event loop; the two queues are guarded by this object.
 */
final class LiveSocket extends ChannelInboundHandlerAdapter
        implements Socket, OpenWork.Lasting, Backlog.Client {

    private static final Logger log = LoggerFactory.getLogger(LiveSocket.class);

    static final int NORMAL = 1000;
    static final int PROTOCOL_ERROR = 1002;
    static final int NO_CODE = 1005;
    static final int ABNORMAL = 1006;
    static final int NOT_UTF8 = 1007;
    static final int POLICY = 1008;
    static final int TOO_BIG = 1009;
    static final int BROKEN = 1011;
    static final int RESTART = 1012;

    private static final int WAITING_IN = 8;
    // What a message in line takes up beside its bytes.
    private static final int COST = 128;
    private static final int BATCH = 16 * 1024;

    // What a client that does not read holds of the direct memory: a batch above the mark.
    private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(BATCH / 2, BATCH);
    private static final int CLOSING_SECONDS = 2;

    private final Channel channel;
    private final String id;
    private final Terms terms;
    private final Listener listener;
    private final OpenWork work;
    private final Backlog.Share waiting;
    private final Unhandled unhandled;

    // Since when the client took nothing of what waits; 0 while nothing does.
    private volatile long waitingSince;
    private volatile boolean admitted;

    // Guarded by this; null while there is nothing in them.
    private @Nullable ArrayDeque<Frame> out;
    private @Nullable ArrayDeque<Event> in;
    private boolean draining;
    private boolean reading;
    private long waitingOut;
    private long waitingIn;
    private boolean lagging;
    private boolean closing;
    private boolean leaving;
    private int code = ABNORMAL;

    // Loop: the message whose last fragment has not come.
    private @Nullable ByteArrayOutputStream parts;
    private boolean partsAreText;

    /** What was agreed in the handshake; shared by all sockets of one route and protocol. */
    record Terms(Optional<String> protocol, long maxFirst, long maxMessage, long maxQueued) {}

    private sealed interface Event {
        record Opened() implements Event {}

        record Received(Message message, int bytes) implements Event {}

        record Leaving() implements Event {}

        record Closed() implements Event {}
    }

    LiveSocket(
            Channel channel,
            String id,
            Terms terms,
            Listener listener,
            OpenWork work,
            Around.Backlogs backlogs) {
        this.channel = channel;
        this.waiting = backlogs.sockets().share(this);
        this.unhandled = new Unhandled(backlogs.received(), this::cutUnhandled);
        this.id = id;
        this.terms = terms;
        this.listener = listener;
        this.work = work;
    }

    /** On the loop, when the handshake's answer is on its way. */
    void open() {
        channel.config().setWriteBufferWaterMark(MARKS);
        tell(new Event.Opened());
        work.begin(this);
    }

    /** Closes behind what the listener was told already, so that its answers still go out. */
    @Override
    public void leave() {
        synchronized (this) {
            leaving = true;
        }
        tell(new Event.Leaving());
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Optional<String> protocol() {
        return terms.protocol();
    }

    @Override
    public boolean isOpen() {
        synchronized (this) {
            return !closing && channel.isActive();
        }
    }

    @Override
    public void admit() {
        admitted = true;
    }

    @Override
    public long queuedBytes() {
        synchronized (this) {
            return waitingOut;
        }
    }

    // Outbound: any thread queues, the loop writes all that waits with one flush.

    @Override
    public void send(Frame frame) {
        if (!offer(frame, false)) {
            close(POLICY, "too much is waiting to be read");
        }
    }

    @Override
    public void close(int why, String reason) {
        synchronized (this) {
            if (closing) {
                return;
            }
            code = why;
        }
        offer(Frame.close(why, reason), true);
        var _ = channel.eventLoop().schedule(this::disconnect, CLOSING_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public long waitingSince() {
        return waitingSince;
    }

    /** On any thread: other sockets need the memory that this client keeps waiting. */
    @Override
    public void cut() {
        synchronized (this) {
            if (!closing) {
                code = POLICY;
            }
            closing = true;
            out = null;
        }
        log.info("socket {} is cut: too much waits for slow clients, and it is the slowest", id);
        disconnect();
    }

    /** On any thread: what it has sent takes the room of others, and so do its messages in line. */
    private void cutUnhandled() {
        synchronized (this) {
            if (in != null) {
                in.removeIf(Event.Received.class::isInstance);
            }
            waitingIn = 0;
        }
        cut();
    }

    private void disconnect() {
        var _ = channel.close();
    }

    /** False if too much waits already; after the last frame nothing is taken any more. */
    private boolean offer(Frame frame, boolean last) {
        boolean wake;
        boolean lags;
        synchronized (this) {
            if (closing) {
                return true;
            }
            if (!last && waitingOut + frame.size() > terms.maxQueued()) {
                return false;
            }
            if (out == null) {
                out = new ArrayDeque<>(4);
            }
            out.add(frame);
            if (waitingOut == 0) {
                waitingSince = Backlog.now();
            }
            waitingOut += frame.size();
            closing = last;
            wake = !draining;
            draining = true;
            lags = lagging;
        }
        // Outside the lock: it may cut another socket, which takes that one's lock.
        if (lags) {
            count(frame.size());
        }
        if (wake) {
            channel.eventLoop().execute(this::drain);
        }
        return true;
    }

    /** On the loop; whatever breaks ends this socket alone. */
    private void drain() {
        try {
            writeWhatWaits();
        } catch (RuntimeException | OutOfMemoryError broken) {
            log.warn("socket {} could not be written to and is cut", id, broken);
            cut();
        }
    }

    /** Joins what waits into few writes while the client keeps up. */
    private void writeWhatWaits() {
        while (channel.isWritable() || !channel.isActive()) {
            ByteBuf batch = nextBatch();
            if (batch == null) {
                channel.flush();
                return;
            }
            int size = batch.readableBytes();
            channel.write(batch).addListener(written -> taken(size));
        }
        // Not writable: channelWritabilityChanged goes on from here.
        channel.flush();
        countWhatWaits();
    }

    /** From now on what waits for this client counts among that of all who lag. */
    private void countWhatWaits() {
        long bytes;
        synchronized (this) {
            if (lagging || waitingOut == 0) {
                return;
            }
            lagging = true;
            bytes = waitingOut;
        }
        count(bytes);
    }

    private void count(long bytes) {
        var _ = waiting.hold(bytes, Duration.ZERO);
        if (!channel.isActive()) {
            // It ended meanwhile, and gave back what it held before this.
            waiting.end();
        }
    }

    private synchronized @Nullable ByteBuf nextBatch() {
        if (out == null) {
            draining = false;
            return null;
        }
        int size = 0;
        int frames = 0;
        for (Frame frame : out) {
            if (frames > 0 && size + frame.size() > BATCH) {
                break;
            }
            size += frame.size();
            frames++;
        }
        ByteBuf batch = channel.alloc().directBuffer(size, size);
        for (; frames > 0; frames--) {
            batch.writeBytes(out.remove().wire());
        }
        if (out.isEmpty()) {
            out = null;
        }
        return batch;
    }

    private void taken(int bytes) {
        boolean lagged;
        synchronized (this) {
            waitingSince = sinceThen(waitingSince, waitingOut, bytes);
            waitingOut -= bytes;
            lagged = lagging;
            lagging = lagging && waitingOut > 0;
        }
        if (lagged) {
            waiting.release(bytes);
        }
    }

    /**
     * About when the oldest of what still waits came, if what waited has come evenly: who takes a
     * little now and then stays slow.
     */
    private static long sinceThen(long since, long waited, long taken) {
        long now = Backlog.now();
        return taken >= waited
                ? 0
                : (now - (long) ((now - since) * (1 - (double) taken / waited))) | 1;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            synchronized (this) {
                if (!draining) {
                    return;
                }
            }
            drain();
        }
    }

    // Inbound: the loop queues, a virtual thread tells the listener.

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof WebSocketFrame frame) {
                arrived(frame);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** On the loop: false when as many bytes of a frame are too many; then the socket closes. */
    boolean takes(int partOfFrame) {
        if (partOfFrame <= maxMessage()) {
            return true;
        }
        tooBig();
        return false;
    }

    /** On the loop: what the decoder's buffer takes up, beside the fragments here. */
    void keeps(int buffer) {
        unhandled.keeps(buffer + (parts == null ? 0 : parts.size()));
    }

    private long maxMessage() {
        return admitted ? terms.maxMessage() : terms.maxFirst();
    }

    private void tooBig() {
        parts = null;
        close(TOO_BIG, "a message is at most " + maxMessage() + " bytes");
    }

    private void arrived(WebSocketFrame frame) {
        switch (frame) {
            case CloseWebSocketFrame goodbye -> clientCloses(goodbye);
            case PingWebSocketFrame ping -> send(Frame.pong(bytes(ping.content())));
            case TextWebSocketFrame text -> begin(text, true);
            case BinaryWebSocketFrame binary -> begin(binary, false);
            case ContinuationWebSocketFrame more -> append(more);
            default -> {
                // A pong tells nothing that the open connection does not.
            }
        }
    }

    private void begin(WebSocketFrame frame, boolean text) {
        partsAreText = text;
        if (frame.content().readableBytes() > maxMessage()) {
            tooBig();
        } else if (frame.isFinalFragment()) {
            whole(bytes(frame.content()));
        } else {
            parts = new ByteArrayOutputStream();
            append(frame);
        }
    }

    private void append(WebSocketFrame frame) {
        ByteArrayOutputStream collected = parts;
        if (collected == null) {
            close(PROTOCOL_ERROR, "a continuation without a beginning");
        } else if (collected.size() + frame.content().readableBytes() > maxMessage()) {
            tooBig();
        } else {
            collected.writeBytes(bytes(frame.content()));
            if (frame.isFinalFragment()) {
                parts = null;
                whole(collected.toByteArray());
            }
        }
    }

    private void whole(byte[] payload) {
        if (!partsAreText) {
            received(new Message.Binary(ByteBuffer.wrap(payload)), payload.length);
            return;
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
            received(new Message.Text(text), payload.length);
        } catch (CharacterCodingException e) {
            close(NOT_UTF8, "a text message must be UTF-8");
        }
    }

    private void received(Message message, int length) {
        int bytes = length + COST;
        // It is no beginning any more, and counts before it is in line, where it may be handled.
        unhandled.keeps(0);
        unhandled.add(bytes);
        if (!tell(new Event.Received(message, bytes))) {
            unhandled.handled(bytes);
        }
    }

    private void clientCloses(CloseWebSocketFrame goodbye) {
        int theirs = goodbye.statusCode();
        synchronized (this) {
            if (!closing) {
                code = theirs < 0 ? NO_CODE : theirs;
            }
        }
        offer(Frame.close(theirs < 0 ? NORMAL : theirs, ""), true);
        // Behind the drain that the answer has started.
        channel.eventLoop().execute(this::disconnect);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case CorruptedWebSocketFrameException corrupt ->
                    close(corrupt.closeStatus().code(), String.valueOf(corrupt.getMessage()));
            default -> {
                log.debug("socket {} broke", id, cause);
                disconnect();
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ShutdownEvent) {
            restart();
        }
    }

    private void restart() {
        close(RESTART, "the server restarts; connect again");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        synchronized (this) {
            closing = true;
            out = null;
        }
        parts = null;
        unhandled.keeps(0);
        waiting.end();
        tell(new Event.Closed());
    }

    /** False when it is not told any more. */
    private boolean tell(Event event) {
        synchronized (this) {
            if (event instanceof Event.Received && (leaving || closing)) {
                return false;
            }
            if (in == null) {
                in = new ArrayDeque<>(4);
            }
            in.add(event);
            waitingIn += size(event);
            if (in.size() >= WAITING_IN || waitingIn > maxMessage()) {
                channel.config().setAutoRead(false);
            }
            if (reading) {
                return true;
            }
            reading = true;
        }
        Thread.ofVirtual().name("socket").start(this::tellListener);
        return true;
    }

    /** On a virtual thread that ends when nothing waits. */
    private void tellListener() {
        for (Event event = next(); event != null; event = next()) {
            try {
                switch (event) {
                    case Event.Opened() -> listener.opened(this);
                    case Event.Received(Message message, _) -> listener.received(this, message);
                    case Event.Leaving() -> restart();
                    case Event.Closed() -> tellClosed();
                }
            } catch (RuntimeException | Error e) {
                // Also an error ends this socket alone; nobody would be told of its end.
                log.error("the listener of socket {} broke", id, e);
                close(BROKEN, "something broke on our side");
            }
            if (event instanceof Event.Received(_, int bytes)) {
                unhandled.handled(bytes);
            }
        }
    }

    private void tellClosed() {
        try {
            listener.closed(this, code);
        } finally {
            unhandled.end();
            work.end(this);
        }
    }

    private synchronized @Nullable Event next() {
        if (in == null || in.isEmpty()) {
            in = null;
            reading = false;
            return null;
        }
        Event event = in.remove();
        waitingIn -= size(event);
        if (in.size() < WAITING_IN / 2
                && waitingIn <= maxMessage() / 2
                && !channel.config().isAutoRead()) {
            channel.config().setAutoRead(true);
        }
        return event;
    }

    private static int size(Event event) {
        return event instanceof Event.Received(_, int bytes) ? bytes : 0;
    }

    private static byte[] bytes(ByteBuf content) {
        byte[] copy = new byte[content.readableBytes()];
        content.getBytes(content.readerIndex(), copy);
        return copy;
    }
}
