package dev.quintet.chat.centrifugo;

import dev.quintet.chat.Chat;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.http.Listener;
import dev.quintet.platform.http.Message;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.Socket;
import dev.quintet.platform.sql.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts the sockets of this node, pings them, and cuts those that have expired. */
public final class CentrifugoSockets implements AutoCloseable {

    static final String VERSION = "quintet";
    static final Wire JSON = new JsonWire();
    static final Wire PROTOBUF = new ProtobufWire();

    private static final Logger LOG = LoggerFactory.getLogger(CentrifugoSockets.class);

    private static final String PROTOBUF_PROTOCOL = "centrifuge-protobuf";
    private static final String JSON_PROTOCOL = "centrifuge-json";
    private static final DataSize LONGEST_FRAME = DataSize.kibibytes(512);
    // A connect command: its token, and each room that the client had with where it stopped.
    private static final int TOKEN = 16 * 1024;
    private static final int ROOM = 128;
    private static final Duration LOOK = Duration.ofMillis(250);
    // A stock client refreshes when its time is up, not before.
    private static final Duration TO_REFRESH = Duration.ofSeconds(25);

    private final Chat chat;
    private final Authenticator authenticator;
    private final UnaryOperator<Set<String>> stillLive;
    private final InstantSource time;
    private final Session.Surroundings around;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicLong slow = new AtomicLong();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofVirtual().name("chat-sockets").factory());

    /**
     * @param limiter counts a command as it counts a request
     * @param stillLive of these credentials those that are not revoked; asked four times a second
     */
    public CentrifugoSockets(
            Chat chat,
            Database db,
            Authenticator authenticator,
            UnaryOperator<Set<String>> stillLive,
            Limiter limiter,
            InstantSource time) {
        this.chat = chat;
        this.authenticator = authenticator;
        this.stillLive = stillLive;
        this.time = time;
        this.around = new Session.Surroundings(chat, new Calls(chat, db), this, limiter);
        later(LOOK, this::lookAndGoOn);
    }

    public Routes routes() {
        DataSize most = new DataSize(chat.config().maxQueued().bytes() * 4);
        long connect = TOKEN + ROOM * (long) chat.config().maxRoomsPerSocket();
        DataSize first = new DataSize(Math.min(connect, LONGEST_FRAME.bytes()));
        return Routes.of(
                "chat",
                Route.get("/connection/websocket")
                        .open("the access token travels in the connect command")
                        .says("The Centrifugo client protocol, JSON or Protobuf.")
                        .query("format", "protobuf, where the subprotocol does not say it")
                        .query("cf_protocol", "protobuf, likewise")
                        .opensToStrangers(
                                this::accept,
                                first,
                                LONGEST_FRAME,
                                most,
                                PROTOBUF_PROTOCOL,
                                JSON_PROTOCOL));
    }

    /** Sockets that were cut so far because more waited for one of them than may. */
    public long cutAsSlow() {
        return slow.get();
    }

    void countSlow() {
        slow.incrementAndGet();
    }

    private Listener accept(Request request) {
        boolean asked =
                request.query("format").filter("protobuf"::equals).isPresent()
                        || request.query("cf_protocol").filter("protobuf"::equals).isPresent();
        return new Entrance(asked);
    }

    /** Becomes a session when the socket is open and its protocol known. */
    private final class Entrance implements Listener {

        private final boolean asked;
        private @Nullable Session session;

        Entrance(boolean asked) {
            this.asked = asked;
        }

        @Override
        public void opened(Socket socket) {
            boolean protobuf =
                    asked || socket.protocol().filter(PROTOBUF_PROTOCOL::equals).isPresent();
            Session made = new Session(socket, protobuf, around, time.instant());
            session = made;
            sessions.add(made);
        }

        @Override
        public void received(Socket socket, Message message) {
            if (session != null) {
                session.received(socket, message);
            }
        }

        @Override
        public void closed(Socket socket, int code) {
            if (session != null) {
                session.closed(socket, code);
            }
        }
    }

    Instant now() {
        return time.instant();
    }

    Optional<Caller> authenticate(String token) {
        return token.isEmpty() ? Optional.empty() : authenticator.authenticate(token);
    }

    void later(Duration pause, Runnable work) {
        var _ = clock.schedule(work, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    void gone(Session session) {
        sessions.remove(session);
    }

    private void lookAndGoOn() {
        try {
            look();
        } catch (RuntimeException failure) {
            LOG.warn("a look at the sockets failed; the next one tries again", failure);
        }
        if (!clock.isShutdown()) {
            later(LOOK, this::lookAndGoOn);
        }
    }

    private void look() {
        Instant now = time.instant();
        Set<String> credentials =
                sessions.stream()
                        .flatMap(session -> session.identity().stream())
                        .map(who -> who.caller().credential())
                        .collect(Collectors.toSet());
        Set<String> live = credentials.isEmpty() ? Set.of() : stillLive.apply(credentials);
        for (Session session : sessions) {
            session.identity()
                    .filter(who -> credentials.contains(who.caller().credential()))
                    .ifPresent(who -> lookAtIdentity(session, who, live, now));
            switch (session.pulse().look(now)) {
                case NOTHING -> {}
                case PING -> session.send(new Reply.Ping());
                case CUT_STALE -> session.close(Disconnect.STALE);
                case CUT_SILENT -> session.close(Disconnect.NO_PONG);
            }
        }
    }

    private static void lookAtIdentity(
            Session session, Session.Identity who, Set<String> live, Instant now) {
        if (!live.contains(who.caller().credential())) {
            session.close(Disconnect.INVALID_TOKEN);
        } else if (who.expiresAt().filter(end -> end.plus(TO_REFRESH).isBefore(now)).isPresent()) {
            session.close(Disconnect.EXPIRED);
        }
    }

    /** Sends everybody elsewhere: stock clients come back to another node and resume. */
    @Override
    public void close() {
        clock.shutdown();
        sessions.forEach(session -> session.close(Disconnect.SHUTDOWN));
    }
}
