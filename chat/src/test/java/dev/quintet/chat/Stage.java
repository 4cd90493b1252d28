package dev.quintet.chat;

import dev.quintet.chat.centrifugo.CentrifugoSockets;
import dev.quintet.chat.http.ChatRoutes;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Outbox;
import dev.quintet.platform.events.Tail;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.sql.TestDatabase;
import dev.quintet.platform.sql.Tx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Chat on real PostgreSQL and real sockets, on as many nodes as a test wants. */
public final class Stage implements AutoCloseable {

    static final UUID OTHER_ORGANISATION = new UUID(0x7000L, 0x8000_0000_0000_0002L);

    final List<Event> events = new CopyOnWriteArrayList<>();
    final Set<String> revoked = ConcurrentHashMap.newKeySet();
    final Set<UUID> strangers = ConcurrentHashMap.newKeySet();

    private final Ids ids = new Ids(InstantSource.system(), new SecureRandom());
    private final Outbox outbox = new Outbox(ids);
    private final TestDatabase database = TestDatabase.create(this::announced, "chat");
    private final Map<String, Caller> tokens = new ConcurrentHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Bus bus;
    private final Set<Bus> buses = new HashSet<>();
    volatile InstantSource time = InstantSource.system();
    volatile Limiter limiter = Limiter.NONE;

    Stage() {
        this(new LocalBus());
    }

    Stage(Bus bus) {
        this.bus = bus;
    }

    /** One server's chat. */
    static final class Node implements AutoCloseable {

        final Chat chat;
        final CentrifugoSockets sockets;
        final TestWeb web;
        private final Tail<MessagesSent> tail;

        Node(Stage stage, Chat chat) {
            this.chat = chat;
            this.tail = tail(stage.database(), stage.outbox, chat);
            this.sockets =
                    new CentrifugoSockets(
                            chat,
                            stage.database(),
                            stage::authenticate,
                            stage::stillLive,
                            (caller, address) -> stage.limiter.admit(caller, address),
                            () -> stage.time.instant());
            this.web =
                    TestWeb.of(
                            stage::authenticate,
                            sockets.routes(),
                            new ChatRoutes(
                                            chat,
                                            stage.ids,
                                            new Idempotency(stage.database(), stage.once()))
                                    .routes());
        }

        String address() {
            return "ws://127.0.0.1:" + web.port() + "/connection/websocket";
        }

        @Override
        public void close() {
            sockets.close();
            web.close();
            tail.close();
            chat.close();
        }
    }

    static Tail<MessagesSent> tail(Database db, Outbox outbox, Chat chat) {
        return new Tail<>(db, outbox, MessagesSent.class, Duration.ofMillis(50), chat::announced)
                .start();
    }

    /** A person with a token that may chat. */
    record Person(UUID id, String token, Caller caller) {

        String shown() {
            return IdKind.PERSON.show(id);
        }
    }

    Node node() {
        return node(settings());
    }

    Node node(ChatConfig config) {
        return node(config, new SendingStore(), LiveRooms::new);
    }

    Node node(ChatConfig config, SendingStore store, Chat.MakeLive live) {
        return node(config, store, live, bus);
    }

    Node node(ChatConfig config, SendingStore store, Chat.MakeLive live, Bus nodesBus) {
        buses.add(nodesBus);
        Chat chat =
                new Chat(
                        database(),
                        new Chat.Parts(store, live),
                        nodesBus,
                        ids,
                        () -> time.instant(),
                        new SecureRandom(),
                        config,
                        this::known);
        Node node = new Node(this, chat);
        nodes.add(node);
        return node;
    }

    private record Root(ChatConfig chat) {}

    /** The defaults, with the position check at 300 ms. */
    static ChatConfig settings() {
        return settings(Map.of());
    }

    /** The same with other settings, by their names. */
    static ChatConfig settings(Map<String, String> others) {
        Map<String, String> given = new HashMap<>(Map.of("chat.positionCheck", "300ms"));
        others.forEach((name, value) -> given.put("chat." + name, value));
        return new Settings<>(Root.class, List.of()).load("", Map.of(), given).chat();
    }

    Person person(Scope... more) {
        return person(Caller.ROOT, more);
    }

    Person person(UUID organisation, Scope... more) {
        UUID id = ids.next();
        Set<Scope> scopes = new HashSet<>(Set.of(Scope.CHAT_READ, Scope.CHAT_WRITE));
        scopes.addAll(List.of(more));
        String token = SecretWatch.made("token-" + id);
        Caller caller = new Caller("session:" + id, organisation, Optional.of(id), scopes);
        tokens.put(token, caller);
        return new Person(id, token, caller);
    }

    /** A credential that acts in nobody's name. */
    Person server(Scope... scopes) {
        UUID id = ids.next();
        Caller caller = new Caller("key:" + id, Caller.ROOT, Optional.empty(), Set.of(scopes));
        String key = SecretWatch.made("key-" + id);
        tokens.put(key, caller);
        return new Person(id, key, caller);
    }

    void token(String token, Caller caller) {
        tokens.put(token, caller);
    }

    private Optional<Caller> authenticate(String token) {
        return Optional.ofNullable(tokens.get(token))
                .filter(caller -> !revoked.contains(caller.credential()));
    }

    private Set<String> stillLive(Set<String> credentials) {
        Set<String> live = new HashSet<>(credentials);
        live.removeAll(revoked);
        return live;
    }

    private Set<UUID> known(Tx tx, UUID organisation, java.util.Collection<UUID> persons) {
        Set<UUID> known = new HashSet<>(persons);
        known.removeAll(strangers);
        return known;
    }

    private void announced(Tx tx, List<? extends Event> told) {
        outbox.announce(tx, told);
        tx.afterCommit(() -> events.addAll(told));
    }

    Database database() {
        return database.database();
    }

    private Once once() {
        return new Once(
                database(),
                new Keys(MasterKey.parse("0a".repeat(32)), List.of(), new SecureRandom()));
    }

    TestDatabase testDatabase() {
        return database;
    }

    UUID group(Node node, Person creator, Person... members) {
        Set<UUID> persons = new HashSet<>();
        for (Person member : members) {
            persons.add(member.id());
        }
        return database()
                .tx(tx ->
                        node.chat.create(tx, creator.caller(), RoomKind.GROUP, "a group", persons))
                .id();
    }

    /** All messages of a room, read from PostgreSQL. */
    List<Message> stored(UUID room) {
        return database().read(tx -> new ChatStore().after(tx, room, 0, 1_000_000));
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
        buses.forEach(Bus::close);
        database.close();
    }
}
