package dev.quintet.chat.centrifugo;

import dev.quintet.chat.Chat;
import dev.quintet.chat.Delivery;
import dev.quintet.chat.Message;
import dev.quintet.chat.Room;
import dev.quintet.chat.ShownMessage;
import dev.quintet.chat.Subscriber;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Frame;
import dev.quintet.platform.http.Listener;
import dev.quintet.platform.http.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket's conversation. Its commands, and what its rooms ask of it, take turns; pushes do not:
 * they come under the order of their room and only queue a frame.
 */
final class Session implements Listener, Subscriber {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private static final int MAX_IN_FLIGHT = 64;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);
    private static final Duration LONGEST_STALL = Duration.ofSeconds(10);
    // A client that returns renews its own subscriptions right after the connect reply. A push of
    // the server's subscription to the same room before that would overtake what it recovers.
    private static final Duration OWN_SUBSCRIPTIONS = Duration.ofMillis(100);

    private final Socket socket;
    private final Surroundings around;
    private final Wire wire;
    private final Delivery.Form form;
    private final Pulse pulse;
    private final Seats seats;
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    // Held while this socket's own work waits for the database; nobody else's waits for it.
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile @Nullable Identity identity;
    private boolean toldExpired;
    private volatile Instant lastHeard;
    private volatile boolean closed;

    /** What all sessions share. */
    record Surroundings(Chat chat, Calls calls, CentrifugoSockets sockets, Limiter limiter) {}

    /** Who speaks, until when. */
    record Identity(String client, Caller caller, UUID person, Optional<Instant> expiresAt) {}

    Session(Socket socket, boolean protobuf, Surroundings around, Instant now) {
        this.socket = socket;
        this.around = around;
        this.wire = protobuf ? CentrifugoSockets.PROTOBUF : CentrifugoSockets.JSON;
        this.form = protobuf ? Delivery.Form.PROTOBUF : Delivery.Form.JSON;
        this.lastHeard = now;
        this.pulse = new Pulse(now, around.chat().config().ping());
        this.seats = new Seats(around.chat(), this);
    }

    Pulse pulse() {
        return pulse;
    }

    Optional<Identity> identity() {
        return Optional.ofNullable(identity);
    }

    private Identity known() {
        Identity who = identity;
        if (who == null) {
            throw new IllegalStateException("a seat before connect");
        }
        return who;
    }

    @Override
    public void opened(Socket same) {}

    @Override
    public void received(Socket same, dev.quintet.platform.http.Message message) {
        lastHeard = around.sockets().now();
        byte[] frame =
                switch (message) {
                    case dev.quintet.platform.http.Message.Text(String text) ->
                            text.getBytes(StandardCharsets.UTF_8);
                    case dev.quintet.platform.http.Message.Binary(ByteBuffer bytes) -> bytes(bytes);
                };
        turn.lock();
        try {
            for (Command command : wire.read(frame)) {
                if (closed) {
                    return;
                }
                obey(command);
            }
        } catch (Malformed malformed) {
            close(Disconnect.BAD_REQUEST.code, "bad request: " + malformed.reason());
        } finally {
            turn.unlock();
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private void obey(Command command) throws Malformed {
        if (command instanceof Command.Pong) {
            pulse.answered();
            return;
        }
        if (command.id() == 0 && !(command instanceof Command.Send)) {
            throw new Malformed("a command without an id");
        }
        if (identity == null && !(command instanceof Command.Connect)) {
            throw new Malformed("a command before connect");
        }
        try {
            Identity who = identity;
            if (who != null) {
                around.limiter().admit(Optional.of(who.caller()), "");
            }
            answer(command);
        } catch (Refused refused) {
            fail(command.id(), Calls.error(refused));
        } catch (RuntimeException failure) {
            LOG.error("a command of socket {} failed", socket.id(), failure);
            fail(command.id(), ProtocolError.INTERNAL);
        }
    }

    private void answer(Command command) throws Malformed {
        switch (command) {
            case Command.Connect connect -> connect(connect);
            case Command.Subscribe subscribe -> subscribe(subscribe);
            case Command.Unsubscribe(long id, String channel) -> {
                Seats.room(channel).ifPresent(seats::unsubscribe);
                send(new Reply.Unsubscribed(id));
            }
            case Command.Publish(long id, _) ->
                    fail(id, ProtocolError.permissionDenied("use rpc message.send"));
            case Command.Presence(long id, _) -> fail(id, ProtocolError.NOT_AVAILABLE);
            case Command.PresenceStats(long id, _) -> fail(id, ProtocolError.NOT_AVAILABLE);
            case Command.SubRefresh(long id, _) -> fail(id, ProtocolError.NOT_AVAILABLE);
            case Command.History history ->
                    send(HistoryCall.answer(around.chat(), known().caller(), history));
            case Command.Ping(long id) -> send(new Reply.Pinged(id));
            case Command.Pong _ -> pulse.answered();
            case Command.Send _ -> close(Disconnect.NOT_AVAILABLE);
            case Command.Rpc rpc -> call(rpc);
            case Command.Refresh refresh -> refresh(refresh);
        }
    }

    private void connect(Command.Connect connect) throws Malformed {
        if (identity != null) {
            throw new Malformed("connect twice");
        }
        Optional<Caller> caller = authenticate(connect.id(), connect.token());
        if (caller.isEmpty()) {
            return;
        }
        if (caller.get().person().isEmpty() || !caller.get().may(Scope.CHAT_READ)) {
            close(Disconnect.PERMISSION_DENIED);
            return;
        }
        Identity who = identify(caller.get(), connect.token());
        identity = who;
        if (!around.chat().enter(this)) {
            close(Disconnect.CONNECTION_LIMIT);
            return;
        }
        socket.admit();
        var subscriptions = seats.takeAll(who.caller(), connect.known());
        send(
                new Reply.Connected(
                        connect.id(), who.client(), lifetime(who), subscriptions, pulse.seconds()));
        pulse.begin(around.sockets().now());
        if (connect.known().isEmpty()) {
            seats.joinAll();
        } else {
            around.sockets().later(OWN_SUBSCRIPTIONS, () -> inTurn(seats::joinAll));
        }
    }

    private Identity identify(Caller caller, String token) {
        return new Identity(socket.id(), caller, caller.person().orElseThrow(), Expiry.of(token));
    }

    /** Empty when the reply or the close has already said why not. */
    private Optional<Caller> authenticate(long id, String token) {
        Optional<Caller> caller = around.sockets().authenticate(token);
        if (caller.isEmpty()) {
            boolean expired =
                    Expiry.of(token)
                            .filter(end -> end.isBefore(around.sockets().now()))
                            .isPresent();
            // A stranger is told once: each token costs a look at its signature, and a frame
            // holds hundreds.
            if (expired && (identity != null || !toldExpired)) {
                toldExpired = true;
                fail(id, ProtocolError.TOKEN_EXPIRED);
            } else {
                close(Disconnect.INVALID_TOKEN);
            }
        }
        return caller;
    }

    private Reply.Expiry lifetime(Identity who) {
        return new Reply.Expiry(
                who.expiresAt()
                        .map(end -> Duration.between(around.sockets().now(), end).toSeconds())
                        .map(left -> Math.clamp(left, 1, Integer.MAX_VALUE))
                        .orElse(0));
    }

    private void refresh(Command.Refresh refresh) {
        Optional<Caller> caller = authenticate(refresh.id(), refresh.token());
        if (caller.isEmpty()) {
            return;
        }
        Identity before = known();
        boolean same =
                caller.get().person().equals(before.caller().person())
                        && caller.get().organisation().equals(before.caller().organisation())
                        && caller.get().may(Scope.CHAT_READ);
        if (!same) {
            close(Disconnect.INVALID_TOKEN);
            return;
        }
        Identity who = identify(caller.get(), refresh.token());
        identity = who;
        send(new Reply.Refreshed(refresh.id(), who.client(), lifetime(who)));
    }

    private void subscribe(Command.Subscribe subscribe) {
        Optional<UUID> room = Seats.room(subscribe.channel());
        if (room.isEmpty()) {
            fail(subscribe.id(), ProtocolError.UNKNOWN_CHANNEL);
            return;
        }
        if (seats.subscribed(room.get())) {
            fail(subscribe.id(), ProtocolError.ALREADY_SUBSCRIBED);
            return;
        }
        if (seats.count() >= around.chat().config().maxRoomsPerSocket()) {
            fail(subscribe.id(), ProtocolError.limitExceeded("too many rooms on one socket"));
            return;
        }
        Seats.Taken taken = seats.take(known().caller(), room.get(), subscribe.since());
        send(new Reply.Subscribed(subscribe.id(), taken.subscription()));
        seats.join(room.get());
    }

    private void call(Command.Rpc rpc) {
        Optional<Supplier<String>> begun =
                around.calls().begin(known().caller(), rpc.method(), rpc.data());
        if (begun.isEmpty()) {
            fail(rpc.id(), ProtocolError.methodNotFound(rpc.method()));
            return;
        }
        // The order is fixed; the next command need not wait for this one's commit.
        inFlight.acquireUninterruptibly();
        Thread.ofVirtual()
                .name("chat-answer")
                .start(() -> {
                    try {
                        finish(rpc.id(), begun.get());
                    } finally {
                        inFlight.release();
                    }
                });
    }

    private void finish(long id, Supplier<String> result) {
        try {
            send(new Reply.RpcDone(id, result.get()));
        } catch (Refused refused) {
            fail(id, Calls.error(refused));
        } catch (RuntimeException failure) {
            LOG.error("a call of socket {} failed", socket.id(), failure);
            fail(id, ProtocolError.INTERNAL);
        }
    }

    private void fail(long id, ProtocolError error) {
        send(new Reply.Failed(id, error));
    }

    void send(Reply reply) {
        socket.send(frame(reply));
    }

    private Frame frame(Reply reply) {
        byte[] bytes = wire.write(reply);
        return wire.text() ? Frame.text(bytes) : Frame.binary(bytes);
    }

    void close(Disconnect why) {
        if (why == Disconnect.SLOW) {
            around.sockets().countSlow();
        }
        close(why.code, why.reason);
    }

    private void close(int code, String reason) {
        closed = true;
        socket.close(code, reason);
    }

    @Override
    public void closed(Socket same, int code) {
        closed = true;
        around.sockets().gone(this);
        turn.lock();
        try {
            seats.leaveAll();
        } finally {
            turn.unlock();
        }
        if (identity != null) {
            around.chat().exit(this);
        }
    }

    // What rooms ask.

    @Override
    public UUID person() {
        return known().person();
    }

    @Override
    public UUID organisation() {
        return known().caller().organisation();
    }

    @Override
    public Instant lastHeard() {
        return lastHeard;
    }

    @Override
    public boolean deliver(Delivery delivery) {
        if (closed) {
            return false;
        }
        if (socket.queuedBytes() > around.chat().config().maxQueued().bytes()) {
            close(Disconnect.SLOW);
            return false;
        }
        socket.send(delivery.frame(form, this::published));
        return true;
    }

    private Frame published(Message message) {
        return frame(
                new Reply.Published(
                        Room.channel(message.room()),
                        new Reply.Publication(message.seq(), ShownMessage.of(message).json())));
    }

    @Override
    public boolean ready() {
        long bound = around.chat().config().maxQueued().bytes() / 4;
        long end = System.nanoTime() + LONGEST_STALL.toNanos();
        while (!closed && socket.queuedBytes() > bound) {
            if (System.nanoTime() - end > 0) {
                close(Disconnect.SLOW);
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return !closed;
    }

    @Override
    public void added(UUID room) {
        inTurn(() -> seats.added(known().caller(), room));
    }

    @Override
    public void removed(UUID room) {
        if (seats.forget(room)) {
            send(new Reply.Left(Room.channel(room), 2000, "no member any more"));
        }
    }

    @Override
    public void expelled() {
        close(Disconnect.INVALID_TOKEN);
    }

    /** Later, on a thread of its own, between two commands. */
    void inTurn(Runnable work) {
        Thread.ofVirtual()
                .name("chat-seat")
                .start(() -> {
                    turn.lock();
                    try {
                        if (!closed) {
                            work.run();
                        }
                    } catch (RuntimeException failure) {
                        LOG.warn("socket {} starts over", socket.id(), failure);
                        close(Disconnect.SERVER_ERROR);
                    } finally {
                        turn.unlock();
                    }
                });
    }
}
