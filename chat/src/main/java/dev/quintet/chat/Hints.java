package dev.quintet.chat;

import dev.quintet.platform.bus.Bus;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What chat says over the bus, as bytes: ids of 16 bytes behind one byte of meaning. Any of it may
 * be lost, and comes back to its own node too.
 */
final class Hints implements AutoCloseable {

    private static final String TOPIC = "chat";
    private static final int ID_BYTES = 16;
    private static final int PERSONS_PER_HINT = (Bus.LONGEST - 1 - ID_BYTES) / ID_BYTES;

    private static final byte MESSAGES = 1;
    private static final byte ADDED = 2;
    private static final byte REMOVED = 3;
    private static final byte ONLINE = 4;
    private static final byte OFFLINE = 5;
    private static final byte EXPELLED = 6;

    /** Who reacts; none of it may wait. */
    interface Ears {
        void messages(UUID room, long lastSeq);

        void added(UUID room, Set<UUID> persons);

        void removed(UUID room, Set<UUID> persons);

        void online(UUID node, Set<UUID> persons);

        void offline(UUID node, Set<UUID> persons);

        void expelled(Set<UUID> persons);
    }

    private final Bus bus;
    private final List<Bus.Subscription> subscriptions = new ArrayList<>();

    Hints(Bus bus) {
        this.bus = bus;
    }

    void listen(Ears ears) {
        subscriptions.add(bus.subscribe(TOPIC, payload -> hear(ears, ByteBuffer.wrap(payload))));
    }

    private static void hear(Ears ears, ByteBuffer in) {
        byte meaning = in.get();
        UUID subject = id(in);
        switch (meaning) {
            case MESSAGES -> ears.messages(subject, in.getLong());
            case ADDED -> ears.added(subject, ids(in));
            case REMOVED -> ears.removed(subject, ids(in));
            case ONLINE -> ears.online(subject, ids(in));
            case OFFLINE -> ears.offline(subject, ids(in));
            case EXPELLED -> ears.expelled(Set.of(subject));
            default -> {
                // A hint of a later release: not knowing it is no loss.
            }
        }
    }

    void messages(UUID room, long lastSeq) {
        ByteBuffer out = ByteBuffer.allocate(1 + ID_BYTES + Long.BYTES).put(MESSAGES);
        bus.publish(TOPIC, put(out, room).putLong(lastSeq).array());
    }

    void added(UUID room, Collection<UUID> persons) {
        say(ADDED, room, persons);
    }

    void removed(UUID room, Collection<UUID> persons) {
        say(REMOVED, room, persons);
    }

    void online(UUID node, Collection<UUID> persons) {
        say(ONLINE, node, persons);
    }

    void offline(UUID node, Collection<UUID> persons) {
        say(OFFLINE, node, persons);
    }

    void expelled(UUID person) {
        bus.publish(TOPIC, put(ByteBuffer.allocate(1 + ID_BYTES).put(EXPELLED), person).array());
    }

    private void say(byte meaning, UUID subject, Collection<UUID> persons) {
        List<UUID> all = List.copyOf(persons);
        for (int from = 0; from < all.size(); from += PERSONS_PER_HINT) {
            List<UUID> some = all.subList(from, Math.min(all.size(), from + PERSONS_PER_HINT));
            ByteBuffer out = ByteBuffer.allocate(1 + ID_BYTES * (1 + some.size())).put(meaning);
            put(out, subject);
            some.forEach(person -> put(out, person));
            bus.publish(TOPIC, out.array());
        }
    }

    private static ByteBuffer put(ByteBuffer out, UUID id) {
        return out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID id(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong());
    }

    private static Set<UUID> ids(ByteBuffer in) {
        Set<UUID> ids = new HashSet<>();
        while (in.remaining() >= ID_BYTES) {
            ids.add(id(in));
        }
        return ids;
    }

    @Override
    public void close() {
        subscriptions.forEach(Bus.Subscription::close);
    }
}
