package dev.quintet.chat;

import dev.quintet.platform.bus.Bus;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What chat says over the bus, as bytes: ids of 16 bytes behind one byte of meaning. Any of it may
 * be lost, and comes back to its own node too.
 */
final class Hints implements AutoCloseable {

    private static final String TOPIC = "chat";
    private static final int ID_BYTES = 16;
    private static final int PERSONS_PER_HINT =
            (Bus.LONGEST - 1 - ID_BYTES - Long.BYTES) / ID_BYTES;
    private static final int SIGNS_PER_HINT =
            (Bus.LONGEST - 1 - ID_BYTES) / (ID_BYTES + Long.BYTES);

    private static final byte ADDED = 2;
    private static final byte REMOVED = 3;
    private static final byte ONLINE = 4;
    private static final byte OFFLINE = 5;
    private static final byte EXPELLED = 6;
    private static final byte BEAT = 7;
    private static final byte TELL = 8;
    private static final byte ALL = 9;

    /** Who reacts; none of it may wait. */
    interface Ears {
        void added(UUID room, Set<UUID> persons);

        void removed(UUID room, Set<UUID> persons);

        void expelled(Set<UUID> persons);

        /** These people have a socket on that node now. */
        void online(UUID node, Set<UUID> persons);

        /** These have none there any more; with the last sign of life of each. */
        void offline(UUID node, Map<UUID, Instant> persons);

        /** How many people that node has, and a digest of who they are. */
        void beat(UUID node, int count, long digest);

        /** That node is to say who is there. */
        void tell(UUID node);

        /** A part of all who are on that node, in its n-th telling. */
        void all(UUID node, long telling, Set<UUID> persons);
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
            case ADDED -> ears.added(subject, ids(in));
            case REMOVED -> ears.removed(subject, ids(in));
            case ONLINE -> ears.online(subject, ids(in));
            case OFFLINE -> ears.offline(subject, signs(in));
            case EXPELLED -> ears.expelled(Set.of(subject));
            case BEAT -> ears.beat(subject, in.getInt(), in.getLong());
            case TELL -> ears.tell(subject);
            case ALL -> ears.all(subject, in.getLong(), ids(in));
            default -> {
                // A hint of a later release: not knowing it is no loss.
            }
        }
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

    void offline(UUID node, Map<UUID, Instant> persons) {
        List<Map.Entry<UUID, Instant>> all = List.copyOf(persons.entrySet());
        for (int from = 0; from < all.size(); from += SIGNS_PER_HINT) {
            List<Map.Entry<UUID, Instant>> some =
                    all.subList(from, Math.min(all.size(), from + SIGNS_PER_HINT));
            ByteBuffer out = begun(OFFLINE, node, some.size() * (ID_BYTES + Long.BYTES));
            some.forEach(one -> put(out, one.getKey()).putLong(one.getValue().toEpochMilli()));
            publish(out);
        }
    }

    void beat(UUID node, int count, long digest) {
        publish(begun(BEAT, node, Integer.BYTES + Long.BYTES).putInt(count).putLong(digest));
    }

    void tell(UUID node) {
        publish(begun(TELL, node, 0));
    }

    void all(UUID node, long telling, Collection<UUID> persons) {
        inParts(
                persons,
                some -> {
                    ByteBuffer out =
                            begun(ALL, node, Long.BYTES + some.size() * ID_BYTES).putLong(telling);
                    some.forEach(person -> put(out, person));
                    publish(out);
                });
    }

    void expelled(UUID person) {
        publish(begun(EXPELLED, person, 0));
    }

    private void say(byte meaning, UUID subject, Collection<UUID> persons) {
        inParts(
                persons,
                some -> {
                    ByteBuffer out = begun(meaning, subject, some.size() * ID_BYTES);
                    some.forEach(person -> put(out, person));
                    publish(out);
                });
    }

    private static void inParts(Collection<UUID> persons, Consumer<List<UUID>> part) {
        List<UUID> all = List.copyOf(persons);
        for (int from = 0; from < all.size(); from += PERSONS_PER_HINT) {
            part.accept(all.subList(from, Math.min(all.size(), from + PERSONS_PER_HINT)));
        }
    }

    private void publish(ByteBuffer out) {
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        bus.publish(TOPIC, bytes);
    }

    private static ByteBuffer begun(byte meaning, UUID subject, int more) {
        return put(ByteBuffer.allocate(1 + ID_BYTES + more).put(meaning), subject);
    }

    private static ByteBuffer put(ByteBuffer out, UUID id) {
        return out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID id(ByteBuffer in) {
        return new UUID(in.getLong(), in.getLong());
    }

    private static Map<UUID, Instant> signs(ByteBuffer in) {
        Map<UUID, Instant> signs = new HashMap<>();
        while (in.remaining() >= ID_BYTES + Long.BYTES) {
            signs.put(id(in), Instant.ofEpochMilli(in.getLong()));
        }
        return signs;
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
