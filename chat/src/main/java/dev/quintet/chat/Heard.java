package dev.quintet.chat;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What this node does about a hint. */
record Heard(LiveRooms live, Presence presence) implements Hints.Ears {

    @Override
    public void added(UUID room, Set<UUID> persons) {
        persons.forEach(person -> presence.sockets(person).forEach(one -> one.added(room)));
    }

    @Override
    public void removed(UUID room, Set<UUID> persons) {
        persons.forEach(person -> live.remove(room, presence.sockets(person)));
    }

    @Override
    public void expelled(Set<UUID> persons) {
        persons.forEach(person -> presence.sockets(person).forEach(Subscriber::expelled));
    }

    @Override
    public void online(UUID node, Set<UUID> persons) {
        presence.heardOnline(node, persons);
    }

    @Override
    public void offline(UUID node, Map<UUID, Instant> persons) {
        presence.heardOffline(node, persons);
    }

    @Override
    public void beat(UUID node, int count, long digest) {
        presence.heardBeat(node, count, digest);
    }

    @Override
    public void tell(UUID node) {
        presence.heardTell(node);
    }

    @Override
    public void all(UUID node, long telling, Set<UUID> persons) {
        presence.heardAll(node, telling, persons);
    }
}
